// Texts of the index.
import type { Language } from "../core/i18n.ts";

export type Messages = typeof en;

const en = {
  title: "Coffee bar",
  about: "Scan the code on the display, choose a drink on your phone, and watch for your number.",
  whichShop: "Which bar?",
  shopId: "Id of the bar",
  shopHelp: "Letters, digits, hyphens and underscores, at most 40.",
  go: "Go",
  other: "Another bar",
  isOpen: "The bar is open.",
  isClosed: "The bar is closed.",
  pages: "Pages of the bar",
  order: ["Order a drink", "For customers, with the code on the display"],
  display: ["Display", "For the screen that everybody sees: code and numbers"],
  barista: ["Bar", "For baristas: queue, sold out, figures of the day"],
  admin: ["Admin", "For admins: menu, settings, displays"],
  bus: ["Events", "For admins and a room: each event on its way"],
  typing: {
    title: "Order a coffee",
    scan: "Point this phone's camera at the code on the display.",
    typed: "Or type the six characters below the code",
    shopHelp: "The word after #e= in the address on the display.",
    go: "Order with this code",
    sixCharacters: "Six characters: A to Z and 2 to 7.",
  },
};

const es = {
  title: "Barra de café",
  about: "Escanee el código de la pantalla, elija una bebida en el teléfono y espere su número.",
  whichShop: "¿Qué bar?",
  shopId: "Identificador del bar",
  shopHelp: "Letras, cifras, guiones y guiones bajos, como máximo 40.",
  go: "Ir",
  other: "Otro bar",
  isOpen: "El bar está abierto.",
  isClosed: "El bar está cerrado.",
  pages: "Páginas del bar",
  order: ["Pedir una bebida", "Para clientes, con el código de la pantalla"],
  display: ["Pantalla", "Para la pantalla que todos ven: código y números"],
  barista: ["Barra", "Para baristas: cola, agotado, cifras del día"],
  admin: ["Administración", "Para administradores: carta, ajustes, pantallas"],
  bus: ["Eventos", "Para administradores y una sala: cada evento en su camino"],
  typing: {
    title: "Pida un café",
    scan: "Apunte la cámara de este teléfono al código de la pantalla.",
    typed: "O escriba los seis caracteres bajo el código",
    shopHelp: "La palabra tras #e= en la dirección de la pantalla.",
    go: "Pedir con este código",
    sixCharacters: "Seis caracteres: de la A a la Z y del 2 al 7.",
  },
} satisfies Messages;

const pt = {
  title: "Bar de café",
  about: "Escaneie o código do painel, escolha uma bebida no celular e espere o seu número.",
  whichShop: "Qual bar?",
  shopId: "Identificador do bar",
  shopHelp: "Letras, números, hífens e sublinhados, no máximo 40.",
  go: "Ir",
  other: "Outro bar",
  isOpen: "O bar está aberto.",
  isClosed: "O bar está fechado.",
  pages: "Páginas do bar",
  order: ["Pedir uma bebida", "Para clientes, com o código do painel"],
  display: ["Painel", "Para a tela que todos veem: código e números"],
  barista: ["Balcão", "Para baristas: fila, esgotados, números do dia"],
  admin: ["Administração", "Para administradores: cardápio, ajustes, painéis"],
  bus: ["Eventos do bar", "Para administradores e uma sala: cada evento no seu caminho"],
  typing: {
    title: "Peça um café",
    scan: "Aponte a câmera deste celular para o código no painel.",
    typed: "Ou digite os seis caracteres abaixo do código",
    shopHelp: "A palavra depois de #e= no endereço do painel.",
    go: "Pedir com o código",
    sixCharacters: "Seis caracteres: de A a Z e de 2 a 7.",
  },
} satisfies Messages;

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
