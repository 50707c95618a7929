// Reads repeatedly: at once when the page becomes visible or online, and after growing pauses while
// reads fail. With a socket, it also reads each time the socket opens.
import type { Failure } from "./api.ts";
import { type Clock, later } from "./clock.ts";
import type { Freshness } from "./freshness.ts";
import type { Live } from "./live.ts";
import { type Signal, signal } from "./signal.ts";

export type PollerSettings = {
  /** Returns the failure, if there is one. */
  read(): Promise<Failure | undefined>;
  /** Milliseconds between two reads. */
  interval(): number;
  clock: Clock;
  live?: Live | undefined;
  random?(): number;
  schedule?(run: () => void, ms: number): () => void;
  /**
   * Calls `run` when the page is shown or becomes visible, online or offline, until the returned
   * function is called.
   */
  wakes?(run: () => void): () => void;
};
export type Poller = {
  /** `wait`: ms after which the first read begins, unless the socket opens before. */
  start(wait?: number): void;
  stop(): void;
  /** Reads at once; a read that is under way is followed by another one. */
  now(): Promise<void>;
  /**
   * Called after a message or a command. Unless the last read failed, the data is fresh then, and
   * the next read is planned again.
   */
  updated(): void;
  freshness: Signal<Freshness>;
};

export const LONGEST = 30_000;
/** Longest interval from which the pause after a failed read is computed. */
const SOON = 5000;

/**
 * Milliseconds to the next read, spread by ±20 %, so that phones do not read at the same time. At
 * least the time that `failure` asks for, but this counts for at most five minutes. `failures`: how
 * many of the last reads failed in a row.
 */
export function pause(every: number, failures: number, failure: Failure | undefined, random: number): number {
  const interval = failures ? Math.min(every, SOON) : every;
  const backoff = Math.min(LONGEST, interval * 2 ** Math.min(failures, 10));
  const asked = Math.min(failure?.retryAfter ?? 0, 300) * 1000;
  return Math.max(asked, Math.max(interval, backoff) * (0.8 + 0.4 * random));
}

function pageWakes(run: () => void): () => void {
  const ends = new AbortController();
  const visible = () => document.visibilityState === "visible" && run();
  document.addEventListener("visibilitychange", visible, ends);
  for (const type of ["online", "offline", "pageshow"]) addEventListener(type, run, ends);
  return () => ends.abort();
}

/** Runs one at a time. A call of `now` during a run causes another run after it. */
function inTurn(run: () => Promise<void>): { now(): Promise<void>; busy(): boolean } {
  let busy: Promise<void> | undefined;
  let again = false;
  const all = async () => {
    while (again) {
      again = false;
      await run();
    }
    busy = undefined;
  };
  return {
    busy: () => !!busy,
    now() {
      again = true;
      busy ??= all();
      return busy;
    },
  };
}

export function createPoller(settings: PollerSettings): Poller {
  const { clock, interval, live, random = Math.random, schedule = later, wakes = pageWakes } = settings;
  const freshness = signal<Freshness>({ kind: "starting", everySeconds: interval() / 1000 });
  let [failures, running] = [0, false];
  let cancel = () => {};
  let asleep = () => {};

  function plan(ms: number): void {
    cancel();
    if (running) cancel = schedule(() => void now(), ms);
  }

  function rest(failure?: Failure): void {
    // While the socket was open, the data was fresh until this failure.
    const at = failure && freshness.value.kind !== "live" ? freshness.value.at : clock.now();
    const good = live?.open.value ? "live" : "fresh";
    const kind = !failure ? good : failure.code === "offline" ? "offline" : "late";
    freshness.value = { kind, everySeconds: Math.round(interval() / 1000), at };
    plan(pause(interval(), failures, failure, random()));
  }

  const { now, busy } = inTurn(async () => {
    cancel();
    const failure = await settings.read();
    failures = failure ? failures + 1 : 0;
    rest(failure);
  });

  live?.open.subscribe((open) => {
    if (!running) return;
    if (open) void now();
    else if (!busy()) plan(pause(interval(), failures, undefined, random()));
  });

  return {
    freshness,
    now,
    updated() {
      // After a failed read only another read shows that the bar answers.
      if (!busy() && !failures) rest();
    },
    start(wait) {
      if (running) return;
      running = true;
      asleep = wakes(() => {
        live?.wake();
        void now();
      });
      live?.start();
      if (wait) plan(wait);
      else void now();
    },
    stop() {
      running = false;
      cancel();
      asleep();
      live?.stop();
    },
  };
}
