// A bar whose messages are lost, doubled, late and in any order, whose lists lag, and whose sockets
// are cut; with a clock that the test moves.
import type { Answer } from "../../../src/core/api.ts";
import type { Socket } from "../../../src/core/live.ts";
import type { Order } from "../../../src/core/types.ts";

export const START = Date.parse("2026-11-23T09:30:00.000Z");
export const settled = () => new Promise((done) => setImmediate(done));

/** Seeded pseudo-random numbers from 0 to 1 (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Timer = { at: number; run: () => void };

export class Time {
  now = START;
  #timers: Timer[] = [];

  schedule = (run: () => void, ms: number): (() => void) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  after = (ms: number): Promise<void> => new Promise((done) => void this.schedule(done, ms));

  /** Runs everything that is due within this time. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      const next = this.#timers.reduce<Timer | undefined>(
        (first, timer) => (timer.at <= end && (!first || timer.at < first.at) ? timer : first),
        undefined,
      );
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
  }
}

export const ok = <T>(body: T): Answer<T> => ({ ok: true, status: 200, body });
export const no = (code: string, status: number): Answer<never> =>
  ({ ok: false, failure: { code, status, detail: "" } }) as Answer<never>;
export const iso = (ms: number): string => new Date(ms).toISOString();

/** Sockets of one topic, and a network that loses, doubles and delays their messages. */
export class Line {
  sockets: Socket[] = [];
  #opening = new Set<Socket>();
  tickets = 0;
  time: Time;
  random: () => number;
  /** Shares of messages that are lost and doubled, and the longest delay in ms. */
  trouble = { lost: 0.2, doubled: 0.2, late: 8000 };
  sent: string[] = [];

  constructor(time: Time, random: () => number) {
    this.time = time;
    this.random = random;
  }

  ticket = (): Answer<unknown> => {
    this.tickets++;
    const { now } = this.time;
    const body = { url: "wss://bar/v1?ticket=t", expiresAt: iso(now + 60_000), until: iso(now + 7200_000) };
    return { ok: true, status: 201, body };
  };

  connect = (): Socket => {
    const socket: Socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      send: () => {},
      close: () => {
        this.#opening.delete(socket);
        this.sockets = this.sockets.filter((other) => other !== socket);
      },
    };
    this.#opening.add(socket);
    this.time.schedule(() => {
      if (!this.#opening.delete(socket)) return;
      this.sockets.push(socket);
      (socket.onopen as () => void)?.();
    }, 200 * this.random());
    return socket;
  };

  cut(): void {
    const cut = [...this.#opening, ...this.sockets.splice(0)];
    this.#opening.clear();
    for (const socket of cut) (socket.onclose as () => void)?.();
  }

  /** Delivers a message to each socket that is open now. */
  deliver(text: string): void {
    for (const socket of this.sockets) (socket.onmessage as (event: object) => void)?.({ data: text });
  }

  say(message: object): void {
    const text = JSON.stringify({ v: 1, eventId: "BAR", ...message });
    this.sent.push(text);
    const { lost, doubled, late } = this.trouble;
    if (this.random() < lost) return;
    for (let copies = this.random() < doubled ? 2 : 1; copies > 0; copies--)
      this.time.schedule(() => this.deliver(text), late * this.random());
  }
}

/** Orders of a bar. Each step names the members that its event has. */
export class Orders {
  all = new Map<string, Order>();
  /** Earlier states, because an index of a table is eventually consistent. */
  #past: { at: number; orders: Order[] }[] = [];
  #time: Time;
  #number = 0;
  onStep: (order: Order, members: (keyof Order)[]) => void = () => {};

  constructor(time: Time) {
    this.#time = time;
  }

  #put(order: Order, members: (keyof Order)[]): void {
    this.#past.push({ at: this.#time.now, orders: [...this.all.values()] });
    this.all.set(order.orderId, order);
    this.onStep(order, members);
  }

  /** The orders as a read that is `lag` ms behind shows them. */
  seen(lag = 0): Order[] {
    const then = this.#past.find(({ at }) => at > this.#time.now - lag);
    return then ? then.orders : [...this.all.values()];
  }

  add(orderId: string): void {
    const at = iso(this.#time.now);
    const order: Order = {
      orderId,
      eventId: "BAR",
      userId: `u-${orderId}`,
      status: "WAITING",
      orderNumber: ++this.#number,
      drinkOrder: { drink: "Latte", modifiers: [], icon: "latte" },
      claimVersion: 0,
      createdAt: at,
      updatedAt: at,
      expiresAt: iso(this.#time.now + 900_000),
    };
    this.#put(order, ["orderNumber", "drinkOrder", "expiresAt", "updatedAt", "userId"]);
  }

  claim(order: Order, by: string | undefined): void {
    const { baristaUserId: _, claimedAt: __, ...rest } = order;
    const claim = by ? { baristaUserId: by, claimedAt: iso(this.#time.now) } : {};
    this.#put({ ...rest, ...claim, claimVersion: order.claimVersion + 1 }, [
      "claimVersion",
      "orderNumber",
      "baristaUserId",
      "claimedAt",
      "userId",
    ]);
  }

  end(order: Order, status: "COMPLETED" | "CANCELLED"): void {
    const { expiresAt: _, ...rest } = order;
    const updatedAt = iso(this.#time.now);
    this.#put({ ...rest, status, closedBy: "barista", reason: status.toLowerCase(), updatedAt }, [
      "orderNumber",
      "drinkOrder",
      "reason",
      "closedBy",
      "updatedAt",
      "userId",
    ]);
  }

  call(order: Order): void {
    this.#put({ ...order, calledAt: iso(this.#time.now) }, ["calledAt", "orderNumber", "userId"]);
  }

  /** One step of one order, or a new order while there are fewer than `most`. */
  step(random: () => number, most: number): void {
    const orders = [...this.all.values()].filter(({ status }) => status !== "CANCELLED");
    const order = orders[Math.floor(random() * orders.length)];
    const which = random();
    if (!order || (this.all.size < most && random() < 0.3)) this.add(`o${this.all.size}`);
    else if (order.status === "COMPLETED") this.call(order);
    else if (which < 0.4) this.claim(order, order.baristaUserId ? undefined : "bea");
    else this.end(order, which < 0.8 ? "COMPLETED" : "CANCELLED");
  }
}

/** Message of an order, with the members that its event has. */
export const orderMessage = (order: Order, members: (keyof Order)[], at: number) => ({
  kind: "order",
  at: iso(at),
  order: Object.fromEntries(
    (["orderId", "status", ...members] as const).map((name) => [name, order[name as keyof Order]]),
  ),
});
