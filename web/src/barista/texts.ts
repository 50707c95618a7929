// Texts of the queue.
import { type Language, plural } from "../core/i18n.ts";
import { es } from "./texts.es.ts";
import { pt } from "./texts.pt.ts";

export type Messages = typeof en;

export const en = {
  page: "Bar",
  noRole: "This account is no barista of this bar. Ask an admin to add it to the group barista.",
  signOut: "Sign out",
  shared: "This tablet stays signed in until you sign out or the sign-in expires.",
  views: "Views",
  admin: "Admin",
  more: "More",
  soldOutDrinks: "Sold out",
  isOpen: "Open",
  isClosed: "Closed",
  open: "Open the bar",
  close: "Close the bar",
  closeTitle: "Close the bar?",
  closeAsk: "Customers cannot order until it is opened again. Orders in the queue stay.",
  newCode: "New QR code",
  newCodeAsk: {
    open: "Every QR code that was shown before stops working. Displays show the new one.",
    closed:
      "Every QR code that was shown before stops working, and the bar opens. Displays show the new one.",
  },
  waiting: "Waiting",
  making: "Making",
  ready: "Ready",
  empty: { waiting: "No order is waiting.", making: "Nothing is being made.", ready: "Nothing to pick up." },
  toMake: "To make",
  you: "you",
  by: (who: string) => `made by ${who}`,
  since: (time: string) => `for ${time}`,
  isNew: "New",
  age: { fresh: "", waiting: "waits long", late: "late" },
  make: "Make",
  done: "Done",
  giveBack: "Give back",
  call: "Call again",
  called: (time: string) => `called at ${time}`,
  takeOver: "Take over",
  takeOverAsk: (who: string) => `${who} is making this order. Take it over?`,
  no: "No",
  undo: "Undo",
  undone: (n: string) => `Undone: ${n} is still being made.`,
  sentIn: (s: number) => plural("en", s, { one: "Done. Sent in # second", other: "Done. Sent in # seconds" }),
  cancelOrder: (n: string) => `Cancel order ${n}`,
  cancelAsk: "This cannot be undone. The customer reads the reason.",
  reason: "Choose a reason",
  otherReason: "Another reason",
  writtenReason: "Reason that the customer reads",
  keep: "Keep the order",
  counter: "Order at the counter",
  cancelled: {
    customer: "cancelled by the customer",
    barista: "cancelled by the bar",
    system: "ended by the system",
  },
  sound: "Sound",
  soundBlocked: "Tap anywhere to make the sound audible.",
  arrived: (n: number) => plural("en", n, { one: "# new order", other: "# new orders" }),
  note: {
    claimed_by_another: (who: string, time: string) => `${who} has been making this order since ${time}.`,
    claim_changed: "The claim has changed. Look again before you take over.",
    wrong_status: "The order has another status by now.",
    not_ready: "The order is not ready for this yet. Try again in a moment.",
    too_late_to_call: "Orders can be called for ten minutes after they are ready.",
    forbidden: "This account lacks the role for this. Ask an admin for it.",
    store_closed: "The bar is closed. Open it first.",
    store_full: "The bar has as many open orders as it accepts.",
    order_not_found: "The order does not exist any more.",
  },
};

export const messages: Record<Language, Messages> = { en, es, "pt-BR": pt };
