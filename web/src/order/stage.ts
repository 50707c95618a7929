// Stages of an order as the customer sees them, and texts about its end.
import type { FailureCode } from "../core/api.ts";
import type { Order } from "../core/types.ts";
import { type Messages, sentence } from "./texts.ts";

export type Stage = "starting" | "choosing" | "waiting" | "making" | "ready" | "ended";

export function stageOf(order: Order | undefined): Stage {
  switch (order?.status) {
    case "CREATED":
      return "choosing";
    case "WAITING":
      return order.baristaUserId ? "making" : "waiting";
    case "COMPLETED":
      return "ready";
    case "CANCELLED":
      return "ended";
    default:
      return "starting";
  }
}

/** For each reason of a refusal at admission, the problem code whose sentence fits the order. */
const REFUSALS: Record<string, FailureCode> = {
  closed: "store_closed",
  full: "store_full",
  customerLimit: "customer_limit",
};

/** Returns the text about an order that ended without a drink. */
export function endOf(order: Order, texts: Messages): string {
  const { closedBy, reason = "" } = order;
  if (closedBy === "customer" || closedBy === "barista") return texts.ended[closedBy];
  const refusal = REFUSALS[reason];
  if (refusal) return sentence(texts, refusal);
  return texts.ended[reason as keyof Messages["ended"]] ?? texts.ended.other;
}

/** Seconds left at which a screen reader announces the time. Announcing each second would interrupt
 * everything else. */
const ANNOUNCED = [60, 15];
/** Seconds for which such a time is still announced, if a timer was late. */
const LATE = 5;

/** `before`: the seconds that were left at the last render. */
export const isAnnounced = (before: number, left: number): boolean =>
  ANNOUNCED.some((at) => before > at && left <= at && left > at - LATE);
