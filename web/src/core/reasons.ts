// Reasons that staff can choose when they cancel an order. They are sent in English, and shown in
// the language of the page.
import type { Language } from "./i18n.ts";

export const reasons: Record<"soldOut" | "closing", Record<Language, string>> = {
  soldOut: { en: "Sold out", es: "Agotado", "pt-BR": "Esgotado" },
  closing: { en: "The bar is closing", es: "El bar está cerrando", "pt-BR": "O bar está fechando" },
};

/**
 * Text of a reason. A reason that a person wrote is its own text. `cancelled` has none: the API
 * records it if the person gave no reason.
 */
export function reasonText(language: Language, reason: string | undefined): string | undefined {
  if (reason === "cancelled") return undefined;
  return Object.values(reasons).find(({ en }) => en === reason)?.[language] ?? reason;
}
