// Texts of the customer's screen, the languages side by side. `#` is a number or a name.
import type { FailureCode } from "../core/api.ts";
import { type Language, languages } from "../core/i18n.ts";
import type { Step } from "./problems.ts";

type Text = readonly [en: string, es: string, ptBR: string];
type Texts = { readonly [name: string]: Text | Texts };

const all = {
  scanTitle: ["Order a coffee", "Pida un café", "Peça um café"],
  scan: [
    "Point this phone's camera at the code on the display.",
    "Apunte la cámara de este teléfono al código de la pantalla.",
    "Aponte a câmera deste celular para o código no painel.",
  ],
  typed: [
    "Or type the six characters below the code",
    "O escriba los seis caracteres bajo el código",
    "Ou digite os seis caracteres abaixo do código",
  ],
  shopId: [
    "Name of the bar in the address on the display",
    "Nombre del bar en la dirección de la pantalla",
    "Nome do bar no endereço do painel",
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
    "Stored: on this phone your sign-in until you sign out; at the bar, for 30 days, your orders with your account.",
    "Se guarda: en este teléfono su sesión hasta que la cierre; en el bar, 30 días, sus pedidos con su cuenta.",
    "Guardado: neste celular a sua sessão até você sair; no bar, por 30 dias, os seus pedidos com a sua conta.",
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
  cancelTitle: ["Cancel this order?", "¿Cancelar este pedido?", "Cancelar este pedido?"],
  cancelAsk: ["This cannot be undone.", "No se puede deshacer.", "Isso não pode ser desfeito."],
  cancelAgain: [
    "You can order again with the same code while the display shows it, three times in all, and then with the next code.",
    "Puede volver a pedir con el mismo código mientras la pantalla lo muestre, tres veces en total, y luego con el siguiente.",
    "Você pode pedir de novo com o mesmo código enquanto o painel o mostrar, três vezes no total, e depois com o próximo.",
  ],
  cancelYes: ["Yes, cancel it", "Sí, cancelarlo", "Sim, cancelar"],
  cancelNo: ["No, keep it", "No, mantenerlo", "Não, manter"],
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
      "The order was lost through a fault of the bar. Please order again.",
      "El pedido se perdió por un fallo del bar. Vuelva a pedir.",
      "O pedido se perdeu por uma falha do bar. Peça de novo.",
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
  noWake: [
    "This browser keeps the screen on only at addresses with https.",
    "Este navegador mantiene la pantalla encendida solo en direcciones con https.",
    "Este navegador mantém a tela ligada só em endereços com https.",
  ],
  keepOpen: [
    "You can lock the phone or close the page: the order goes on when you open it again.",
    "Puede bloquear el teléfono o cerrar la página: el pedido continúa al abrirla de nuevo.",
    "Você pode bloquear o celular ou fechar a página: o pedido continua quando você a abrir de novo.",
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
  problem: {
    offline: [
      "There is no connection to the bar.",
      "No hay conexión con el bar.",
      "Não há conexão com o bar.",
    ],
    unreadable: [
      "This is not the bar's answer. Perhaps the network wants a sign-in.",
      "Esta respuesta no es del bar. Quizá la red pide iniciar sesión.",
      "Esta resposta não é do bar. Talvez a rede peça para entrar.",
    ],
    malformed_body: [
      "The bar could not read the order.",
      "El bar no pudo leer el pedido.",
      "O bar não conseguiu ler o pedido.",
    ],
    invalid_parameter: [
      "The address of this page is damaged.",
      "La dirección de esta página está dañada.",
      "O endereço desta página está danificado.",
    ],
    invalid_code: [
      "This code is wrong or has expired.",
      "Este código no es correcto o ha caducado.",
      "Este código está errado ou expirou.",
    ],
    unauthenticated: [
      "The bar does not know this phone.",
      "El bar no conoce este teléfono.",
      "O bar não conhece este celular.",
    ],
    forbidden: [
      "This account may not order here.",
      "Esta cuenta no puede pedir aquí.",
      "Esta conta não pode pedir aqui.",
    ],
    account_needed: [
      "This bar takes orders from accounts.",
      "Este bar acepta pedidos de cuentas.",
      "Este bar aceita pedidos de contas.",
    ],
    order_not_found: [
      "The bar has no such order.",
      "El bar no tiene ese pedido.",
      "O bar não tem esse pedido.",
    ],
    shop_not_found: [
      "There is no bar of this name.",
      "No hay ningún bar con este nombre.",
      "Não há bar com este nome.",
    ],
    drink_not_found: [
      "This drink is off the menu.",
      "Esta bebida no está en la carta.",
      "Esta bebida não está no cardápio.",
    ],
    pairing_not_found: [
      "No display shows this code.",
      "Ninguna pantalla muestra este código.",
      "Nenhum painel mostra este código.",
    ],
    logo_not_found: ["There is no logo.", "No hay logotipo.", "Não há logotipo."],
    route_not_found: [
      "This page is out of date.",
      "Esta página está anticuada.",
      "Esta página está desatualizada.",
    ],
    wrong_status: [
      "The order had moved on already.",
      "El pedido ya había avanzado.",
      "O pedido já tinha avançado.",
    ],
    not_ready: [
      "The bar is still recording your order.",
      "El bar aún está registrando su pedido.",
      "O bar ainda está registrando o seu pedido.",
    ],
    claimed_by_another: [
      "Another barista makes this order.",
      "Otro barista prepara este pedido.",
      "Outro barista prepara este pedido.",
    ],
    claim_changed: [
      "Another barista took this order.",
      "Otro barista tomó este pedido.",
      "Outro barista assumiu este pedido.",
    ],
    too_late_to_call: [
      "It is too late for a call.",
      "Es tarde para una llamada.",
      "É tarde para uma chamada.",
    ],
    store_closed: ["The bar is closed.", "El bar está cerrado.", "O bar está fechado."],
    store_full: [
      "The bar has as many orders as it can make.",
      "El bar tiene tantos pedidos como puede preparar.",
      "O bar tem tantos pedidos quanto consegue preparar.",
    ],
    customer_limit: [
      "You have an open order already.",
      "Ya tiene un pedido abierto.",
      "Você já tem um pedido aberto.",
    ],
    pairing_used: [
      "The display is paired already.",
      "La pantalla ya está enlazada.",
      "O painel já está pareado.",
    ],
    too_many_displays: ["There are too many displays.", "Hay demasiadas pantallas.", "Há painéis demais."],
    pairing_expired: [
      "The code of the display has expired.",
      "El código de la pantalla ha caducado.",
      "O código do painel expirou.",
    ],
    version_mismatch: ["The settings have changed.", "Los ajustes han cambiado.", "Os ajustes mudaram."],
    body_too_large: [
      "This choice is too long.",
      "Esta elección es demasiado larga.",
      "Esta escolha é longa demais.",
    ],
    invalid_drink: [
      "This choice is sold out or off the menu.",
      "Esta elección está agotada o no está en la carta.",
      "Esta escolha está esgotada ou não está no cardápio.",
    ],
    idempotency_key_reused: [
      "This was ordered with another drink.",
      "Esto se pidió con otra bebida.",
      "Isto foi pedido com outra bebida.",
    ],
    invalid_name: ["The name is not valid.", "El nombre no es válido.", "O nome não é válido."],
    invalid_colour: ["The colour is not valid.", "El color no es válido.", "A cor não é válida."],
    invalid_menu: ["The menu is not valid.", "La carta no es válida.", "O cardápio não é válido."],
    invalid_link: ["The link is not valid.", "El enlace no es válido.", "O link não é válido."],
    invalid_limit: ["The limit is not valid.", "El límite no es válido.", "O limite não é válido."],
    invalid_logo: ["The logo is not valid.", "El logotipo no es válido.", "O logotipo não é válido."],
    no_tokens: [
      "All drinks of this code are taken.",
      "Todas las bebidas de este código están pedidas.",
      "Todas as bebidas deste código foram pedidas.",
    ],
    too_many_attempts: [
      "Three orders with this code ended without a drink.",
      "Tres pedidos con este código terminaron sin bebida.",
      "Três pedidos com este código terminaram sem bebida.",
    ],
    too_many_wrong_codes: [
      "You entered too many wrong codes.",
      "Ha escrito demasiados códigos incorrectos.",
      "Você digitou códigos errados demais.",
    ],
    internal: ["The bar has a fault.", "El bar tiene un fallo.", "O bar está com uma falha."],
    unavailable: ["The bar does not answer now.", "El bar no responde ahora.", "O bar não responde agora."],
    throttled: [
      "Too many people ask at once.",
      "Demasiadas personas preguntan a la vez.",
      "Muitas pessoas pedem ao mesmo tempo.",
    ],
    invalid_request: [
      "The bar refused this request.",
      "El bar rechazó esta solicitud.",
      "O bar recusou esta solicitação.",
    ],
  },
} satisfies Texts & { step: Record<Step, Text>; problem: Record<FailureCode, Text> };

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

/** The text with its value. */
export const fill = (text: string, value: string | number): string => text.replace("#", String(value));
