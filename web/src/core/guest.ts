// The secret of a guest: the phone makes it, nobody else keeps it.
import type { Storage } from "./storage.ts";

const KEY = "guest";
const DAY = 24 * 3600 * 1000;

type Kept = { secret: string; at: number };

export const isGuest = (text: string): boolean => /^guest_[A-Za-z0-9_-]{43}$/.test(text);

function make(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(32);
  random(bytes);
  const text = btoa(String.fromCharCode(...bytes));
  return `guest_${text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** Runs alone among the tabs of this browser, where the browser can do that. */
async function alone<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks ? ((await locks.request(name, run)) as T) : run();
}

export type GuestOptions = {
  now: number;
  /** An order is open: its customer must stay the same. */
  keep: boolean;
  random?: (bytes: Uint8Array) => void;
};

/** Time in which other tabs, which are other processes, see what this one has stored. */
const SPREADS = 150;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The secret of this shop; a new one after a day without an open order. */
export function guestSecret(storage: Storage, options: GuestOptions): Promise<string> {
  const random = options.random ?? ((bytes) => void crypto.getRandomValues(bytes));
  return new Promise((give, fail) => {
    const choose = () => {
      const kept = storage.read<Kept>(KEY);
      if (kept && isGuest(kept.secret) && (options.keep || options.now - kept.at < DAY)) {
        return give(kept.secret);
      }
      const secret = make(random);
      storage.write(KEY, { secret, at: options.now } satisfies Kept);
      give(secret);
      // The next tab waits for it; this one does not.
      return pause(SPREADS);
    };
    alone("bar:guest", choose).catch(fail);
  });
}

export { alone };
