import assert from "node:assert/strict";
import { test } from "node:test";
import {
  counts,
  decide,
  digitOf,
  fresh,
  keyed,
  known,
  lanes,
  lasting,
  missed,
  orderAfter,
  READY_FOR,
} from "../../../src/barista/bench.ts";
import type { Failure } from "../../../src/core/api.ts";
import { emptyFeed } from "../../../src/core/feed.ts";
import { applyLists, type OrderFeed, type Orders } from "../../../src/core/orders.ts";
import type { Order } from "../../../src/core/types.ts";

const NOW = Date.parse("2026-11-26T12:00:00.000Z");
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

function order(number: number, more: Partial<Order> = {}): Order {
  return {
    orderId: `o${number}`,
    eventId: "BAR",
    userId: "guest-a",
    status: "WAITING",
    orderNumber: number,
    drinkOrder: { drink: "Latte", modifiers: [], icon: "" },
    claimVersion: 0,
    createdAt: at(-60 + number),
    updatedAt: at(-30 + number),
    ...more,
  };
}
const claim = (who: string, version = 1) => ({
  baristaUserId: who,
  claimedAt: at(-5),
  claimVersion: version,
});
const feed = (...list: Order[]): OrderFeed => applyLists(emptyFeed(), [list], NOW - 60_000);
const orders = (...list: Order[]): Orders => feed(...list).items;
const ids = (list: readonly Order[]) => list.map(({ orderId }) => orderId);

test("waiting and claimed orders are in their lanes, mine first, oldest first; ready orders are newest first", () => {
  const all = orders(
    order(3),
    order(1),
    order(2, claim("bob")),
    order(4, claim("me")),
    order(5, { status: "COMPLETED", updatedAt: at(-10) }),
    order(6, { status: "COMPLETED", updatedAt: at(-5) }),
    order(7, { status: "COMPLETED", updatedAt: new Date(NOW - READY_FOR).toISOString() }),
    order(8, { status: "CANCELLED" }),
  );
  const { waiting, making, ready } = lanes(all, "me", NOW);
  assert.deepEqual(
    [ids(waiting), ids(making), ids(ready)],
    [
      ["o1", "o3"],
      ["o4", "o2"],
      ["o6", "o5"],
    ],
  );
});

test("orders that were completed at the same time keep their sequence", () => {
  const done = (number: number) => order(number, { status: "COMPLETED", updatedAt: at(-10) });
  assert.deepEqual(ids(lanes(orders(done(1), done(2), done(3)), "me", NOW).ready), ["o1", "o2", "o3"]);
});

test("counts add up the drinks of the orders, most first", () => {
  const drink = (name: string) => ({ drinkOrder: { drink: name, modifiers: [], icon: "" } });
  const all = [order(1), order(2, drink("Espresso")), order(3), order(4, drink("Americano"))];
  assert.deepEqual(counts(all), [
    { drink: "Latte", count: 2 },
    { drink: "Americano", count: 1 },
    { drink: "Espresso", count: 1 },
  ]);
  const { drinkOrder: _, ...undecided } = order(5);
  assert.deepEqual(counts([undecided]), []);
});

test("an order is new when it joins the queue, and without known ids none is new", () => {
  assert.deepEqual(fresh(undefined, orders(order(1))), []);
  assert.deepEqual(fresh(["o1"], orders(order(1), order(2), order(3, { status: "COMPLETED" }))), ["o2"]);
});

test("a list that lags behind an accepted completion does not bring the order back", () => {
  const waiting = order(1, claim("me"));
  const done = known(feed(waiting), decide(waiting, "complete", NOW), NOW);
  const lagging = applyLists(done, [[waiting]], NOW + 1000);
  assert.equal(lagging.items.get("o1")?.status, "COMPLETED");
  const absent = applyLists(lagging, [[]], NOW + 2000);
  assert.deepEqual([absent.items.get("o1")?.status, absent.behind], ["COMPLETED", true]);
  const listed = applyLists(absent, [[{ ...waiting, status: "COMPLETED" }]], NOW + 3000);
  assert.deepEqual([listed.items.get("o1")?.status, listed.behind], ["COMPLETED", false]);
  assert.equal(applyLists(absent, [[]], NOW + 16_000).items.has("o1"), false);
});

