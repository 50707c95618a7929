// Texts of the sign-in.
import type { Language } from "./i18n.ts";

export type SignInTexts = typeof en;

const en = {
  title: "Sign in",
  email: "E-mail address",
  send: "Send me a code",
  sent: (to: string) => `We sent a code to ${to}. It may take a minute.`,
  code: "Code from the e-mail",
  check: "Sign in with this code",
  back: "Use another address",
  leave: "Continue to sign-in",
  localOnly: "Open the link that the program presso printed. It signs you in.",
  none: "This bar has no sign-in.",
  incomplete: "The sign-in of this bar is not set up for pages.",
  insecure: "Sign-in needs an address that begins with https.",
  why: {
    offline: "The sign-in does not answer. Check the network and try again.",
    refused: "The sign-in was refused. Check the address, or ask an admin of the bar.",
    wrongCode: "That code is wrong. Check it and try again.",
    expiredCode: "That code has expired. Ask for a new one.",
    tooMany: "Too many attempts. Wait some minutes and try again.",
  },
};

const es = {
  title: "Iniciar sesión",
  email: "Correo electrónico",
  send: "Enviarme un código",
  sent: (to) => `Hemos enviado un código a ${to}. Puede tardar un minuto.`,
  code: "Código del correo",
  check: "Entrar con este código",
  back: "Usar otra dirección",
  leave: "Continuar para iniciar sesión",
  localOnly: "Abra el enlace que mostró el programa presso. Inicia la sesión.",
  none: "Este bar no tiene inicio de sesión.",
  incomplete: "El inicio de sesión de este bar no está preparado para páginas.",
  insecure: "Para iniciar sesión hace falta una dirección que empiece por https.",
  why: {
    offline: "El inicio de sesión no responde. Compruebe la red y vuelva a intentarlo.",
    refused: "Se ha rechazado el inicio de sesión. Compruebe la dirección o pregunte a un administrador.",
    wrongCode: "El código no es correcto. Compruébelo y vuelva a intentarlo.",
    expiredCode: "El código ha caducado. Pida uno nuevo.",
    tooMany: "Demasiados intentos. Espere unos minutos y vuelva a intentarlo.",
  },
} satisfies SignInTexts;

const pt = {
  title: "Entrar",
  email: "Endereço de e-mail",
  send: "Enviar um código",
  sent: (to) => `Enviamos um código para ${to}. Pode levar um minuto.`,
  code: "Código do e-mail",
  check: "Entrar com este código",
  back: "Usar outro endereço",
  leave: "Continuar para entrar",
  localOnly: "Abra o link que o programa presso mostrou. Ele faz a entrada.",
  none: "Este bar não tem entrada com conta.",
  incomplete: "A entrada deste bar não está preparada para páginas.",
  insecure: "Para entrar é preciso um endereço que comece com https.",
  why: {
    offline: "A entrada não responde. Verifique a rede e tente de novo.",
    refused: "A entrada foi recusada. Verifique o endereço ou fale com um administrador do bar.",
    wrongCode: "O código está errado. Verifique e tente de novo.",
    expiredCode: "O código expirou. Peça um novo.",
    tooMany: "Tentativas demais. Espere alguns minutos e tente de novo.",
  },
} satisfies SignInTexts;

export const signInTexts: Record<Language, SignInTexts> = { en, es, "pt-BR": pt };
