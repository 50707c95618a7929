// Texts of the display.
import { type Language, plural } from "../core/i18n.ts";
import { es } from "./texts.es.ts";
import { pt } from "./texts.pt.ts";

export type Messages = typeof en;

export const en = {
  page: "Display",
  whichShop: "Which bar?",
  shopId: "Id of the bar",
  go: "Go",
  scan: "Scan to order",
  picture: (address: string) => `QR code of ${address}`,
  newCodeIn: (time: string) => `New code in ${time}`,
  newCodeSoon: "A new code is coming",
  left: (n: number) =>
    plural("en", n, { one: "# more drink with this code", other: "# more drinks with this code" }),
  noCamera: "No camera? Open",
  andType: "and type",
  lastCode: "This code is still valid. The screen is trying to get the next one.",
  making: "In the queue",
  ready: "Ready",
  noneMaking: "No order is in the queue.",
  noneReady: "No drink to pick up.",
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  about: (minutes: number) =>
    plural("en", minutes, {
      one: "About # minute from order to drink",
      other: "About # minutes from order to drink",
    }),
  isNew: "Now ready",
  isCalled: "Please come",
  announced: (number: number, drink: string) => `Number ${number} is ready: ${drink}.`,
  starting: "The screen is starting.",
  state: {
    noShop: {
      title: "Not open yet",
      text: "This bar was never opened. The screen shows the code as soon as it opens.",
    },
    closed: {
      title: "Closed",
      text: "The bar takes no orders at the moment. You can still pick up your drink.",
    },
    full: {
      title: "All hands are full",
      text: "The bar has as many orders as it can make. The code is back after the next drinks.",
    },
    usedUp: { title: "This code is used up", text: "The next code comes in" },
    noCode: { title: "No code at the moment", text: "The screen tries to get one until it has one." },
  },
  stale: (time: string) => `No connection since ${time}`,
  staleText: "The screen does not know the current orders. Please ask at the counter.",
  pair: "Connect this screen",
  pairHow: "An admin opens the barista page, chooses Admin, and enters this code under Displays:",
  pairUntil: (time: string) => `Valid for ${time}. Then the screen shows another code.`,
  pairStart: "The screen is getting a code.",
  ended: "The access of this screen has ended.",
  soundIsOn: "Sound is on",
  soundIsOff: "Sound is off",
  soundBlocked: "Sound needs one tap on this screen.",
  fullScreen: "Full screen",
  windowed: "Leave full screen",
  noWake: "Without https the browser cannot keep the screen on. Switch off the energy saver.",
};

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
