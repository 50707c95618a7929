// Texts for numbers, drinks and options of orders, and for user ids.
import { type Language, named } from "./i18n.ts";
import type { DrinkOrder, Menu, Order } from "./types.ts";

export const numberOf = (order: Order): string => (order.orderNumber ? `#${order.orderNumber}` : "#");

/** Short form of a user id, because ids of accounts are long. */
export const shortName = (id: string): string => (id.length > 12 ? `${id.slice(0, 8)}…` : id);

/** Name of a drink in a language, as the current menu has it. */
export function drinkName(menu: Menu, language: Language, drink: string): string {
  return named(language, menu.find((item) => item.drink === drink)?.names, drink);
}

/** Chosen options in a language, joined by commas. */
export function optionsText(menu: Menu, language: Language, { drink, modifiers }: DrinkOrder): string {
  const item = menu.find((candidate) => candidate.drink === drink);
  const names = Object.assign({}, ...(item?.modifiers ?? []).map(({ optionNames }) => optionNames));
  return modifiers.map((option) => named(language, names[option], option)).join(", ");
}
