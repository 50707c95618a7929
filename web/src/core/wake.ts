// Keeps the screen on, if the browser can. It cannot in an insecure context.
import { type Signal, signal } from "./signal.ts";

export type WakeLock = {
  supported: boolean;
  held: Signal<boolean>;
  want(on: boolean): Promise<void>;
};

export function createWakeLock(): WakeLock {
  const held = signal(false);
  const source = globalThis.navigator?.wakeLock;
  let wanted = false;
  let lock: WakeLockSentinel | undefined;

  async function ask(): Promise<void> {
    if (!wanted || held.value || document.visibilityState !== "visible") return;
    try {
      lock = await source.request("screen");
      held.value = true;
      lock.addEventListener("release", () => {
        held.value = false;
      });
    } catch {
      // Low battery, or no gesture yet. The page asks again when it becomes visible.
    }
  }
  // The browser releases the lock of a hidden page.
  if (source) document.addEventListener("visibilitychange", () => void ask());

  return {
    supported: !!source,
    held,
    async want(on) {
      wanted = on && !!source;
      if (wanted) await ask();
      else await lock?.release();
    },
  };
}
