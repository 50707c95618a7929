// Values that every view of the customer's page uses.
import { usePage } from "../core/app.tsx";
import { named } from "../core/i18n.ts";
import { shared } from "../core/shared.ts";
import type { Signal } from "../core/signal.ts";
import type { Sound } from "../core/sound.ts";
import type { WakeLock } from "../core/wake.ts";
import type { Account } from "./account.ts";
import type { Flow } from "./flow.ts";
import type { Pocket } from "./kept.ts";
import { type Messages, messages } from "./texts.ts";

export type Customer = {
  flow: Flow;
  pocket: Pocket;
  sound: Sound;
  wake: WakeLock;
  wakeWanted: Signal<boolean>;
  setWake(on: boolean): void;
  account: Account;
  /** Begins an order with a code that was typed. */
  type(code: string): void;
  /** The code of the address, or the last one that was typed. */
  code: Signal<string | undefined>;
};

export const { give: giveCustomer, use: useCustomer } = shared<Customer>();

export const useTexts = (): Messages => messages[usePage().language.value];

/** Names of drinks and options in the language of the page, as the menu has them. */
export function useNames() {
  const language = usePage().language.value;
  const menu = useCustomer().flow.menu.value ?? [];
  const item = (drink: string) => menu.find((one) => one.drink === drink);
  return {
    drink: (drink: string) => named(language, item(drink)?.names, drink),
    option: (drink: string, option: string) => {
      const modifier = item(drink)?.modifiers?.find(({ options }) => options.includes(option));
      return named(language, modifier?.optionNames?.[option], option);
    },
  };
}
