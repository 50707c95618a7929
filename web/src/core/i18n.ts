// Languages, plurals, times.
import type { Names } from "./types.ts";

export type Language = "en" | "es" | "pt-BR";
export const languages: readonly Language[] = ["en", "es", "pt-BR"];
export const languageNames: Record<Language, string> = { en: "English", es: "Español", "pt-BR": "Português" };

const isLanguage = (text: unknown): text is Language => languages.includes(text as Language);

/**
 * Returns the language of the address (`asked`), else the stored choice, else the first of the
 * browser's languages (`offered`) that the pages have, else English.
 */
export function chooseLanguage(wish: {
  asked?: string | undefined;
  stored?: string | undefined;
  offered: readonly string[];
}): Language {
  for (const exact of [wish.asked, wish.stored]) if (isLanguage(exact)) return exact;
  for (const tag of wish.offered) {
    const [primary] = tag.toLowerCase().split("-");
    const found = languages.find((language) => language.toLowerCase().split("-")[0] === primary);
    if (found) return found;
  }
  return "en";
}

export type Forms = { one: string; many?: string; other: string };

/** The form for `n`, with the number in place of `#`. */
export function plural(language: Language, n: number, forms: Forms): string {
  const form = new Intl.PluralRules(language).select(n) as keyof Forms;
  return (forms[form] ?? forms.other).replaceAll("#", number(language, n));
}

export const number = (language: Language, n: number): string => new Intl.NumberFormat(language).format(n);

export const clockTime = (language: Language, ms: number): string =>
  new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(ms);

/** Formats as "45 s", "2 min 05 s", "12 min" or "1 h 05 min", the same in the three languages. */
export function duration(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (h > 0) return `${h} h ${two(min)} min`;
  if (min >= 10) return `${min} min`;
  return min > 0 ? `${min} min ${two(s)} s` : `${s} s`;
}

/** Formats minutes and seconds as "2:05". */
export const countdown = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds) % 60).padStart(2, "0")}`;

/**
 * Name of a drink, modifier or option in a language; `fallback` in English, and if there is no
 * translation.
 */
export const named = (language: Language, names: Names | undefined, fallback: string): string =>
  (language === "en" ? undefined : names?.[language]) || fallback;
