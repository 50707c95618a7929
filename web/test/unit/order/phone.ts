import assert from "node:assert/strict";
import type { Answer, Api } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import type { PollerSettings } from "../../../src/core/poller.ts";
import { signal } from "../../../src/core/signal.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Order } from "../../../src/core/types.ts";
import { Flow } from "../../../src/order/flow.ts";
import { Pocket } from "../../../src/order/kept.ts";
import { memory } from "../memory.ts";

export const MENU = [{ drink: "Latte" }, { drink: "Tea", available: false }];
const START = Date.parse("2026-11-23T09:30:00.000Z");

export const ok = (body: unknown): Answer<unknown> => ({ ok: true, status: 200, body });
export const no = (code: string, status: number, retryAfter?: number): Answer<unknown> => ({
  ok: false,
  failure: { code, status, detail: "", ...(retryAfter === undefined ? {} : { retryAfter }) } as never,
});

export const order = (change: Partial<Order> = {}): Order => ({
  orderId: "one",
  eventId: "A",
  userId: "guest-x",
  status: "CREATED",
  claimVersion: 0,
  createdAt: "2026-11-23T09:30:00.000Z",
  updatedAt: "2026-11-23T09:30:00.000Z",
  ...change,
});

/** A phone and a bar, whose answers the test sets. */
export class Phone {
  now = START;
  /** Answers by method, path and action, such as `PUT orders/onecancel`. */
  answers: Record<string, (body: unknown) => Answer<unknown>> = {};
  sent: string[] = [];
  changes: string[] = [];
  accounts = 0;
  timers: { run: () => void; ms: number }[] = [];
  backing = new Map<string, string>();
  pocket!: Pocket;
  flow!: Flow;
  read!: PollerSettings["read"];
  polling = false;

  constructor() {
    this.restart();
  }

  /** A reload, or another tab: what is stored remains. */
  restart(): Flow {
    const { backing } = this;
    const storage = createStorage("A", memory(backing));
    this.pocket = new Pocket(storage);
    this.timers = [];
    const call = async (
      method: string,
      path: string,
      { body, query }: { body?: unknown; query?: object } = {},
    ) => {
      const name = `${method} ${path}${(query as { action?: string })?.action ?? ""}`;
      this.sent.push(name);
      return (this.answers[name] ?? (() => no("offline", 0)))(body);
    };
    this.flow = new Flow({
      api: { base: "/", use() {}, call } as unknown as Api,
      clock: createClock(() => this.now),
      pocket: this.pocket,
      shop: "A",
      needAccount: () => void this.accounts++,
      onChange: (next, before) => void this.changes.push(`${before?.status ?? "none"} ${next.status}`),
      schedule: (run, ms) => {
        this.timers = [{ run, ms }];
        return () => {
          this.timers = [];
        };
      },
      poller: ({ read }) => {
        this.read = read;
        return {
          start: () => {
            this.polling = true;
          },
          stop: () => {
            this.polling = false;
          },
          now: async () => void (await read()),
          updated: () => {},
          freshness: signal({ kind: "fresh", everySeconds: 5 }),
        };
      },
    });
    return this.flow;
  }

  async timer(): Promise<void> {
    const [timer] = this.timers;
    assert.ok(timer, "nothing is scheduled");
    this.now += timer.ms;
    timer.run();
    await new Promise((done) => setTimeout(done));
  }
}
