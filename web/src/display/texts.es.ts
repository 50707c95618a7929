import { plural } from "../core/i18n.ts";
import type { Messages } from "./texts.ts";

export const es = {
  page: "Pantalla",
  whichShop: "¿Qué bar?",
  shopId: "Identificador del bar",
  go: "Continuar",
  scan: "Escanee para pedir",
  picture: (address) => `Código QR de ${address}`,
  newCodeIn: (time) => `Código nuevo en ${time}`,
  newCodeSoon: "Ya llega un código nuevo",
  left: (n) =>
    plural("es", n, { one: "# bebida más con este código", other: "# bebidas más con este código" }),
  noCamera: "¿Sin cámara? Abra",
  andType: "y escriba",
  lastCode: "Este código aún es válido. La pantalla está pidiendo el siguiente.",
  making: "En cola",
  ready: "Listos",
  noneMaking: "No hay pedidos en cola.",
  noneReady: "No hay bebidas para recoger.",
  pageOf: (page, pages) => `Página ${page} de ${pages}`,
  about: (minutes) =>
    plural("es", minutes, {
      one: "Aproximadamente # minuto del pedido a la bebida",
      other: "Aproximadamente # minutos del pedido a la bebida",
    }),
  isNew: "Ya está listo",
  isCalled: "Venga, por favor",
  announced: (number, drink) => `El número ${number} está listo: ${drink}.`,
  starting: "La pantalla está arrancando.",
  state: {
    noShop: {
      title: "Aún no ha abierto",
      text: "Este bar no ha abierto nunca. La pantalla mostrará el código en cuanto abra.",
    },
    closed: {
      title: "Cerrado",
      text: "El bar no acepta pedidos en este momento. Todavía puede recoger su bebida.",
    },
    full: {
      title: "No damos abasto",
      text: "El bar tiene todos los pedidos que puede preparar. El código vuelve tras las próximas bebidas.",
    },
    usedUp: { title: "Este código está agotado", text: "El próximo código llega en" },
    noCode: {
      title: "No hay código en este momento",
      text: "La pantalla lo sigue pidiendo hasta obtenerlo.",
    },
  },
  stale: (time) => `Sin conexión desde las ${time}`,
  staleText: "La pantalla no conoce los pedidos actuales. Pregunte en la barra, por favor.",
  pair: "Conectar esta pantalla",
  pairHow:
    "Una persona administradora abre la página de barista, elige Administración e introduce este código en Pantallas:",
  pairUntil: (time) => `Válido durante ${time}. Después la pantalla muestra otro código.`,
  pairStart: "La pantalla está pidiendo un código.",
  ended: "El acceso de esta pantalla ha terminado.",
  soundIsOn: "Sonido activado",
  soundIsOff: "Sonido desactivado",
  soundBlocked: "El sonido necesita un toque en esta pantalla.",
  fullScreen: "Pantalla completa",
  windowed: "Salir de pantalla completa",
  noWake: "Sin https el navegador no puede mantener encendida la pantalla. Desactive el ahorro de energía.",
} satisfies Messages;
