// A phone that follows its order by messages: its requests, and random faults.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Api } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import { createLive, type LiveSettings } from "../../../src/core/live.ts";
import { createPoller, type PollerSettings } from "../../../src/core/poller.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Order } from "../../../src/core/types.ts";
import { Flow } from "../../../src/order/flow.ts";
import { Pocket } from "../../../src/order/kept.ts";
import { dice, iso, Line, no, ok, orderMessage, Time } from "../live/world.ts";
import { memory } from "../memory.ts";

/** A phone, its order at the bar, and the line between them. */
class Phone {
  time = new Time();
  random: () => number;
  line: Line;
  order: Order | undefined;
  sent: string[] = [];
  failed = 0;
  slow = 100;
  flow: Flow;

  constructor(seed: number) {
    this.random = dice(seed);
    this.line = new Line(this.time, this.random);
    const { time, random, line } = this;
    const clock = createClock(() => time.now);
    this.flow = new Flow({
      api: { base: "/", use() {}, call: this.#call } as unknown as Api,
      clock,
      pocket: new Pocket(createStorage("BAR", memory())),
      shop: "BAR",
      needAccount() {},
      onChange() {},
      schedule: time.schedule,
      live: (settings: LiveSettings) =>
        createLive({ ...settings, random, connect: line.connect, schedule: time.schedule }),
      poller: (settings: PollerSettings) =>
        createPoller({ ...settings, random, schedule: time.schedule, wakes: () => () => {} }),
    });
  }

  #call = async (method: string, path: string): Promise<Answer<unknown>> => {
    this.sent.push(`${method} ${path}`);
    await this.time.after(this.slow * this.random());
    if (this.random() < this.failed) return no("offline", 0);
    const answer = this.#answer(method, path);
    await this.time.after(this.slow * this.random());
    return answer;
  };

  #answer(method: string, path: string): Answer<unknown> {
    if (path === "qr-code") {
      this.time.schedule(
        () => this.#step({ status: "CREATED", expiresAt: iso(this.time.now + 300_000) }),
        300,
      );
      const { body } = this.line.ticket() as { body: unknown };
      return ok({
        orderId: "one",
        name: "The bar",
        colours: {},
        menu: [{ drink: "Latte" }],
        links: [],
        live: body,
      });
    }
    if (path === "live") return this.line.ticket();
    if (method === "PUT") {
      this.time.schedule(() => this.choose(), 200);
      return ok({ orderId: "one", status: "CREATED", position: 2 });
    }
    if (path === "orders/one") return this.order ? ok(this.order) : no("order_not_found", 404);
    return no("unavailable", 503);
  }

  #step(change: Partial<Order>, members?: (keyof Order)[]): void {
    const at = iso(this.time.now);
    const first = { orderId: "one", eventId: "BAR", userId: "guest-x", claimVersion: 0, createdAt: at };
    const updatedAt = change.status ? { updatedAt: at } : {};
    const next = { ...first, ...this.order, ...updatedAt, ...change } as Order;
    this.order = JSON.parse(JSON.stringify(next));
    if (members && this.order) this.line.say(orderMessage(this.order, members, this.time.now));
  }

  choose = () =>
    this.#step(
      {
        status: "WAITING",
        orderNumber: 7,
        drinkOrder: { drink: "Latte", modifiers: [], icon: "" },
        expiresAt: iso(this.time.now + 900_000),
      },
      ["orderNumber", "drinkOrder", "expiresAt", "updatedAt"],
    );
  claim = (by: string | undefined) =>
    this.#step({ claimVersion: (this.order?.claimVersion ?? 0) + 1, baristaUserId: by as string }, [
      "claimVersion",
      "orderNumber",
      "baristaUserId",
    ]);
  end = (status: "COMPLETED" | "CANCELLED") =>
    this.#step({ status, reason: "x", closedBy: "barista", expiresAt: undefined as unknown as string }, [
      "orderNumber",
      "drinkOrder",
      "reason",
      "closedBy",
      "updatedAt",
    ]);
}

test("an order from the scan to the drink takes one or two reads while messages arrive", async () => {
  const phone = new Phone(1);
  phone.line.trouble = { lost: 0, doubled: 0.5, late: 200 };
  const { time, flow } = phone;
  void flow.start("CODE");
  await time.pass(20_000);
  assert.equal(flow.order?.status, "CREATED");
  void flow.choose({ drink: "Latte", modifiers: [] });
  await time.pass(60_000);
  assert.equal(flow.order?.orderNumber, 7);
  assert.equal(flow.order?.position, 2, "the position of the answer to the choice");
  phone.claim("bea");
  await time.pass(90_000);
  assert.equal(flow.order?.baristaUserId, "bea");
  phone.end("COMPLETED");
  await time.pass(1000);
  assert.ok(flow.rings);
  flow.collected();
  await time.pass(300_000);
  const reads = phone.sent.filter((request) => request === "GET orders/one");
  assert.ok(reads.length >= 1 && reads.length <= 2, `${reads.length} reads`);
  assert.deepEqual(
    phone.sent.filter((request) => !request.startsWith("GET")),
    ["POST qr-code", "PUT orders/one"],
  );
});

test("if the message after a choice is lost, a read finds the change within six seconds", async () => {
  const phone = new Phone(2);
  phone.line.trouble = { lost: 1, doubled: 0, late: 0 };
  const { time, flow } = phone;
  void flow.start("CODE");
  await time.pass(20_000);
  void flow.choose({ drink: "Latte", modifiers: [] });
  await time.pass(6000);
  assert.equal(flow.order?.orderNumber, 7);
});

test("after lost, doubled and late messages and cut sockets the phone shows its last read", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const phone = new Phone(seed);
    const { time, flow, line, random } = phone;
    [phone.failed, phone.slow] = [0.2, 2000];
    line.trouble = { lost: 0.3, doubled: 0.3, late: 9000 };
    void flow.start("CODE");
    await time.pass(15_000);
    void flow.choose({ drink: "Latte", modifiers: [] });
    for (let step = 0; step < 8; step++) {
      await time.pass(15_000 * random());
      if (phone.order?.status === "WAITING") phone.claim(phone.order.baristaUserId ? undefined : "bea");
      if (random() < 0.3) line.cut();
    }
    phone.failed = 0;
    await time.pass(60_000);
    phone.end(random() < 0.5 ? "COMPLETED" : "CANCELLED");
    // The person looks at the phone, which reads.
    await time.pass(30_000);
    await Promise.all([flow.poller.now(), time.pass(5000)]);
    assert.deepEqual(flow.order, phone.order, `seed ${seed}`);
    for (const text of [...line.sent].sort(() => random() - 0.5)) if (random() < 0.5) line.deliver(text);
    assert.deepEqual(flow.order, phone.order, `seed ${seed}, after old messages`);
    flow.poller.stop();
  }
});
