// A shop of a running bar, through the API: requests of people outside the browser.
import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Accepted, Claim, NewDisplay, Order, QrCode, Scanned, Shop } from "../../../src/core/types.ts";
import { guest, token } from "./tokens.ts";
import { until } from "./wait.ts";

const api = process.env.API_URL?.replace(/\/$/, "");
if (!api) throw new Error("API_URL is not set: run `. .local/env`");

/** Folder of the pages, which may be served elsewhere than the API while pages are developed. */
export const pages = (process.env.PAGES_URL ?? api).replace(/\/$/, "");

/** Milliseconds of a window. */
const WINDOW = 300_000;
/** Milliseconds within which a test usually ends. */
const SLACK = 20_000;

/** True if pages may open sockets. With `REALTIME=none` they poll. */
export const realtime = process.env.REALTIME !== "none";
/** Text of a page that is up to date. */
export const upToDate: RegExp = realtime ? /\bLive\b/ : /Updated every \d+ s/;

export type Request = {
  as?: string;
  query?: Record<string, string>;
  body?: unknown;
  headers?: HeadersInit;
  /** `false`: a request without `eventId`. */
  shop?: false;
};
export type Answer<T> = { status: number; body: T };

export type Opening = { name?: string; settings?: Record<string, unknown>; open?: boolean };

/** Waits for the next code if the current one ends within `time` ms. */
export async function codeLasting(time: number): Promise<void> {
  const left = WINDOW - (Date.now() % WINDOW);
  if (left < time) await sleep(left);
}

export class Bar {
  readonly shop: string;
  readonly admin = token("ada", ["admin"]);
  readonly barista = token("bea", ["barista"]);

  private constructor(shop: string) {
    this.shop = shop;
  }

  /** A new shop, whose code remains the same for at least `SLACK` ms. */
  static async start({ settings, open = true }: Opening = {}): Promise<Bar> {
    await codeLasting(SLACK);
    const bar = new Bar(`scr-${randomBytes(5).toString("hex")}`);
    if (settings) await bar.set(settings);
    if (open) await bar.open();
    return bar;
  }

  async call<T>(
    method: string,
    path: string,
    { as, query, body, headers, shop }: Request = {},
  ): Promise<Answer<T>> {
    const search = new URLSearchParams({ eventId: this.shop, ...query });
    const withShop = shop ?? !path.startsWith("orders/");
    const address = `${api}/${path}?${withShop ? search : new URLSearchParams(query)}`;
    const request = {
      method,
      headers: {
        ...(as ? { authorization: `Bearer ${as}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    // MiniStack answers `Sandbox.Timedout` when a busy machine had no time for the function.
    const answered = async () => {
      const response = await fetch(address, request);
      const text = await response.text();
      return text.includes("Sandbox.Timedout") ? undefined : { status: response.status, text };
    };
    const { status, text } = await until(`an answer of ${method} ${path}`, answered, 60);
    return { status, body: (text ? JSON.parse(text) : undefined) as T };
  }

  private async must<T>(method: string, path: string, request: Request = {}): Promise<T> {
    const { status, body } = await this.call<T>(method, path, request);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  set = (settings: Record<string, unknown>) =>
    this.must<Shop>("PUT", "config", { as: this.admin, body: settings });
  open = (query: Record<string, string> = {}) =>
    this.must<Shop>("PUT", "store", { as: this.barista, query: { state: "open", ...query } });
  close = () => this.must<Shop>("PUT", "store", { as: this.barista, query: { state: "closed" } });
  soldOut = (drink: string, available = false) =>
    this.must("PUT", `menu/${encodeURIComponent(drink)}/availability`, {
      as: this.barista,
      body: { available },
    });
  code = () => this.must<QrCode>("GET", "qr-code", { as: this.barista, query: { page: `${pages}/display` } });
  display = () => this.must<NewDisplay>("POST", "displays", { as: this.admin });
  revoke = (displayId: string) => this.must("DELETE", `displays/${displayId}`, { as: this.admin });
  order = (orderId: string, as = this.barista) => this.must<Order>("GET", `orders/${orderId}`, { as });
  make = (orderId: string, as = this.barista, query: Record<string, string> = {}) =>
    this.must<Claim>("PUT", `orders/${orderId}`, { as, query: { action: "make", ...query } });
  callAgain = (orderId: string) =>
    this.must("PUT", `orders/${orderId}`, { as: this.barista, query: { action: "call" } });

  /** Scans the current code, as a new guest by default. */
  async scan(as = guest()): Promise<{ as: string; orderId: string }> {
    const { code } = await this.code();
    const { orderId } = await this.must<Scanned>("POST", "qr-code", { as, query: { token: code } });
    return { as, orderId };
  }

  /** Chooses a drink as the customer, once the order waits for it. */
  async choose(orderId: string, as: string, drink = "Latte"): Promise<Order> {
    await until("the choice", async () => {
      const { status } = await this.call("PUT", `orders/${orderId}`, { as, body: { drink } });
      return status < 300 || undefined;
    });
    return this.reaches(orderId, "WAITING");
  }

  /** Orders at the counter, and waits until the order is in the queue. */
  async ordered(drink = "Espresso"): Promise<Order> {
    const headers = { "idempotency-key": randomUUID() };
    const { orderId } = await until(`an order of ${drink}`, async () => {
      const { status, body } = await this.call<Accepted>("POST", "orders", {
        as: this.barista,
        headers,
        body: { drink },
      });
      return status < 300 ? body : undefined;
    });
    return this.reaches(orderId, "WAITING");
  }

  async complete(orderId: string, as = this.barista): Promise<Order> {
    await until("the completion", async () => {
      const { status } = await this.call("PUT", `orders/${orderId}`, { as, query: { action: "complete" } });
      return status < 300 || undefined;
    });
    return this.reaches(orderId, "COMPLETED");
  }

  /** Cancels as staff, with a reason. */
  cancel = (orderId: string, reason: string, as = this.admin) =>
    this.must("PUT", `orders/${orderId}`, { as, query: { action: "cancel" }, body: { reason } });

  reaches = (orderId: string, status: Order["status"]): Promise<Order> =>
    until(`order ${orderId} to be ${status}`, async () => {
      const order = await this.order(orderId).catch(() => undefined);
      return order?.status === status ? order : undefined;
    });

  orderPage = (code: string) => `${pages}/order#e=${this.shop}&t=${code}`;
  page = (name: "order" | "display" | "barista", fragment = "") =>
    `${pages}/${name}#e=${this.shop}${fragment}`;
  /** Link that signs a member of the staff in, as `presso` prints it. */
  staffPage = (as: string, view?: "admin" | "more") =>
    `${pages}/barista${view ? `?view=${view}` : ""}#e=${this.shop}&token=${as}`;
}
