// Texts about failed requests: a sentence for each failure code that this page can get, grouped by
// the next step of the customer.
import type { FailureCode } from "../core/api.ts";

/** One text in English, Spanish and Brazilian Portuguese. */
export type Text = readonly [en: string, es: string, ptBR: string];

/** The bar does not understand what this page sends. */
const outdated: Text = [
  "This page is out of date.",
  "Esta página está anticuada.",
  "Esta página está desatualizada.",
];

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
    malformed_body: outdated,
    body_too_large: outdated,
    invalid_request: outdated,
    unauthenticated: [
      "The bar does not know this phone.",
      "El bar no conoce este teléfono.",
      "O bar não conhece este celular.",
    ],
    route_not_found: outdated,
  },
} satisfies Record<string, { readonly [code in FailureCode]?: Text }>;

export type Step = keyof typeof byStep;
type Group<S extends Step> = S extends Step ? keyof (typeof byStep)[S] : never;

export const problem = Object.assign({}, ...Object.values(byStep)) as {
  readonly [code in Group<Step>]: Text;
};

export const stepOf = (code: FailureCode): Step =>
  (Object.keys(byStep) as Step[]).find((step) => Object.hasOwn(byStep[step], code)) ?? "staff";

/** True if the page sends the same request again by itself. */
export const repeats = (code: FailureCode): boolean => stepOf(code) === "auto";
