// A menu while it is edited: texts as typed, each part with an id that stays when parts move.
import type { Menu, MenuItem, Modifier, Names } from "../core/types.ts";
import type { Kind } from "./drafts.ts";

export type NameDraft = { id: number; name: string; es: string; pt: string };
export type ModifierDraft = NameDraft & { options: NameDraft[] };
/** `original` is the drink's name when the edit began; empty for a new drink. */
export type ItemDraft = NameDraft & { original: string; icon: string; modifiers: ModifierDraft[] };
export type MenuDraft = ItemDraft[];

let lastId = 0;

export function newName(name = "", names?: Names): NameDraft {
  lastId += 1;
  return { id: lastId, name, es: names?.es ?? "", pt: names?.["pt-BR"] ?? "" };
}
export const newModifier = (): ModifierDraft => ({ ...newName(), options: [newName()] });
export const newItem = (): ItemDraft => ({ ...newName(), original: "", icon: "", modifiers: [] });

export function draftOf(menu: Menu): MenuDraft {
  return menu.map(({ drink, names, icon, modifiers }) => ({
    ...newName(drink, names),
    original: drink,
    icon: icon ?? "",
    modifiers: (modifiers ?? []).map((modifier) => ({
      ...newName(modifier.name, modifier.names),
      options: modifier.options.map((option) => newName(option, modifier.optionNames?.[option])),
    })),
  }));
}

function namesOf({ es, pt }: NameDraft): { names?: Names } {
  const names: Names = { ...(es.trim() ? { es } : {}), ...(pt.trim() ? { "pt-BR": pt } : {}) };
  return Object.keys(names).length > 0 ? { names } : {};
}

function modifierOf(draft: ModifierDraft): Modifier {
  const named = draft.options.flatMap((option) => {
    const { names } = namesOf(option);
    return names ? [[option.name, names] as const] : [];
  });
  return {
    name: draft.name,
    ...namesOf(draft),
    options: draft.options.map(({ name }) => name),
    ...(named.length > 0 ? { optionNames: Object.fromEntries(named) } : {}),
  };
}

/** Normalises a name as the API does. */
const normalised = (name: string): string => name.normalize("NFC").trim().replace(/\s+/gu, " ");

/**
 * Returns the menu for the API. Availability is taken from `latest`, because baristas change it
 * while the draft is edited; a drink is found by its original name, then by its present one.
 */
export function menuOf(draft: MenuDraft, latest: Menu): Menu {
  const available = new Map(latest.map((item) => [item.drink, item.available !== false]));
  return draft.map(
    (item): MenuItem => ({
      drink: item.name,
      ...namesOf(item),
      icon: item.icon,
      available: available.get(item.original) ?? available.get(normalised(item.name)) ?? true,
      modifiers: item.modifiers.map(modifierOf),
    }),
  );
}

export const menuKind: Kind<MenuDraft> = {
  of: ({ menu }) => draftOf(menu),
  changed: (draft, { menu }) =>
    JSON.stringify(menuOf(draft, [])) !== JSON.stringify(menuOf(draftOf(menu), [])),
};

type Identified = { id: number };

export const replace = <T extends Identified>(list: readonly T[], part: T): T[] =>
  list.map((other) => (other.id === part.id ? part : other));

export const without = <T extends Identified>(list: readonly T[], id: number): T[] =>
  list.filter((other) => other.id !== id);

/**
 * Returns the list with a part swapped with the one before (`by` -1) or after it (1). Without such
 * a neighbour the list is unchanged.
 */
export function moved<T extends Identified>(list: readonly T[], id: number, by: -1 | 1): T[] {
  const next = [...list];
  const at = next.findIndex((part) => part.id === id);
  const other = next[at + by];
  const part = next[at];
  if (!part || !other) return next;
  next[at + by] = part;
  next[at] = other;
  return next;
}

/** Index of the drink that a problem's `field` names, such as `menu[1].drink`. */
export function itemAtFault(field: string | undefined): number | undefined {
  const found = /^menu\[(\d+)\]/.exec(field ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}
