// Values that every view of the barista's page uses.
import { usePage } from "../core/app.tsx";
import { clockTime } from "../core/i18n.ts";
import { drinkName, optionsText } from "../core/order-text.ts";
import type { Session } from "../core/session.ts";
import { shared } from "../core/shared.ts";
import type { Sound } from "../core/sound.ts";
import type { DrinkOrder } from "../core/types.ts";
import type { WakeLock } from "../core/wake.ts";
import type { Bar } from "./bar.ts";
import type { PrefsSetting } from "./prefs.ts";
import { type Messages, messages } from "./texts.ts";

export type Desk = {
  bar: Bar;
  session: Session;
  sound: Sound;
  wake: WakeLock;
} & PrefsSetting;

export const { give: giveDesk, use: useDesk } = shared<Desk>();

export const useTexts = (): Messages => messages[usePage().language.value];

/** Returns a function that formats an instant as a clock time in the language of the page. */
export function useTime(): (instant: string) => string {
  const { language } = usePage();
  return (instant) => clockTime(language.value, Date.parse(instant));
}

/** Names of drinks and options in the language of the page. */
export function useNames() {
  const { language } = usePage();
  const menu = useDesk().bar.shop.value?.menu ?? [];
  return {
    drink: (name: string) => drinkName(menu, language.value, name),
    options: (order: DrinkOrder) => optionsText(menu, language.value, order),
  };
}
