// Whatever the network does with messages, reads and sockets, a screen ends as the last read says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar } from "../../../src/barista/bar.ts";
import { lanes } from "../../../src/barista/bench.ts";
import type { Answer, Api } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import { createLive, type LiveSettings } from "../../../src/core/live.ts";
import { createPoller, type PollerSettings } from "../../../src/core/poller.ts";
import type { Session } from "../../../src/core/session.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Order } from "../../../src/core/types.ts";
import { Screen } from "../../../src/display/screen.ts";
import { memory } from "../memory.ts";
import { dice, iso, Line, no, Orders, ok, orderMessage, Time } from "./world.ts";

const SEEDS = Number(process.env.FUZZ_SEEDS ?? 60);
const STEPS = 60;

type Request = { query?: Record<string, string> };
type Answers = (method: string, path: string, request: Request) => Answer<unknown>;

/** Parts of a page, with a simulated network, clock and storage. */
function page(seed: number, answers: Answers) {
  const random = dice(seed);
  const time = new Time();
  const line = new Line(time, random);
  const asked: { at: number; name: string }[] = [];
  const call = async (method: string, path: string, request: Request = {}) => {
    const name = `${method} ${path}`;
    asked.push({ at: time.now, name });
    if (random() < trouble.failed) return no("offline", 0);
    await time.after(trouble.slow * random());
    const answer = path === "live" ? line.ticket() : answers(method, path, request);
    await time.after(trouble.slow * random());
    return answer;
  };
  const trouble = { failed: 0.1, slow: 2000 };
  return {
    random,
    time,
    line,
    orders: new Orders(time),
    asked,
    trouble,
    api: { base: "/", use() {}, call } as unknown as Api,
    clock: createClock(() => time.now),
    storage: createStorage("BAR", memory()),
    live: (settings: LiveSettings) =>
      createLive({ ...settings, random, connect: line.connect, schedule: time.schedule }),
    poller: (settings: PollerSettings) =>
      createPoller({ ...settings, random, schedule: time.schedule, wakes: () => () => {} }),
  };
}

/** Steps of orders while the network has faults, then ten minutes in which requests succeed. */
async function run(seed: number, world: ReturnType<typeof page>): Promise<void> {
  const { orders, time, random, line, trouble } = world;
  for (let step = 0; step < STEPS; step++) {
    orders.step(random, 12);
    if (random() < 0.05) line.cut();
    await time.pass(20_000 * random() ** 3);
  }
  trouble.failed = 0;
  // Long enough for a read that begins after the last step, at intervals of minutes.
  await time.pass(600_000);
  assert.ok(line.sockets.length === 1, `seed ${seed}: one socket`);
}

/** Delivers about half of the earlier messages again, in any order, after the last read. */
async function echo({ line, time, random, asked }: ReturnType<typeof page>): Promise<void> {
  const before = asked.length;
  for (const text of [...line.sent].sort(() => random() - 0.5)) if (random() < 0.5) line.deliver(text);
  await time.pass(0);
  assert.equal(asked.length, before, "an old message causes no request");
}

const view = ({ orderId, status, claimVersion, baristaUserId, updatedAt, calledAt }: Order) =>
  [orderId, status, claimVersion, baristaUserId, updatedAt, calledAt].join(" ");

function startBar(seed: number, lag: number) {
  const world = page(seed, (_, path, { query = {} }) => {
    const { status } = query;
    if (path === "config") return no("unavailable", 503);
    const seen = world.orders.seen(lag * world.random());
    if (path === "orders") return ok({ orders: seen.filter((order) => order.status === status) });
    const [order] = seen.filter(({ orderId }) => path.endsWith(orderId));
    return order ? ok(order) : no("order_not_found", 404);
  });
  const session = { claims: () => ({ sub: "me" }) } as unknown as Session;
  const { api, clock, storage, live, poller } = world;
  const bar = new Bar({
    api,
    clock,
    storage,
    session,
    shop: "BAR",
    live,
    poller,
    undoFor: () => 0,
    onNew() {},
  });
  return { world, bar };
}

test("after lost, doubled and late messages and cut sockets the queue shows the last lists", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, bar } = startBar(seed, 5000);
    const { orders } = world;
    orders.onStep = (order, members) => world.line.say(orderMessage(order, members, world.time.now));
    bar.start();
    await run(seed, world);
    const expected = [...orders.all.values()].filter(({ status }) => status !== "CANCELLED").map(view);
    const shown = () =>
      [...(bar.orders.value?.values() ?? [])].filter(({ status }) => status !== "CANCELLED").map(view);
    assert.deepEqual(shown().sort(), expected.sort(), `seed ${seed}`);
    await echo(world);
    assert.deepEqual(shown().sort(), expected.sort(), `seed ${seed}, after old messages`);
    bar.stop();
  }
});

