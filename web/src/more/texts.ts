// Texts of the closed orders, the figures and this tablet.
import type { Language } from "../core/i18n.ts";
import { es } from "./texts.es.ts";
import { pt } from "./texts.pt.ts";

export type Messages = typeof en;

const en = {
  page: "More",
  soldOut: "Sold out",
  menuHelp: "A drink that is switched off can not be ordered. Orders in the queue stay.",
  available: "Available",
  off: "sold out",
  figures: "Today",
  end: "End",
  queue: "To the queue",
  views: "Views",
  drink: "Drink",
  sound: "Sound",
  shared: "This tablet stays signed in until you sign out.",
  signOut: "Sign out",
  noRole: "This account is no barista of this bar. Ask an admin to add it to the group barista.",
  closedOrders: "Closed orders",
  tablet: "This tablet",
  noneClosed: "No order was closed yet.",
  number: "Number",
  time: "Time",
  testSound: "Test the sound",
  stayOn: "Keep the screen on",
  noWake: "The screen cannot be kept on here: that needs an address that begins with https.",
  longAfter: "Waits long after (minutes)",
  lateAfter: "Late after (minutes)",
  undoFor: "Time to undo (seconds)",
  keys: "Keys: 1 to 9 choose an order, Enter makes it or is done, Backspace undoes or gives back",
  refresh: "Read again",
  asOf: (time: string) => `As of ${time}`,
  download: "Download the orders as CSV",
  orders: "Orders",
  completed: "Handed over",
  open: "Open",
  waitHalf: "Half of the drinks within",
  waitMost: "Nine of ten drinks within",
  waitNote: "From the scan to the hand-over.",
  drinks: "Drinks handed over",
  noOrders: "No order today yet.",
  endedTitle: "Ended without a drink",
  ended: {
    customer: "Cancelled by the customer",
    barista: "Cancelled by the bar",
    customerTimeOut: "No drink chosen in time",
    baristaTimeOut: "Not made in time",
    full: "Refused: the bar was full",
    closed: "Refused: the bar was closed",
    customerLimit: "Refused: the customer had an open order",
    failed: "Ended by a fault",
  },
  notFound: "The menu has no such drink any more.",
  count: "Number",
  reason: "Reason",
};

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
