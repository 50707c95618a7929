// Texts of the customer's page, the languages side by side. `#` stands for a number or a name.
import { type Language, languages } from "../core/i18n.ts";
import { problem, type Step, type Text } from "./problems.ts";

type Texts = { readonly [name: string]: Text | Texts };

const all = {
  scanTitle: ["Order a coffee", "Pida un café", "Peça um café"],
  scan: [
    "Point the camera at the code on the display.",
    "Apunte la cámara al código de la pantalla.",
    "Aponte a câmera para o código no painel.",
  ],
  typed: [
    "Or type the six characters below the code",
    "O escriba los seis caracteres bajo el código",
    "Ou digite os seis caracteres abaixo do código",
  ],
  go: ["Order with this code", "Pedir con este código", "Pedir com este código"],
  sixCharacters: [
    "Six characters: A to Z and 2 to 7.",
    "Seis caracteres: de la A a la Z y del 2 al 7.",
    "Seis caracteres: de A a Z e de 2 a 7.",
  ],
  asking: ["Asking for your order", "Solicitando su pedido", "Solicitando o seu pedido"],
  stored: [
    "Stored: on this phone, for 24 hours, a random number instead of your name; at the bar, for 30 days, your orders with it.",
    "Se guarda: en este teléfono, 24 horas, un número aleatorio en lugar de su nombre; en el bar, 30 días, sus pedidos con él.",
    "Guardado: neste celular, por 24 horas, um número aleatório no lugar do seu nome; no bar, por 30 dias, os seus pedidos com ele.",
  ],
  storedAccount: [
    "Stored: your sign-in until you sign out; at the bar, for 30 days, your orders.",
    "Se guarda: su sesión hasta que la cierre; en el bar, 30 días, sus pedidos.",
    "Guardado: a sua sessão até você sair; no bar, por 30 dias, os seus pedidos.",
  ],
  notKept: [
    "This browser keeps nothing: leave this tab open.",
    "Este navegador no guarda nada: deje esta pestaña abierta.",
    "Este navegador não guarda nada: deixe esta aba aberta.",
  ],
  choose: ["Choose a drink", "Elija una bebida", "Escolha uma bebida"],
  soldOut: ["Sold out", "Agotado", "Esgotado"],
  noWish: ["No preference", "Sin preferencia", "Sem preferência"],
  timeToChoose: ["Time left to choose:", "Tiempo para elegir:", "Tempo para escolher:"],
  leftToChoose: [
    "# seconds left to choose",
    "Quedan # segundos para elegir",
    "Faltam # segundos para escolher",
  ],
  timeIsUp: [
    "The time to choose is over.",
    "Se ha acabado el tiempo para elegir.",
    "O tempo para escolher acabou.",
  ],
  order: ["Order #", "Pedir #", "Pedir #"],
  notSent: [
    "Your choice is kept, but the bar does not have it yet.",
    "Su elección está guardada, pero el bar todavía no la tiene.",
    "Sua escolha está guardada, mas ainda não chegou ao bar.",
  ],
  steps: {
    ordered: ["Ordered", "Pedido", "Pedido"],
    waiting: ["Waiting", "En cola", "Na fila"],
    making: ["Making", "Preparando", "Preparando"],
    ready: ["Ready", "Listo", "Pronto"],
  },
  done: ["done", "hecho", "feito"],
  number: ["Your number", "Su número", "Seu número"],
  state: {
    waiting: [
      "Your order is in the queue. Look out for your number on the display.",
      "Su pedido está en la cola. Esté atento a su número en la pantalla.",
      "Seu pedido está na fila. Fique de olho no seu número no painel.",
    ],
    making: [
      "Your order is being made.",
      "Se está preparando su pedido.",
      "Seu pedido está sendo preparado.",
    ],
    ready: ["Your drink is ready!", "¡Su bebida está lista!", "Sua bebida está pronta!"],
    called: [
      "The bar is calling your number!",
      "¡El bar está llamando su número!",
      "O bar está chamando o seu número!",
    ],
    collected: ["Enjoy your drink!", "¡Disfrute de su bebida!", "Aproveite a sua bebida!"],
  },
  pickUp: ["Pick it up at the bar.", "Recójala en la barra.", "Retire no balcão."],
  next: ["You are next", "Usted es el siguiente", "Você é o próximo"],
  ahead: {
    one: ["# order ahead of you", "# pedido antes del suyo", "# pedido antes do seu"],
    other: ["# orders ahead of you", "# pedidos antes del suyo", "# pedidos antes do seu"],
  },
  about: {
    one: ["about # minute", "alrededor de # minuto", "cerca de # minuto"],
    other: ["about # minutes", "alrededor de # minutos", "cerca de # minutos"],
  },
  gotIt: ["I have my drink", "Ya tengo mi bebida", "Já peguei a minha bebida"],
  orderAgain: ["Order again", "Pedir otra vez", "Pedir de novo"],
  cancel: ["Cancel the order", "Cancelar el pedido", "Cancelar o pedido"],
  leave: ["Leave", "Salir", "Desistir"],
  cancelTitle: ["Cancel this order?", "¿Cancelar este pedido?", "Cancelar este pedido?"],
  cancelAsk: ["This cannot be undone.", "No se puede deshacer.", "Isso não pode ser desfeito."],
  cancelAgain: [
    "You can order again: at most three orders with one code, then with the next one.",
    "Puede volver a pedir: tres pedidos como máximo con un código, luego con el siguiente.",
    "Você pode pedir de novo: no máximo três pedidos com um código, depois com o próximo.",
  ],
  cancelYes: ["Yes, cancel it", "Sí, cancelarlo", "Sim, cancelar"],
  cancelNo: ["No, keep it", "No, mantenerlo", "Não, manter"],
  keep: ["Keep the order", "Conservar el pedido", "Manter o pedido"],
  notCancelled: [
    "The cancellation did not reach the bar.",
    "La cancelación no llegó al bar.",
    "O cancelamento não chegou ao bar.",
  ],
  cancelling: ["Cancelling", "Cancelando", "Cancelando…"],
  tooLate: [
    "It was too late to cancel.",
    "Era demasiado tarde para cancelar.",
    "Era tarde demais para cancelar.",
  ],
  ended: {
    customer: ["You cancelled this order.", "Usted canceló este pedido.", "Você cancelou este pedido."],
    barista: ["The bar cancelled this order.", "El bar canceló este pedido.", "O bar cancelou este pedido."],
    customerTimeOut: [
      "The order ended, because no drink was chosen in time.",
      "El pedido terminó porque no se eligió ninguna bebida a tiempo.",
      "O pedido terminou porque nenhuma bebida foi escolhida a tempo.",
    ],
    baristaTimeOut: [
      "The bar did not make this order in time. Please order again, and say so at the bar.",
      "El bar no preparó este pedido a tiempo. Vuelva a pedir y avise en la barra.",
      "O bar não preparou este pedido a tempo. Peça de novo e avise no balcão.",
    ],
    failed: [
      "The bar lost this order. Please order again.",
      "El bar perdió este pedido. Vuelva a pedir.",
      "O bar perdeu este pedido. Peça de novo.",
    ],
    other: ["The order was ended by the bar.", "El bar terminó este pedido.", "O bar encerrou este pedido."],
  },
  reason: ["Reason: #", "Motivo: #", "Razão: #"],
  sound: ["Sound when it is ready", "Sonido cuando esté listo", "Som quando estiver pronto"],
  soundBlocked: [
    "Touch the page once to allow the sound.",
    "Toque la página una vez para permitir el sonido.",
    "Toque na página uma vez para permitir o som.",
  ],
  wake: ["Keep the screen on", "Mantener la pantalla encendida", "Manter a tela ligada"],
  keepOpen: [
    "You can lock the phone or close the page: the order goes on.",
    "Puede bloquear el teléfono o cerrar la página: el pedido continúa.",
    "Você pode bloquear o celular ou fechar a página: o pedido continua.",
  ],
  mine: ["Your last orders", "Sus últimos pedidos", "Seus últimos pedidos"],
  noOrders: [
    "You have no orders at this bar.",
    "No tiene pedidos en este bar.",
    "Você não tem pedidos neste bar.",
  ],
  noDrink: ["no drink yet", "sin bebida todavía", "ainda sem bebida"],
  cancelled: ["cancelled", "cancelado", "pedido cancelado"],
  signOut: ["Sign out", "Cerrar sesión", "Sair"],
  nextCode: ["The next code comes in", "El próximo código llega en", "O próximo código chega em"],
  nextCodeNow: [
    "The next code is on the display now.",
    "El próximo código ya está en la pantalla.",
    "O próximo código já está no painel.",
  ],
  tryingIn: ["Trying again in", "Nuevo intento en", "Nova tentativa em"],
  reload: ["Load the page again", "Volver a cargar la página", "Carregar a página de novo"],
  step: {
    auto: [
      "This page tries again by itself.",
      "Esta página vuelve a intentarlo sola.",
      "Esta página tenta de novo sozinha.",
    ],
    scan: [
      "Scan the code on the display, or type its six characters.",
      "Escanee el código de la pantalla o escriba sus seis caracteres.",
      "Escaneie o código no painel ou digite os seis caracteres.",
    ],
    next: [
      "Scan the next code on the display, or type its six characters.",
      "Escanee el próximo código de la pantalla o escriba sus seis caracteres.",
      "Escaneie o próximo código no painel ou digite os seis caracteres.",
    ],
    later: [
      "Try again in some minutes: this code may still be valid.",
      "Inténtelo en unos minutos: puede que este código aún sea válido.",
      "Tente em alguns minutos: este código talvez ainda seja válido.",
    ],
    open: ["Try again when the bar opens.", "Inténtelo cuando el bar abra.", "Tente quando o bar abrir."],
    choose: ["Choose another drink.", "Elija otra bebida.", "Escolha outra bebida."],
    signIn: [
      "Sign in, and your order goes on.",
      "Inicie sesión y su pedido continúa.",
      "Entre, e o seu pedido continua.",
    ],
    staff: [
      "Ask the staff: they can also order for you.",
      "Pregunte al personal: también puede pedir por usted.",
      "Fale com a equipe: ela também pode pedir por você.",
    ],
    look: [
      "See below where your order is now.",
      "Vea abajo dónde está ahora su pedido.",
      "Veja abaixo onde está o seu pedido agora.",
    ],
    mine: [
      "Pick up or cancel that one first.",
      "Primero recoja o cancele ese pedido.",
      "Primeiro retire ou cancele esse pedido.",
    ],
    reload: ["Load the page again.", "Vuelva a cargar la página.", "Carregue a página de novo."],
  },
  problem,
} satisfies Texts & { step: Record<Step, Text> };

type Of<T> = { [K in keyof T]: T[K] extends Text ? string : Of<T[K]> };
export type Messages = Of<typeof all>;

function inLanguage<T extends Texts>(texts: T, at: number): Of<T> {
  const entries = Object.entries(texts).map(([name, text]) => [
    name,
    Array.isArray(text) ? text[at] : inLanguage(text as Texts, at),
  ]);
  return Object.fromEntries(entries) as Of<T>;
}

export const messages = Object.fromEntries(
  languages.map((language, at) => [language, inLanguage(all, at)]),
) as Record<Language, Messages>;

/** Text about a failure. A code that this page should not get has the text of `internal`. */
export const sentence = ({ problem }: Messages, code: string): string =>
  (problem as Record<string, string>)[code] ?? problem.internal;

/** The text with the value in place of `#`. */
export const fill = (text: string, value: string | number): string => text.replace("#", String(value));
