// Reasons for which staff cancel orders: sent in English, read in the language of the page.
import type { Language } from "./i18n.ts";

export const reasons: Record<"soldOut" | "closing", Record<Language, string>> = {
  soldOut: { en: "Sold out", es: "Agotado", "pt-BR": "Esgotado" },
  closing: { en: "The bar is closing", es: "El bar está cerrando", "pt-BR": "O bar está fechando" },
};

/** A reason in words; none if the person gave none, for which the API writes `cancelled`. */
export function reasonText(language: Language, reason: string | undefined): string | undefined {
  if (reason === "cancelled") return undefined;
  return Object.values(reasons).find(({ en }) => en === reason)?.[language] ?? reason;
}
