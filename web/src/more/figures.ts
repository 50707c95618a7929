// Figures of a day, from the orders that were admitted on it.
import type { Order } from "../core/types.ts";

export type Figures = {
  orders: number;
  completed: number;
  open: number;
  /** Orders that ended without a drink, by the reason or by who ended them. */
  ended: Record<Ending, number>;
  drinks: { drink: string; count: number }[];
  /**
   * Seconds from admission to completion: 50 % of the completed orders took at most `half`, 90 % at
   * most `most`. Absent if no order was completed.
   */
  wait?: { half: number; most: number };
};
export const endings = [
  "customer",
  "barista",
  "customerTimeOut",
  "baristaTimeOut",
  "full",
  "closed",
  "customerLimit",
  "failed",
] as const;
export type Ending = (typeof endings)[number];

const REASONS: ReadonlySet<string> = new Set(endings.slice(2));

/** The reason counts only if the system ended the order: people may write the same words. */
export function ending({ closedBy = "system", reason = "" }: Order): Ending {
  if (closedBy !== "system") return closedBy;
  return REASONS.has(reason) ? (reason as Ending) : "failed";
}

/** Start of the day in the time zone of this device. */
export function startOfDay(now: number): string {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

export const waitSeconds = (order: Order): number =>
  Math.max(0, Math.round((Date.parse(order.updatedAt) - Date.parse(order.createdAt)) / 1000));

/** The smallest value that at least this share (0 to 1) of the sorted values does not exceed. */
export function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function figures(orders: readonly Order[]): Figures {
  const completed = orders.filter(({ status }) => status === "COMPLETED");
  const cancelled = orders.filter(({ status }) => status === "CANCELLED");
  const ended = Object.fromEntries(endings.map((name) => [name, 0])) as Record<Ending, number>;
  for (const order of cancelled) ended[ending(order)] += 1;
  const drinks = new Map<string, number>();
  for (const { drinkOrder } of completed) {
    if (drinkOrder) drinks.set(drinkOrder.drink, (drinks.get(drinkOrder.drink) ?? 0) + 1);
  }
  const waits = completed.map(waitSeconds).toSorted((a, b) => a - b);
  const [half, most] = [percentile(waits, 0.5), percentile(waits, 0.9)];
  return {
    orders: orders.length,
    completed: completed.length,
    open: orders.length - completed.length - cancelled.length,
    ended,
    drinks: [...drinks]
      .map(([drink, count]) => ({ drink, count }))
      .toSorted((a, b) => b.count - a.count || a.drink.localeCompare(b.drink)),
    ...(half === undefined || most === undefined ? {} : { wait: { half, most } }),
  };
}

/** The orders that ended last, latest first. */
export function lastClosed(orders: readonly Order[], most: number): Order[] {
  return orders.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)).slice(0, most);
}
