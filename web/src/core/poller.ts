// Reads again and again: at once when the page becomes visible or online, later after failures.
import type { Failure } from "./api.ts";
import type { Clock } from "./clock.ts";
import type { Freshness } from "./freshness.ts";
import { type Signal, signal } from "./signal.ts";

export type PollerSettings = {
  /** Answers with the failure, if there is one. */
  read(): Promise<Failure | undefined>;
  /** Milliseconds between two reads. */
  interval(): number;
  clock: Clock;
  random?(): number;
  schedule?(run: () => void, ms: number): () => void;
  /** Calls back when the page is visible again or online. */
  wakes?(run: () => void): () => void;
  visible?(): boolean;
};
export type Poller = {
  start(): void;
  stop(): void;
  /** Reads at once; a read that is under way is followed by another one. */
  now(): Promise<void>;
  freshness: Signal<Freshness>;
};

export const LONGEST = 30_000;

/** Milliseconds to the next read, with ±20 % so that phones do not ask together. */
export function pause(
  interval: number,
  failures: number,
  failure: Failure | undefined,
  random: number,
): number {
  const backoff = Math.min(LONGEST, interval * 2 ** Math.min(failures, 10));
  const asked = Math.min(failure?.retryAfter ?? 0, 300) * 1000;
  return Math.max(asked, Math.max(interval, backoff) * (0.8 + 0.4 * random));
}

function pageWakes(run: () => void): () => void {
  const visible = () => document.visibilityState === "visible" && run();
  document.addEventListener("visibilitychange", visible);
  addEventListener("online", run);
  addEventListener("pageshow", run);
  return () => {
    document.removeEventListener("visibilitychange", visible);
    removeEventListener("online", run);
    removeEventListener("pageshow", run);
  };
}

function timer(run: () => void, ms: number): () => void {
  const handle = setTimeout(run, ms);
  return () => clearTimeout(handle);
}

export function createPoller(settings: PollerSettings): Poller {
  const { clock, interval, random = Math.random, schedule = timer, wakes = pageWakes } = settings;
  const freshness = signal<Freshness>({ kind: "starting", everySeconds: interval() / 1000 });
  let failures = 0;
  let running = false;
  let busy: Promise<void> | undefined;
  let again = false;
  let cancel = () => {};
  let asleep = () => {};

  async function read(): Promise<void> {
    cancel();
    const failure = await settings.read();
    failures = failure ? failures + 1 : 0;
    const everySeconds = Math.round(interval() / 1000);
    const at = failure ? freshness.value.at : clock.now();
    const kind = !failure ? "fresh" : failure.code === "offline" ? "offline" : "late";
    freshness.value = { kind, everySeconds, ...(at === undefined ? {} : { at }) };
    if (running) cancel = schedule(() => void now(), pause(interval(), failures, failure, random()));
  }

  async function now(): Promise<void> {
    if (busy) {
      again = true;
      return busy;
    }
    busy = (async () => {
      do {
        again = false;
        await read();
      } while (again);
    })();
    await busy.finally(() => {
      busy = undefined;
    });
  }

  return {
    freshness,
    now,
    start() {
      if (running) return;
      running = true;
      asleep = wakes(() => void now());
      void now();
    },
    stop() {
      running = false;
      cancel();
      asleep();
    },
  };
}
