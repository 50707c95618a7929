// Interval at which the phone reads its order.
import { isFinal } from "../core/orders.ts";
import type { Kept } from "./kept.ts";

/** Milliseconds after a scan within which its order is expected to be recorded. */
export const APPEARS = 15_000;
const QUICK = 10_000;
/** Milliseconds after the completion in which a call may arrive: an order may be called for ten
 * minutes, and the last call may be late. */
const CALLS = 11 * 60_000;

export type PollState = {
  kept: Kept | undefined;
  now: number;
  /** True while the socket is open. */
  live: boolean;
  cancelling: boolean;
  rings: boolean;
  /** Server's time at which the phone last learned of a change. */
  changedAt: number;
};

/** True if the order can neither change nor be called any more, and the phone does not ring. */
export const isOver = ({ kept, rings, now }: Pick<PollState, "kept" | "rings" | "now">): boolean =>
  !!kept?.order && isFinal(kept.order) && !rings && now - Date.parse(kept.order.updatedAt) > CALLS;

/** Milliseconds until the next read. */
export function pollInterval({ kept, now, live, cancelling, rings, changedAt }: PollState): number {
  const order = kept?.order;
  const appears = now - (kept?.at ?? 0) < APPEARS;
  if ((!order || (live && order.status === "ADMITTED")) && appears) return 500;
  if (live && order && order.status !== "ADMITTED") {
    // No message about the sent cancel or choice has arrived: it may be lost.
    if (cancelling || kept.sent) return 3000;
    // The poller spreads intervals by a fifth. The factor keeps each read after the deadline, or
    // after the time for calls.
    const end = isFinal(order) ? Date.parse(order.updatedAt) + CALLS : Date.parse(order.expiresAt ?? "");
    return Math.max(5000, (end - now + 3000) * 1.25 || 0);
  }
  if (cancelling || kept?.sent) return 1000;
  if (now - changedAt < QUICK) return 2000;
  return order && isFinal(order) && !rings ? 10_000 : 5000;
}
