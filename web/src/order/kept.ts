// Data that the phone keeps for a shop: the menu, and orders with their codes and the choices that
// the bar has not accepted yet.
import { isFinal } from "../core/orders.ts";
import type { Storage } from "../core/storage.ts";
import type { DrinkRequest, Menu, Order } from "../core/types.ts";

/** `options`: the chosen option of each modifier, by the modifier's name. */
export type Choice = { drink: string; options: Record<string, string> };
export type Kept = {
  orderId: string;
  /** Code of the scan, long or short. */
  code?: string;
  /**
   * Server's time of the scan in ms. For an order that was scanned elsewhere, the time at which it
   * was created or first shown here.
   */
  at: number;
  /** The order as the bar last showed it. */
  order?: Order;
  /** Choice on the page that the person has not sent yet. */
  draft?: Choice;
  /** Choice that the person has sent and the bar has not accepted yet. */
  sent?: DrinkRequest;
  /**
   * Only calls after this time ring. It is set when the person says that they have the drink, or
   * opens an order that this phone did not keep.
   */
  seen?: string;
};

export const DAY = 24 * 3600_000;
const MOST = 8;

export const isOpen = ({ order }: Kept): boolean => !order || !isFinal(order);
/** Time of the last call; before the first call, of the completion. The phone rings for each. */
export const ring = (order: Order): string | undefined =>
  order.status === "COMPLETED" ? (order.calledAt ?? order.updatedAt) : undefined;

export class Pocket {
  #storage: Storage;
  /** False if the orders are only in memory. */
  lasting = true;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  all(): Kept[] {
    const kept = this.#storage.read<Kept[]>("orders");
    return Array.isArray(kept) ? kept : [];
  }

  #write(orders: Kept[]): void {
    this.lasting = this.#storage.write("orders", orders.slice(0, MOST));
  }

  /** Removes orders a day after their scan. None is open for so long. */
  clean(now: number): void {
    const all = this.all();
    const left = all.filter((kept) => now - kept.at < DAY);
    if (left.length < all.length) this.#write(left);
  }

  get(orderId: string): Kept | undefined {
    return this.all().find((kept) => kept.orderId === orderId);
  }

  byCode(code: string): Kept | undefined {
    return this.all().find((kept) => kept.code === code);
  }

  /** The order that was shown last. */
  current(): Kept | undefined {
    return this.all()[0];
  }

  /**
   * Keeps the order as the current one. An undefined value removes its field. `now`: the field `at`
   * of an order that was not kept before.
   */
  put(orderId: string, change: { [K in keyof Kept]?: Kept[K] | undefined }, now: number): Kept {
    const all = this.all();
    const before = all.find((kept) => kept.orderId === orderId) ?? { orderId, at: now };
    const next = JSON.parse(JSON.stringify({ ...before, ...change, orderId })) as Kept;
    this.#write([next, ...all.filter((kept) => kept.orderId !== orderId)]);
    return next;
  }

  drop(orderId: string): void {
    this.#write(this.all().filter((kept) => kept.orderId !== orderId));
  }

  anyOpen(): boolean {
    return this.all().some(isOpen);
  }

  menu(): Menu | undefined {
    return this.#storage.read<Menu>("menu");
  }

  keepMenu(menu: Menu): void {
    this.#storage.write("menu", menu);
  }
}
