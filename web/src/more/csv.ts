// The orders of a day as CSV (RFC 4180), without the customers.
import type { Order } from "../core/types.ts";
import { waitSeconds } from "./figures.ts";

type Cell = string | number | undefined;

const COLUMNS: Record<string, (order: Order) => Cell> = {
  orderNumber: (order) => order.orderNumber,
  drink: (order) => order.drinkOrder?.drink,
  modifiers: (order) => order.drinkOrder?.modifiers.join("; "),
  status: (order) => order.status,
  closedBy: (order) => order.closedBy,
  reason: (order) => order.reason,
  createdAt: (order) => order.createdAt,
  claimedAt: (order) => order.claimedAt,
  updatedAt: (order) => order.updatedAt,
  calledAt: (order) => order.calledAt,
  waitSeconds: (order) => (order.status === "COMPLETED" ? waitSeconds(order) : undefined),
  baristaUserId: (order) => order.baristaUserId,
  orderId: (order) => order.orderId,
};

/** A text that a spreadsheet would take for a formula gets an apostrophe. */
function cell(value: Cell): string {
  if (typeof value !== "string") return String(value ?? "");
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csv(orders: readonly Order[]): string {
  const rows = orders
    .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
    .map((order) => Object.values(COLUMNS).map((read) => cell(read(order))));
  return [Object.keys(COLUMNS), ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

/** `serverlesspresso-BAR-2026-11-26.csv`, with the day in the time zone of this device. */
export function fileName(shop: string, now: number): string {
  const day = new Date(now);
  const two = (n: number) => String(n).padStart(2, "0");
  return `serverlesspresso-${shop}-${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}.csv`;
}
