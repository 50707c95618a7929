import { plural } from "../core/i18n.ts";
import type { Messages } from "./texts.ts";

export const pt = {
  page: "Painel",
  whichShop: "Qual bar?",
  shopId: "Código do bar",
  go: "Avançar",
  scan: "Escaneie para pedir",
  picture: (address) => `QR code de ${address}`,
  newCodeIn: (time) => `Novo código em ${time}`,
  newCodeSoon: "Um novo código está chegando",
  left: (n) =>
    plural("pt-BR", n, { one: "Mais # bebida com este código", other: "Mais # bebidas com este código" }),
  noCamera: "Sem câmera? Abra",
  andType: "e digite",
  lastCode: "Este código ainda vale. O painel está buscando o próximo.",
  making: "Na fila",
  ready: "Prontos",
  noneMaking: "Nenhum pedido na fila.",
  noneReady: "Nenhuma bebida para retirar.",
  pageOf: (page, pages) => `Página ${page} de um total de ${pages}`,
  about: (minutes) =>
    plural("pt-BR", minutes, {
      one: "Cerca de # minuto do pedido à bebida",
      other: "Cerca de # minutos do pedido à bebida",
    }),
  isNew: "Pronto agora",
  isCalled: "Venha, por favor",
  announced: (number, drink) => `O número ${number} está pronto: ${drink}.`,
  starting: "O painel está iniciando.",
  state: {
    noShop: {
      title: "Ainda não abriu",
      text: "Este bar nunca abriu. O painel mostra o código assim que ele abrir.",
    },
    closed: {
      title: "Fechado",
      text: "O bar não aceita pedidos no momento. Você ainda pode retirar sua bebida.",
    },
    full: {
      title: "Capacidade esgotada",
      text: "O bar tem todos os pedidos que consegue preparar. O código volta após as próximas bebidas.",
    },
    usedUp: { title: "Este código se esgotou", text: "O próximo código chega em" },
    noCode: { title: "Sem código no momento", text: "O painel tenta de novo até conseguir um." },
  },
  stale: (time) => `Sem conexão desde ${time}`,
  staleText: "O painel não conhece os pedidos atuais. Pergunte no balcão, por favor.",
  pair: "Conectar este painel",
  pairHow:
    "Um administrador abre a página do barista, escolhe Administração e digita este código em Painéis:",
  pairUntil: (time) => `Vale por ${time}. Depois o painel mostra outro código.`,
  pairStart: "O painel está buscando um código.",
  ended: "O acesso deste painel terminou.",
  soundIsOn: "Som ligado",
  soundIsOff: "Som desligado",
  soundBlocked: "O som precisa de um toque nesta tela.",
  fullScreen: "Tela cheia",
  windowed: "Sair da tela cheia",
  noWake: "Sem https o navegador não consegue manter a tela ligada. Desative a economia de energia.",
} satisfies Messages;
