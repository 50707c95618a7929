// Texts of the pages for staff. The display shows those about failures while staff pair it.
import type { Language } from "./i18n.ts";
import { coreTexts } from "./texts.ts";

export type StaffTexts = typeof en;

const en = {
  close: "Close",
  signedOut: { ended: "Your session has ended.", notLocal: "This link signs in on a local bar only." },
  problem: {
    offline: "No connection. Check the network and try again.",
    throttled: "Too many requests at once. Wait a moment and try again.",
    unavailable: "The bar does not answer at the moment. Try again.",
    internal: "The bar has a fault. Try again, or ask an admin.",
  },
};

const es = {
  close: "Cerrar",
  signedOut: {
    ended: "Su sesión ha terminado.",
    notLocal: "Este enlace solo inicia sesión en un bar local.",
  },
  problem: {
    offline: "Sin conexión. Compruebe la red y vuelva a intentarlo.",
    throttled: "Demasiadas solicitudes a la vez. Espere un momento y vuelva a intentarlo.",
    unavailable: "El bar no responde en este momento. Vuelva a intentarlo.",
    internal: "El bar tiene un fallo. Vuelva a intentarlo o avise a un administrador.",
  },
} satisfies StaffTexts;

const pt = {
  close: "Fechar",
  signedOut: { ended: "Sua sessão terminou.", notLocal: "Este link só funciona em um bar local." },
  problem: {
    offline: "Sem conexão. Verifique a rede e tente de novo.",
    throttled: "Muitas solicitações ao mesmo tempo. Espere um momento e tente de novo.",
    unavailable: "O bar não responde no momento. Tente de novo.",
    internal: "O bar está com uma falha. Tente de novo ou avise um administrador.",
  },
} satisfies StaffTexts;

export const staffTexts: Record<Language, StaffTexts> = { en, es, "pt-BR": pt };

/** Text about a failure: the page's own, if it has one, else one that the pages share. */
export function problemText(
  language: Language,
  code: string,
  own: Partial<Record<string, string>> = {},
): string {
  return (
    own[code] ??
    staffTexts[language].problem[code as keyof StaffTexts["problem"]] ??
    coreTexts[language].failed
  );
}
