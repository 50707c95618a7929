// Texts of the view `more`.
import type { Language } from "../core/i18n.ts";
import { es } from "./texts.es.ts";
import { pt } from "./texts.pt.ts";

export type Messages = typeof en;

const en = {
  page: "More",
  soldOut: "Sold out",
  menuHelp: "A drink that is switched off cannot be ordered. Orders in the queue stay.",
  available: "Available",
  off: "Sold out",
  figures: "Today",
  counter: "Order at the counter",
  none: "No preference",
  order: "Order",
  ordered: (n: string) => `Ordered. The number is ${n}.`,
  orderedSoon: "Ordered. The number follows in a moment.",
  unanswered: (drink: string) =>
    `No answer yet for ${drink}. It may have been ordered: send it again, it is ordered once.`,
  sendAgain: "Send again",
  forget: "Forget it",
  sending: "Sending",
  end: "End",
  queue: "To the queue",
  views: "Views",
  drink: "Drink",
  sound: "Sound",
  shared: "This tablet stays signed in until you sign out or the sign-in expires.",
  signOut: "Sign out",
  noRole: "This account is no barista of this bar. Ask an admin to add it to the group barista.",
  closedOrders: "Closed orders",
  tablet: "This tablet",
  noneClosed: "No order was closed yet.",
  number: "Number",
  time: "Time",
  shopId: "Id of the bar:",
  testSound: "Test the sound",
  stayOn: "Keep the screen on",
  noWake:
    "The screen cannot be kept on here: that needs an address that begins with https, and a browser that supports it.",
  longAfter: "Waits long after (minutes)",
  lateAfter: "Late after (minutes)",
  undoFor: "Time to undo (seconds)",
  keys: "Keys: 1 to 9 choose an order, Enter makes or completes it, Backspace undoes or gives it back",
  refresh: "Reload",
  asOf: (time: string) => `As of ${time}`,
  download: "Download the orders as CSV",
  orders: "Orders",
  problem: {
    store_full:
      "The bar has all the orders that it may take. Complete or cancel one, or ask an admin to raise the limit.",
    store_closed: "The bar is closed. Open it to take orders.",
    invalid_drink: "This drink is not available any more. Choose another one.",
  },
  completed: "Made",
  open: "Open",
  waitHalf: "Half of the drinks within",
  waitMost: "Nine of ten drinks within",
  waitNote: "From the admission of the order until the drink is ready.",
  drinks: "Drinks made",
  noOrders: "No order today yet.",
  endedTitle: "Ended without a drink",
  ended: {
    customer: "Cancelled by the customer",
    barista: "Cancelled by the bar",
    customerTimeOut: "No drink chosen in time",
    baristaTimeOut: "Not made in time",
    full: "Refused: the bar was full",
    closed: "Refused: the bar was closed",
    customerLimit: "Refused: the customer had too many open orders",
    failed: "Ended by a fault",
  },
  count: "Number",
  reason: "Reason",
};

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
