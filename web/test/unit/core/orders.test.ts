import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyFeed } from "../../../src/core/feed.ts";
import {
  applyLists,
  applyOrder,
  byNumber,
  newer,
  type OrderFeed,
  type Orders,
} from "../../../src/core/orders.ts";
import type { Order } from "../../../src/core/types.ts";

const order = (over: Partial<Order> = {}): Order => ({
  orderId: "a",
  eventId: "BAR",
  userId: "guest-x",
  status: "WAITING",
  orderNumber: 1,
  claimVersion: 0,
  createdAt: "2026-11-23T09:30:00.000Z",
  updatedAt: "2026-11-23T09:30:10.000Z",
  ...over,
});

const STATES = [
  order({ status: "CREATED", updatedAt: "2026-11-23T09:30:01.000Z" }),
  order(),
  order({ claimVersion: 1, baristaUserId: "bea" }),
  order({ claimVersion: 2 }),
  order({ status: "COMPLETED", claimVersion: 3, updatedAt: "2026-11-23T09:31:00.000Z" }),
  order({
    status: "COMPLETED",
    claimVersion: 3,
    updatedAt: "2026-11-23T09:31:00.000Z",
    calledAt: "2026-11-23T09:32:00.000Z",
  }),
];

function shuffles<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) => shuffles(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

test("any shuffle of the states of an order ends in the latest one", () => {
  for (const shuffle of shuffles(STATES)) {
    const end = shuffle.reduce<Orders>((orders, state) => applyOrder(orders, state), new Map());
    assert.deepEqual(end.get("a"), STATES.at(-1));
  }
});

const NOW = Date.parse("2026-11-23T09:35:00.000Z");
const listed = (...orders: Order[]): OrderFeed => applyLists(emptyFeed(), [orders], NOW);

test("a list that lags does not take a claim back", () => {
  const claimed = listed(order({ claimVersion: 1, baristaUserId: "bea" }));
  assert.equal(applyLists(claimed, [[order()]], NOW).items.get("a")?.baristaUserId, "bea");
});

test("an order in two lists is shown once, as the one that is further along", () => {
  const done = order({ status: "COMPLETED" });
  const waiting = [order(), order({ orderId: "b", orderNumber: 2 })];
  for (const lists of [
    [waiting, [done]],
    [[done], waiting],
  ]) {
    const next = applyLists(emptyFeed(), lists, NOW).items;
    assert.deepEqual(
      [...next.values()].map((o) => [o.orderId, o.status]),
      [
        ["a", "COMPLETED"],
        ["b", "WAITING"],
      ],
    );
  }
});

test("an order that no list contains, and no recent message, is gone", () => {
  assert.equal(applyLists(listed(order()), [[]], NOW).items.size, 0);
});

test("of two equal states the second one counts, because it may have a new position", () => {
  assert.equal(newer(order({ position: 3 }), order({ position: 2 })).position, 2);
});

test("orders are sorted by number, those without one last", () => {
  const { orderNumber: _, ...unnumbered } = order({ orderId: "c" });
  const sorted = [unnumbered as Order, order({ orderNumber: 12 }), order({ orderNumber: 9 })].toSorted(
    byNumber,
  );
  assert.deepEqual(
    sorted.map((o) => o.orderNumber),
    [9, 12, undefined],
  );
});
