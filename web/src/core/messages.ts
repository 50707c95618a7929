// Messages of the socket, as docs/realtime.md describes them. Unknown ones are no messages.
import type { OrderNews } from "./orders.ts";

type Common = { eventId: string; at: string };
export type OrderMessage = Common & { kind: "order"; order: OrderNews };
export type NumberMessage = Common & {
  kind: "number";
  number: number;
  list: "making" | "ready" | "none";
  drink?: string;
  since?: string;
  calledAt?: string;
};
export type CodeMessage = Common & { kind: "code"; endsAt: string; availableTokens: number };
export type ShopMessage = Common & {
  kind: "shop";
  storeOpen: boolean;
  version: number;
  codeVersion: number;
};
export type StaleMessage = Common & { kind: "stale" };
export type BusEvent = {
  id: string;
  source: string;
  "detail-type": string;
  time: string;
  detail: Record<string, unknown>;
};
/** `producer`: the program that usually publishes events like this one, if it is shipped. */
export type EventMessage = Common & { kind: "event"; producer?: string; event: BusEvent };
export type Message = OrderMessage | NumberMessage | CodeMessage | ShopMessage | StaleMessage | EventMessage;

/** A message of version 1, or none. A kind that the page does not know changes nothing there. */
export function messageOf(text: string): Message | undefined {
  try {
    const message = JSON.parse(text);
    return message.v === 1 ? message : undefined;
  } catch {
    return undefined;
  }
}
