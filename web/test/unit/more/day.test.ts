import assert from "node:assert/strict";
import { test } from "node:test";
import type { Order } from "../../../src/core/types.ts";
import { csv, fileName } from "../../../src/more/csv.ts";
import { ending, figures, lastClosed, percentile, startOfDay } from "../../../src/more/figures.ts";

let last = 0;
function order(more: Partial<Order> = {}): Order {
  last += 1;
  return {
    orderId: `o${last}`,
    eventId: "BAR",
    userId: "guest-secret-person",
    status: "COMPLETED",
    orderNumber: last,
    drinkOrder: { drink: "Latte", modifiers: ["Oat", "Decaf"], icon: "latte" },
    claimVersion: 1,
    createdAt: "2026-11-26T09:00:00.000Z",
    updatedAt: "2026-11-26T09:02:00.000Z",
    ...more,
  };
}

test("orders that ended without a drink are counted by who or what ended them", () => {
  const ended = (closedBy: Order["closedBy"], reason: string) =>
    order({ status: "CANCELLED", reason, ...(closedBy ? { closedBy } : {}) });
  const result = figures([
    ended("customer", "full"),
    ended("barista", "Sold out"),
    ended("system", "customerTimeOut"),
    ended("system", "full"),
    ended("system", "a word of the future"),
    order(),
    order({ status: "WAITING" }),
    order({ status: "CREATED" }),
  ]);
  assert.deepEqual([result.orders, result.completed, result.open], [8, 1, 2]);
  assert.deepEqual(
    Object.entries(result.ended).filter(([, count]) => count > 0),
    [
      ["customer", 1],
      ["barista", 1],
      ["customerTimeOut", 1],
      ["full", 1],
      ["failed", 1],
    ],
  );
  assert.equal(ending(ended("customer", "closed")), "customer");
});

test("completed drinks are counted, most first, and only they have a waiting time", () => {
  const waited = (seconds: number, drink: string, status: Order["status"] = "COMPLETED") =>
    order({
      status,
      drinkOrder: { drink, modifiers: [], icon: "" },
      updatedAt: new Date(Date.parse("2026-11-26T09:00:00.000Z") + seconds * 1000).toISOString(),
    });
  const { drinks, wait } = figures([
    ...Array.from({ length: 9 }, (_, n) => waited((n + 1) * 10, n < 6 ? "Latte" : "Espresso")),
    waited(1000, "Mocha"),
    waited(5000, "Latte", "CANCELLED"),
  ]);
  assert.deepEqual(drinks, [
    { drink: "Latte", count: 6 },
    { drink: "Espresso", count: 3 },
    { drink: "Mocha", count: 1 },
  ]);
  assert.deepEqual(wait, { half: 50, most: 90 });
  assert.equal(figures([]).wait, undefined);
  assert.deepEqual([percentile([7], 0.5), percentile([7], 0.9), percentile([], 0.9)], [7, 7, undefined]);
});

test("the day begins at midnight of the device's time zone", (t) => {
  const zone = process.env.TZ;
  t.after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  for (const [of, midnight] of [
    ["America/Sao_Paulo", "2026-11-25T03:00:00.000Z"],
    ["Asia/Tokyo", "2026-11-25T15:00:00.000Z"],
    ["UTC", "2026-11-26T00:00:00.000Z"],
  ] as const) {
    process.env.TZ = of;
    assert.equal(startOfDay(Date.parse("2026-11-26T01:34:56.789Z")), midnight, of);
  }
});

test("the CSV has one row per order, oldest first, quotes cells where needed, and omits the customer", () => {
  const text = csv([
    order({ createdAt: "2026-11-26T10:00:00.000Z", reason: 'said "no", twice', status: "CANCELLED" }),
    order({ createdAt: "2026-11-26T09:00:00.000Z" }),
  ]);
  const [head, first, second, end] = text.split("\r\n");
  assert.match(head ?? "", /^orderNumber,drink,modifiers,status,closedBy,reason,createdAt,/);
  assert.match(first ?? "", /,Latte,Oat; Decaf,COMPLETED,,,2026-11-26T09:00:00.000Z,.*,120,/);
  assert.match(second ?? "", /,CANCELLED,,"said ""no"", twice",2026-11-26T10:00/);
  assert.equal(end, "");
  assert.doesNotMatch(text, /guest-secret-person/);
});

test("a text that a spreadsheet would run as a formula begins with an apostrophe in the CSV", () => {
  for (const reason of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"]) {
    assert.match(csv([order({ reason })]), new RegExp(`,'${reason.replace(/[+()]/g, "\\$&")},`), reason);
  }
  assert.match(csv([order({ reason: "a=b" })]), /,a=b,/);
});

test("the file is named for shop and day", () => {
  assert.equal(
    fileName("BAR", new Date(2026, 0, 5, 23, 59).getTime()),
    "serverlesspresso-BAR-2026-01-05.csv",
  );
});

test("the orders that ended last are shown, latest first", () => {
  const at = (minute: number) => order({ updatedAt: `2026-11-26T09:0${minute}:00.000Z` });
  const [a, b, c] = [at(1), at(3), at(2)];
  assert.deepEqual(lastClosed([a, b, c], 2), [b, c]);
});
