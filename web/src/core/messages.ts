// Messages of the socket, as docs/realtime.md describes them.
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
/** `producer`: the program of the stack that publishes such events; absent if there is none. */
export type EventMessage = Common & { kind: "event"; producer?: string; event: BusEvent };
export type Message = OrderMessage | NumberMessage | CodeMessage | ShopMessage | StaleMessage | EventMessage;

/** Returns a message of version 1, else `undefined`. Pages ignore kinds that they do not know. */
export function messageOf(text: string): Message | undefined {
  try {
    const message = JSON.parse(text);
    return message.v === 1 ? message : undefined;
  } catch {
    return undefined;
  }
}
