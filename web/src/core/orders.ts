// Orders as the last answers show them. An older answer never replaces a newer one.
import type { Order, OrderStatus } from "./types.ts";

export type Orders = ReadonlyMap<string, Order>;

const RANKS: Record<OrderStatus, number> = {
  ADMITTED: 0,
  CREATED: 1,
  WAITING: 2,
  COMPLETED: 3,
  CANCELLED: 3,
};

export const rank = (status: OrderStatus): number => RANKS[status] ?? 0;
export const isFinal = (order: Order): boolean => rank(order.status) === 3;

const order = (a: Order): (number | string)[] => [
  rank(a.status),
  a.claimVersion,
  a.calledAt ?? "",
  a.updatedAt,
];

/** The one of two views of an order that is further along; the second one if they are equal. */
export function newer(a: Order, b: Order): Order {
  const [left, right] = [order(a), order(b)];
  for (let at = 0; at < left.length; at++) {
    const [x, y] = [left[at] ?? 0, right[at] ?? 0];
    if (x !== y) return x > y ? a : b;
  }
  return b;
}

export function applyOrder(orders: Orders, next: Order): Orders {
  const known = orders.get(next.orderId);
  return new Map(orders).set(next.orderId, known ? newer(known, next) : next);
}

/** The orders that the lists contain, each at least as far along as it was known to be. */
export function applyLists(orders: Orders, lists: readonly (readonly Order[])[]): Orders {
  const next = new Map<string, Order>();
  for (const item of lists.flat()) {
    const known = next.get(item.orderId) ?? orders.get(item.orderId);
    next.set(item.orderId, known ? newer(known, item) : item);
  }
  return next;
}

export const byNumber = (a: Order, b: Order): number =>
  (a.orderNumber ?? Number.MAX_SAFE_INTEGER) - (b.orderNumber ?? Number.MAX_SAFE_INTEGER) ||
  a.createdAt.localeCompare(b.createdAt);
