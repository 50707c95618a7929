import { usePage } from "../core/app.tsx";
import { shared } from "../core/shared.ts";
import type { Signal } from "../core/signal.ts";
import type { Sound } from "../core/sound.ts";
import type { WakeLock } from "../core/wake.ts";
import type { Screen } from "./screen.ts";
import { type Messages, messages } from "./texts.ts";

export type Stage = {
  screen: Screen;
  sound: Sound;
  wake: WakeLock;
  /** Milliseconds for which a ready number is shown. */
  clear: number;
  /** Server's time, set each second. */
  now: Signal<number>;
};

export const { give: giveStage, use: useStage } = shared<Stage>();

/** Server's time in ms. A view that reads it renders again each second. */
export const useNow = (): number => useStage().now.value;

export const useTexts = (): Messages => messages[usePage().language.value];
