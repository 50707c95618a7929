// The guest secret, which the page makes and the browser stores.
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

/** Calls `run` in one tab of this browser at a time; at once if the browser has no Web Locks. */
async function alone<T>(name: string, run: () => T | Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks ? ((await locks.request(name, run)) as T) : run();
}

export type GuestOptions = {
  now: number;
  /** True if the secret must not change, because an order is shown or open. */
  keep: boolean;
  random?: (bytes: Uint8Array) => void;
};

/** Milliseconds after which other tabs, which may be other processes, see a stored value. */
const SPREADS = 150;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The secret for this shop. One that is a day old is replaced, unless `keep` is set. */
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
      // The lock is held during this pause, so that the next tab reads this secret.
      return pause(SPREADS);
    };
    alone("bar:guest", choose).catch(fail);
  });
}

export { alone };
