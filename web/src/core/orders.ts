// Orders as the last answers and newer messages show them. What is older changes nothing.
import { type Feed, type Kind, read } from "./feed.ts";
import type { Order, OrderStatus } from "./types.ts";

export type Orders = ReadonlyMap<string, Order>;
export type OrderFeed = Feed<string, Order>;
/** What a message says of an order. */
export type OrderNews = Partial<Order> & Pick<Order, "orderId" | "status">;

const RANKS: Record<OrderStatus, number> = {
  ADMITTED: 0,
  CREATED: 1,
  WAITING: 2,
  COMPLETED: 3,
  CANCELLED: 3,
};
const PROGRESS = ["status", "updatedAt", "expiresAt", "reason", "closedBy"] as const;
const CLAIM = ["claimVersion", "baristaUserId", "claimedAt"] as const;

export const rank = (status: OrderStatus): number => RANKS[status] ?? 0;
export const isFinal = (order: Order): boolean => rank(order.status) === 3;

/** Members of one view; those that it lacks have ended. */
const of = (view: OrderNews, names: readonly (keyof Order)[]) =>
  Object.fromEntries(names.map((name) => [name, view[name]]));

/**
 * Two views of an order, joined: status, claim and call each as the view has it that is further
 * along, the rest as the second one has it if they are equal. The order of the views is the same.
 */
export function newer(known: Order, next: OrderNews): Order {
  const time = next.updatedAt ?? "";
  const ahead = rank(next.status) - rank(known.status) || (time < known.updatedAt ? -1 : 0);
  const lead = ahead < 0 ? known : next;
  // A read is the whole order, a message is a part of it.
  const rest = next.createdAt ? lead : ahead < 0 ? { ...next, ...known } : { ...known, ...next };
  const claim = (next.claimVersion ?? -1) < known.claimVersion ? known : next;
  const updatedAt = lead.updatedAt ?? known.updatedAt;
  const calls = [known.calledAt, next.calledAt].filter((at) => at !== undefined).sort();
  const joined = { ...rest, ...of(lead, PROGRESS), ...of(claim, CLAIM), updatedAt, calledAt: calls.at(-1) };
  return JSON.parse(JSON.stringify(joined)) as Order;
}

/** Orders that staff see. A cancelled one is in no list. */
export const kind: Kind<Order> = { join: newer, ended: ({ status }) => status === "CANCELLED" };

export function applyOrder(orders: Orders, next: Order): Orders {
  const known = orders.get(next.orderId);
  return new Map(orders).set(next.orderId, known ? newer(known, next) : next);
}

export function applyLists(feed: OrderFeed, lists: readonly (readonly Order[])[], sentAt: number): OrderFeed {
  return read(
    feed,
    lists.flat().map((order) => [order.orderId, order]),
    sentAt,
    kind,
  );
}

export const byNumber = (a: Order, b: Order): number =>
  (a.orderNumber ?? Number.MAX_SAFE_INTEGER) - (b.orderNumber ?? Number.MAX_SAFE_INTEGER) ||
  a.createdAt.localeCompare(b.createdAt);
