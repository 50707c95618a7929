// How soon the phone reads its order again.
import { isFinal } from "../core/orders.ts";
import type { Kept } from "./kept.ts";

/** An order exists well within this time after its scan. */
export const APPEARS = 15_000;
const QUICK = 10_000;
/** A completed order may be called for ten minutes. */
const CALLS = 11 * 60_000;

export type Pace = {
  kept: Kept | undefined;
  now: number;
  /** Messages arrive. */
  live: boolean;
  cancelling: boolean;
  rings: boolean;
  /** Server's time at which the order moved. */
  changedAt: number;
};

/** The bar says nothing about the order any more. */
export const isOver = ({ kept, rings, now }: Pick<Pace, "kept" | "rings" | "now">): boolean =>
  !!kept?.order && isFinal(kept.order) && !rings && now - Date.parse(kept.order.updatedAt) > CALLS;

/** Milliseconds. */
export function pace({ kept, now, live, cancelling, rings, changedAt }: Pace): number {
  const order = kept?.order;
  const appears = now - (kept?.at ?? 0) < APPEARS;
  if ((!order || (live && order.status === "ADMITTED")) && appears) return 500;
  if (live && order && order.status !== "ADMITTED") {
    // No message yet of what was sent: perhaps it is lost.
    if (cancelling || kept.sent) return 3000;
    // Reads are spread by a fifth; none is before the deadline, or before the last call.
    const end = isFinal(order) ? Date.parse(order.updatedAt) + CALLS : Date.parse(order.expiresAt ?? "");
    return Math.max(5000, (end - now + 3000) * 1.25 || 0);
  }
  if (cancelling || kept?.sent) return 1000;
  if (now - changedAt < QUICK) return 2000;
  return order && isFinal(order) && !rings ? 10_000 : 5000;
}
