// Texts that most pages show. Every page contains all of them, so texts of a few pages are in other
// modules.
import type { Language } from "./i18n.ts";

export type CoreTexts = typeof en;

const en = {
  language: "Language",
  starting: "Connecting",
  live: "Live",
  fresh: (s: number) => `Updated every ${s} s`,
  lateSince: (time: string) => `Not updated since ${time}`,
  offlineSince: (time: string) => `Offline since ${time}`,
  neverOnline: "No connection",
  tryAgain: "Try again",
  signIn: "Sign in",
  failed: "That did not work. Try again.",
};

const es = {
  language: "Idioma",
  starting: "Conectando",
  live: "En vivo",
  fresh: (s) => `Se actualiza cada ${s} s`,
  lateSince: (time) => `Sin actualizar desde las ${time}`,
  offlineSince: (time) => `Sin conexión desde las ${time}`,
  neverOnline: "Sin conexión",
  tryAgain: "Reintentar",
  signIn: "Iniciar sesión",
  failed: "No ha funcionado. Vuelva a intentarlo.",
} satisfies CoreTexts;

const pt = {
  language: "Idioma da página",
  starting: "Conectando…",
  live: "Ao vivo",
  fresh: (s) => `Atualiza a cada ${s} s`,
  lateSince: (time) => `Sem atualização desde ${time}`,
  offlineSince: (time) => `Sem conexão desde ${time}`,
  neverOnline: "Sem conexão",
  tryAgain: "Tentar de novo",
  signIn: "Entrar",
  failed: "Não funcionou. Tente de novo.",
} satisfies CoreTexts;

export const coreTexts: Record<Language, CoreTexts> = { en, es, "pt-BR": pt };
