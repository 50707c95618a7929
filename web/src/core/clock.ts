// The server's time, so that ages and countdowns are right on a device with a wrong clock.

export type Clock = {
  /** Milliseconds since the epoch, as the server counts them. */
  now(): number;
  /**
   * Learns the server's time from the header `Date` of an answer. `sent`, `received`: the device's
   * time before the request and after the answer.
   */
  observe(date: string | null, sent: number, received: number): void;
  /** Seconds since an instant, at least 0. */
  ageSeconds(instant: string): number;
  /** Seconds until an instant, at least 0. */
  secondsUntil(instant: string): number;
};

/**
 * The header `Date` has whole seconds, so an answer only bounds the offset between server and
 * device. Further answers narrow the bounds. `device`: the device's time in ms.
 */
export function createClock(device: () => number = Date.now): Clock {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  const offset = () => (Number.isFinite(low) ? (low + high) / 2 : 0);
  const now = () => device() + offset();
  return {
    now,
    observe(date, sent, received) {
      const server = Date.parse(date ?? "");
      if (Number.isNaN(server)) return;
      const least = server - received;
      const most = server + 1000 - sent;
      low = Math.max(low, least);
      high = Math.min(high, most);
      // The device's clock was changed, or an answer came out of a cache.
      if (low > high) [low, high] = [least, most];
    },
    ageSeconds: (instant) => Math.max(0, Math.floor((now() - Date.parse(instant)) / 1000)),
    secondsUntil: (instant) => Math.max(0, Math.ceil((Date.parse(instant) - now()) / 1000)),
  };
}

/** Calls `run` once, after `ms`, unless the returned function is called before. */
export function later(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

export function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  return () => clearInterval(timer);
}