test("an answer updates claim and call, and an older claim changes nothing", () => {
  const answer = { ok: true, status: 200, body: { orderId: "o1", ...claim("me", 3) } } as const;
  assert.equal(orderAfter(order(1), answer).order.baristaUserId, "me");
  const later = order(1, claim("bob", 4));
  assert.equal(orderAfter(later, answer).order, later);
  const released = { ok: true, status: 200, body: { orderId: "o1", claimVersion: 5 } } as const;
  assert.equal(orderAfter(later, released).order.baristaUserId, undefined);
  const called = { ok: true, status: 200, body: { orderId: "o1", calledAt: at(0) } } as const;
  assert.equal(orderAfter(order(1), called).order.calledAt, at(0));
});

test("a refusal because of another claim updates the order, and its note names the holder and the time", () => {
  const problem = { code: "claimed_by_another", ...claim("bob", 2) } as unknown as Failure["problem"];
  const failure: Failure = {
    code: "claimed_by_another",
    status: 409,
    detail: "",
    ...(problem ? { problem } : {}),
  };
  const { order: next, note } = orderAfter(order(1), { ok: false, failure });
  assert.deepEqual([next.baristaUserId, next.claimVersion], ["bob", 2]);
  assert.deepEqual(note, { code: "claimed_by_another", by: "bob", since: at(-5) });
});

test("a failure that is not about a claim leaves the order as it is, with a note of the code", () => {
  const known = order(1);
  const { order: next, note } = orderAfter(known, {
    ok: false,
    failure: { code: "offline", status: 0, detail: "" },
  });
  assert.equal(next, known);
  assert.deepEqual(note, { code: "offline", status: 0 });
});

test("an order that no list contains any more is missed if this barista claimed it or its completion is held", () => {
  const finished = order(5, { ...claim("me"), status: "COMPLETED" });
  const before = orders(
    order(1, claim("me")),
    order(2, claim("bob")),
    order(3),
    order(4, claim("me")),
    finished,
  );
  const after = orders(order(4, { ...claim("me"), status: "COMPLETED" }));
  assert.deepEqual(ids(missed(before, after, "me", new Map())), ["o1"]);
  assert.deepEqual(missed(before, after, undefined, new Map()), []);
  const cancelled = orders(order(1, { ...claim("me"), status: "CANCELLED" }), order(4, claim("me")));
  assert.deepEqual(ids(missed(before, cancelled, "me", new Map())), ["o1"]);
  assert.deepEqual(ids(missed(before, after, "me", new Map([["o3", 0]]))), ["o1", "o3"]);
  assert.deepEqual(missed(undefined, after, "me", new Map()), []);
});

test("digit keys select claimed orders first, then unclaimed ones", () => {
  const rows = lanes(orders(order(1), order(2, claim("me")), order(3)), "me", NOW);
  assert.deepEqual(
    [1, 2, 3, 4].map((digit) => keyed(rows, digit)?.orderId),
    ["o2", "o1", "o3", undefined],
  );
  assert.deepEqual([digitOf(rows, "o2"), digitOf(rows, "o3"), digitOf(rows, "o9")], [1, 3, undefined]);
});

test("notes about failures that pass are dropped, those about a claim and the status are kept", () => {
  const notes = new Map([
    ["a", { code: "offline", status: 0 }],
    ["b", { code: "unavailable", status: 503 }],
    ["c", { code: "claimed_by_another", by: "bob" }],
    ["d", { code: "wrong_status", status: 409 }],
    ["e", { code: "throttled", status: 429 }],
    ["f", { code: "not_ready", status: 409 }],
  ] as const);
  assert.deepEqual([...lasting(notes).keys()], ["c", "d"]);
});
