// Orders as the barista's page shows them: sorted into three lanes, and updated from messages and
// from the answers to commands.
import { type Answer, type Failure, passing } from "../core/api.ts";
import { apply } from "../core/feed.ts";
import type { OrderMessage } from "../core/messages.ts";
import { applyOrder, byNumber, isFinal, newer, type OrderFeed, type Orders } from "../core/orders.ts";
import type { Call, Claim, Order, Problem } from "../core/types.ts";

export type Action = "make" | "unmake" | "complete" | "cancel" | "call";
/** Failure of a command, as data for its text. `by`, `since`: who has the claim, since when. */
export type Note = { code: Failure["code"]; status?: number; by?: string; since?: string };

/** Returns the notes without those of failures that pass, such as a lost connection. */
export const lasting = (notes: ReadonlyMap<string, Note>): ReadonlyMap<string, Note> =>
  new Map([...notes].filter(([, { code, status = 0 }]) => !passing({ code, status, detail: "" })));

export type Lanes = { waiting: Order[]; making: Order[]; ready: Order[] };

/** Milliseconds after the completion in which an order is in `ready` and can be called. */
export const READY_FOR = 600_000;

export function lanes(orders: Orders, me: string | undefined, now: number): Lanes {
  const all = [...orders.values()];
  const queue = all.filter((order) => order.status === "WAITING").toSorted(byNumber);
  const mine = (order: Order) => order.baristaUserId === me;
  const claimed = queue.filter((order) => order.baristaUserId);
  return {
    waiting: queue.filter((order) => !order.baristaUserId),
    making: [...claimed.filter(mine), ...claimed.filter((order) => !mine(order))],
    ready: all
      .filter((order) => order.status === "COMPLETED" && now - Date.parse(order.updatedAt) < READY_FOR)
      .toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)),
  };
}

export type Count = { drink: string; count: number };

/** Counts the orders of each drink, most frequent first. */
export function counts(orders: readonly Order[]): Count[] {
  const byDrink = new Map<string, number>();
  for (const { drinkOrder } of orders) {
    if (drinkOrder) byDrink.set(drinkOrder.drink, (byDrink.get(drinkOrder.drink) ?? 0) + 1);
  }
  return [...byDrink]
    .map(([drink, count]) => ({ drink, count }))
    .toSorted((a, b) => b.count - a.count || a.drink.localeCompare(b.drink));
}

/**
 * Ids of the orders in the queue that `known` lacks. Returns none if `known` is undefined, as on a
 * tablet that has never shown the queue.
 */
export function fresh(known: readonly string[] | undefined, after: Orders): string[] {
  if (!known) return [];
  const before = new Set(known);
  return [...after.values()]
    .filter((order) => order.status === "WAITING" && !before.has(order.orderId))
    .map((order) => order.orderId);
}

/**
 * Orders of `before` that are cancelled or missing in `after`. Only those count that were in the
 * queue, and that either the barista `me` had claimed or whose completion is in `held`.
 */
export function missed(
  before: Orders | undefined,
  after: Orders,
  me: string | undefined,
  held: ReadonlyMap<string, number>,
): Order[] {
  return [...(before?.values() ?? [])].filter(
    ({ orderId, status, baristaUserId }) =>
      status === "WAITING" &&
      (after.get(orderId)?.status ?? "CANCELLED") === "CANCELLED" &&
      ((me && baristaUserId === me) || held.has(orderId)),
  );
}

/**
 * The feed after a message about an order. Returns `undefined` if the order is unknown and the
 * message neither names its drink nor says that it was cancelled.
 */
export function applyMessage(feed: OrderFeed, { order, at, eventId }: OrderMessage): OrderFeed | undefined {
  const { orderId } = order;
  const whole = { eventId, orderId, userId: "", claimVersion: 0, createdAt: at, updatedAt: at };
  return apply(feed, orderId, Date.parse(at), (known) => {
    if (known) return newer(known, order);
    return order.drinkOrder || order.status === "CANCELLED" ? { ...whole, ...order } : undefined;
  });
}

/** Returns the order as it will read after an accepted `complete` or `cancel`. */
export function decide(order: Order, action: "complete" | "cancel", now: number): Order {
  const { expiresAt: _, ...rest } = order;
  const updatedAt = new Date(now).toISOString();
  const status = action === "complete" ? "COMPLETED" : "CANCELLED";
  return { ...rest, status, closedBy: "barista", updatedAt };
}

/**
 * Adds the order of an answer to the feed. A final order counts as changed at `now`, because lists
 * may lag behind it.
 */
export function known(feed: OrderFeed, order: Order, now: number): OrderFeed {
  const items = applyOrder(feed.items, order);
  return {
    ...feed,
    items,
    changedAt: isFinal(order) ? new Map(feed.changedAt).set(order.orderId, now) : feed.changedAt,
  };
}

function claimed(order: Order, claim: Pick<Problem, "baristaUserId" | "claimedAt" | "claimVersion">): Order {
  const { baristaUserId: _, claimedAt: __, ...rest } = order;
  return {
    ...rest,
    claimVersion: claim.claimVersion ?? order.claimVersion,
    ...(claim.baristaUserId ? { baristaUserId: claim.baristaUserId } : {}),
    ...(claim.claimedAt ? { claimedAt: claim.claimedAt } : {}),
  };
}

export type Updated = { order: Order; note?: Note };

/** Returns the order after an answer to `make`, `unmake` or `call`, or after a refusal. */
export function orderAfter(order: Order, answer: Answer<Claim | Call>): Updated {
  if (!answer.ok) return refused(order, answer.failure);
  const { body } = answer;
  if ("calledAt" in body) return { order: { ...order, calledAt: body.calledAt } };
  return { order: body.claimVersion < order.claimVersion ? order : claimed(order, body) };
}

function refused(order: Order, failure: Failure): Updated {
  const { problem, code } = failure;
  if (code !== "claimed_by_another" && code !== "claim_changed")
    return { order, note: { code, status: failure.status } };
  const note: Note = {
    code,
    ...(problem?.baristaUserId ? { by: problem.baristaUserId } : {}),
    ...(problem?.claimedAt ? { since: problem.claimedAt } : {}),
  };
  const known = (problem?.claimVersion ?? -1) >= order.claimVersion;
  return { order: known && problem ? claimed(order, problem) : order, note };
}

/** Order that a digit key selects: claimed orders first, then unclaimed ones. */
export function keyed({ making, waiting }: Lanes, digit: number): Order | undefined {
  return [...making, ...waiting][digit - 1];
}

export function digitOf({ making, waiting }: Lanes, orderId: string): number | undefined {
  const at = [...making, ...waiting].findIndex((order) => order.orderId === orderId);
  return at >= 0 && at < 9 ? at + 1 : undefined;
}