test("without lost messages the queue is correct after each step, and the page reads no list by itself", async () => {
  const { world, bar } = startBar(7, 4000);
  const { orders } = world;
  const { time, line, random, trouble } = world;
  line.trouble = { lost: 0, doubled: 0.5, late: 300 };
  trouble.failed = 0;
  orders.onStep = (order, members) => line.say(orderMessage(order, members, time.now));
  bar.start();
  await time.pass(30_000);
  const start = time.now;
  const before = world.asked.length;
  let rested: typeof world.asked = [];
  for (let step = 0; step < 100; step++) {
    orders.step(random, 40);
    await time.pass(6000 * random() ** 2 + 300);
    // As after a look at the tablet: a read, of lists that lag.
    if (step >= 50 && random() < 0.3) {
      void bar.poller.now();
      await time.pass(4000);
    }
    if (step === 50) rested = world.asked.slice(before);
    const queue = lanes(bar.orders.value ?? new Map(), "me", time.now);
    const expected = [...orders.all.values()].filter(({ status }) => status === "WAITING").length;
    assert.equal(queue.waiting.length + queue.making.length, expected, `step ${step}`);
  }
  assert.ok(time.now > start + 120_000);
  assert.deepEqual(
    rested.filter(({ name }) => name === "GET orders"),
    [],
    "lists that were read",
  );
  assert.equal(bar.poller.freshness.value.kind, "live");
});

const entry = (order: Order) => ({
  number: order.orderNumber ?? 0,
  drink: order.drinkOrder?.drink ?? "",
  since: order.updatedAt,
  ...(order.calledAt ? { calledAt: order.calledAt } : {}),
});

/** Body of `GET /board`, `lag` ms behind. */
function board(orders: Orders, lag = 0) {
  const seen = orders.seen(lag);
  const of = (status: string) => seen.filter((order) => order.status === status).map(entry);
  return { storeOpen: true, storeFull: false, making: of("WAITING"), ready: of("COMPLETED") };
}

/** Message to the topic `board` about a step of an order. */
function numberMessage(order: Order, members: (keyof Order)[], at: number) {
  const list = { WAITING: "making", COMPLETED: "ready" }[order.status as string] ?? "none";
  const { number, drink, since, calledAt } = entry(order);
  const rest = members.includes("calledAt") ? { calledAt } : { drink, since };
  return { kind: "number", at: iso(at), number, list, ...rest };
}

function startScreen(seed: number) {
  const world = page(seed, (_, path) =>
    path === "board" ? ok(board(world.orders, 5000 * world.random())) : no("unavailable", 503),
  );
  const { api, clock, storage, live, poller } = world;
  const linked = `display_${"a".repeat(43)}`;
  const address = "https://bar/display";
  const screen = new Screen({
    api,
    clock,
    storage,
    shop: "BAR",
    page: address,
    linked,
    live,
    poller,
    onCalls() {},
  });
  return { world, screen };
}

const numbers = (lists: Pick<ReturnType<typeof board>, "making" | "ready">) =>
  [...lists.making.map((e) => ["making", e]), ...lists.ready.map((e) => ["ready", e])]
    .map((place) => JSON.stringify(place))
    .sort();

test("after lost, doubled and late messages and cut sockets the board shows the last read", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, screen } = startScreen(seed);
    const { orders } = world;
    orders.onStep = (order, members) => {
      if (!members.includes("claimVersion")) world.line.say(numberMessage(order, members, world.time.now));
    };
    screen.poller.start();
    await run(seed, world);
    const shown = () => numbers(screen.board.value ?? { making: [], ready: [] });
    assert.deepEqual(shown(), numbers(board(orders)), `seed ${seed}`);
    await echo(world);
    assert.deepEqual(shown(), numbers(board(orders)), `seed ${seed}, after old messages`);
    screen.poller.stop();
  }
});

test("a cancelled order whose message is lost is gone within half a minute after a read", async () => {
  const { world, bar } = startBar(3, 0);
  const { orders } = world;
  const { time, line, trouble } = world;
  line.trouble = { lost: 0, doubled: 0, late: 0 };
  trouble.failed = 0;
  orders.onStep = (order, members) => line.say(orderMessage(order, members, time.now));
  bar.start();
  await time.pass(30_000);
  orders.add("a");
  await time.pass(1000);
  assert.equal(bar.orders.value?.get("a")?.status, "WAITING");
  line.trouble.lost = 1;
  orders.end(orders.all.get("a") as Order, "CANCELLED");
  void bar.poller.now();
  await time.pass(30_000);
  assert.equal(bar.orders.value?.has("a"), false);
});
