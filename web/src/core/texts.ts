// Texts that every screen shows.
import { type Language, plural } from "./i18n.ts";

export type CoreTexts = typeof en;

const en = {
  language: "Language",
  starting: "Connecting",
  fresh: (s: number) => `Live, every ${s} s`,
  lateSince: (time: string) => `Not updated since ${time}`,
  offlineSince: (time: string) => `Offline since ${time}`,
  neverOnline: "No connection",
  close: "Close",
  cancel: "Cancel",
  tryAgain: "Try again",
  signIn: "Sign in",
  signedOut: { ended: "Your session has ended.", notLocal: "This link signs in on a local bar only." },
  again: (s: number) => plural("en", s, { one: "Try again in # second", other: "Try again in # seconds" }),
  problem: {
    offline: "No connection. Check the network and try again.",
    throttled: "Too many requests at once. Wait a moment and try again.",
    unavailable: "The bar does not answer at the moment. Try again.",
    internal: "The bar has a fault. Try again, or ask the staff.",
    other: "That did not work. Try again.",
  },
};

const es = {
  language: "Idioma",
  starting: "Conectando",
  fresh: (s) => `En vivo, cada ${s} s`,
  lateSince: (time) => `Sin actualizar desde las ${time}`,
  offlineSince: (time) => `Sin conexión desde las ${time}`,
  neverOnline: "Sin conexión",
  close: "Cerrar",
  cancel: "Cancelar",
  tryAgain: "Reintentar",
  signIn: "Iniciar sesión",
  signedOut: {
    ended: "Su sesión ha terminado.",
    notLocal: "Este enlace solo inicia sesión en un bar local.",
  },
  again: (s) => plural("es", s, { one: "Reintentar en # segundo", other: "Reintentar en # segundos" }),
  problem: {
    offline: "Sin conexión. Compruebe la red y vuelva a intentarlo.",
    throttled: "Demasiadas solicitudes a la vez. Espere un momento y vuelva a intentarlo.",
    unavailable: "El bar no responde en este momento. Vuelva a intentarlo.",
    internal: "El bar tiene un fallo. Vuelva a intentarlo o avise al personal.",
    other: "No ha funcionado. Vuelva a intentarlo.",
  },
} satisfies CoreTexts;

const pt = {
  language: "Idioma da página",
  starting: "Conectando…",
  fresh: (s) => `Ao vivo, a cada ${s} s`,
  lateSince: (time) => `Sem atualização desde ${time}`,
  offlineSince: (time) => `Sem conexão desde ${time}`,
  neverOnline: "Sem conexão",
  close: "Fechar",
  cancel: "Voltar",
  tryAgain: "Tentar de novo",
  signIn: "Entrar",
  signedOut: { ended: "Sua sessão terminou.", notLocal: "Este link só funciona em um bar local." },
  again: (s) =>
    plural("pt-BR", s, { one: "Tente de novo em # segundo", other: "Tente de novo em # segundos" }),
  problem: {
    offline: "Sem conexão. Verifique a rede e tente de novo.",
    throttled: "Muitas solicitações ao mesmo tempo. Espere um momento e tente de novo.",
    unavailable: "O bar não responde no momento. Tente de novo.",
    internal: "O bar está com uma falha. Tente de novo ou avise a equipe.",
    other: "Não funcionou. Tente de novo.",
  },
} satisfies CoreTexts;

export const coreTexts: Record<Language, CoreTexts> = { en, es, "pt-BR": pt };

/** Sentence of a failure for which the screen has none of its own. */
export function problemText(texts: CoreTexts, code: string): string {
  return texts.problem[code as keyof CoreTexts["problem"]] ?? texts.problem.other;
}
