// Orders as the last answers and newer messages show them. Older ones replace nothing; they only
// add what is missing.
import { type Feed, type Kind, read } from "./feed.ts";
import type { Order, OrderStatus } from "./types.ts";

export type Orders = ReadonlyMap<string, Order>;
export type OrderFeed = Feed<string, Order>;
/** The part of an order that a message contains. */
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

/** Members of one state. Those that it lacks are `undefined`, which removes them from the order. */
const of = (view: OrderNews, names: readonly (keyof Order)[]) =>
  Object.fromEntries(names.map((name) => [name, view[name]]));

/**
 * Joins two states of an order, as an answer or a message showed them. Either may be the older one.
 * Status, claim and call each come from the state in which they are further along. The rest comes
 * from the state with the higher rank; of equal rank, from the one with the later `updatedAt`, or
 * from `next` if these are equal. Members that a message lacks stay.
 */
export function newer(known: Order, next: OrderNews): Order {
  const time = next.updatedAt ?? "";
  const ahead = rank(next.status) - rank(known.status) || (time < known.updatedAt ? -1 : 0);
  const lead = ahead < 0 ? known : next;
  // A read has all members of the order, a message has some of them.
  const rest = next.createdAt ? lead : ahead < 0 ? { ...next, ...known } : { ...known, ...next };
  const claim = (next.claimVersion ?? -1) < known.claimVersion ? known : next;
  const updatedAt = lead.updatedAt ?? known.updatedAt;
  const calls = [known.calledAt, next.calledAt].filter((at) => at !== undefined).sort();
  const joined = { ...rest, ...of(lead, PROGRESS), ...of(claim, CLAIM), updatedAt, calledAt: calls.at(-1) };
  return JSON.parse(JSON.stringify(joined)) as Order;
}

/** Orders in the lists of the queue, `WAITING` and `COMPLETED`. A cancelled order is in neither. */
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
