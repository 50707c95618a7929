// Why a request did not succeed: a sentence for each problem code of the API, by what a customer
// does next.
import type { FailureCode } from "../core/api.ts";

/** English, Spanish, Brazilian Portuguese. */
export type Text = readonly [en: string, es: string, ptBR: string];

/** `staff`: a customer's page sends no such request, so that staff must look. */
export const byStep = {
  auto: {
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
    not_ready: [
      "The bar is still recording your order.",
      "El bar aún está registrando su pedido.",
      "O bar ainda está registrando o seu pedido.",
    ],
    internal: ["The bar has a fault.", "El bar tiene un fallo.", "O bar está com uma falha."],
    unavailable: ["The bar does not answer now.", "El bar no responde ahora.", "O bar não responde agora."],
    throttled: [
      "Too many people ask at once.",
      "Demasiadas personas preguntan a la vez.",
      "Muitas pessoas pedem ao mesmo tempo.",
    ],
  },
  scan: {
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
  },
  next: {
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
  },
  later: {
    store_full: [
      "The bar has as many orders as it can make.",
      "El bar tiene tantos pedidos como puede preparar.",
      "O bar tem tantos pedidos quanto consegue preparar.",
    ],
  },
  open: {
    store_closed: ["The bar is closed.", "El bar está cerrado.", "O bar está fechado."],
  },
  choose: {
    drink_not_found: [
      "This drink is off the menu.",
      "Esta bebida no está en la carta.",
      "Esta bebida não está no cardápio.",
    ],
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
  },
  signIn: {
    account_needed: [
      "This bar takes orders from accounts.",
      "Este bar acepta pedidos de cuentas.",
      "Este bar aceita pedidos de contas.",
    ],
  },
  staff: {
    forbidden: [
      "This account may not order here.",
      "Esta cuenta no puede pedir aquí.",
      "Esta conta não pode pedir aqui.",
    ],
    pairing_not_found: [
      "No display shows this code.",
      "Ninguna pantalla muestra este código.",
      "Nenhum painel mostra este código.",
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
  },
  look: {
    wrong_status: [
      "The order had moved on already.",
      "El pedido ya había avanzado.",
      "O pedido já tinha avançado.",
    ],
  },
  mine: {
    customer_limit: [
      "You have an open order already.",
      "Ya tiene un pedido abierto.",
      "Você já tem um pedido aberto.",
    ],
  },
  reload: {
    malformed_body: [
      "The bar could not read the order.",
      "El bar no pudo leer el pedido.",
      "O bar não conseguiu ler o pedido.",
    ],
    unauthenticated: [
      "The bar does not know this phone.",
      "El bar no conoce este teléfono.",
      "O bar não conhece este celular.",
    ],
    logo_not_found: ["There is no logo.", "No hay logotipo.", "Não há logotipo."],
    route_not_found: [
      "This page is out of date.",
      "Esta página está anticuada.",
      "Esta página está desatualizada.",
    ],
    version_mismatch: ["The settings have changed.", "Los ajustes han cambiado.", "Os ajustes mudaram."],
    invalid_request: [
      "The bar refused this request.",
      "El bar rechazó esta solicitud.",
      "O bar recusou esta solicitação.",
    ],
  },
} satisfies Record<string, { readonly [code in FailureCode]?: Text }>;

export type Step = keyof typeof byStep;
type Group<S extends Step> = S extends Step ? keyof (typeof byStep)[S] : never;

export const problem = Object.assign({}, ...Object.values(byStep)) as {
  readonly [code in Group<Step>]: Text;
} satisfies Record<FailureCode, Text>;

export const stepOf = (code: FailureCode): Step =>
  (Object.keys(byStep) as Step[]).find((step) => Object.hasOwn(byStep[step], code)) ?? "staff";

/** True if the page sends the same request again by itself. */
export const repeats = (code: FailureCode): boolean => stepOf(code) === "auto";
