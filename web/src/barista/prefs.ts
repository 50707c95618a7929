// Choices of this tablet.
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";

/**
 * `long`, `late`: minutes after which an order has waited long, or is late. `undo`: seconds for
 * which a completion can be undone. `keys`: keys of a keyboard choose and change orders. `wake`:
 * the screen stays on.
 */
export type Prefs = { long: number; late: number; undo: number; keys: boolean; wake: boolean };
const DEFAULTS: Prefs = { long: 2, late: 5, undo: 5, keys: true, wake: false };

export type PrefsSetting = { prefs: Signal<Prefs>; setPrefs(change: Partial<Prefs>): void };

export function createPrefs(storage: Storage): PrefsSetting {
  const prefs = signal({ ...DEFAULTS, ...storage.read<Partial<Prefs>>("prefs") });
  return {
    prefs,
    setPrefs(change) {
      prefs.value = { ...prefs.value, ...change };
      storage.write("prefs", prefs.value);
    },
  };
}
