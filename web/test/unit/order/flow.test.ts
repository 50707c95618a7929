import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { MENU, no, ok, order, Phone } from "./phone.ts";

const SHOP = { name: "The bar", colours: {}, menu: MENU, links: [] };

let phone: Phone;
beforeEach(() => {
  phone = new Phone();
  phone.answers = {
    "POST qr-code": () => ok({ orderId: "one", ...SHOP }),
    "GET orders/one": () => ok(order()),
    "GET config": () => ok({ menu: MENU, storeOpen: true }),
    "GET myOrders": () => ok({ orders: [] }),
    "PUT orders/one": () => ok({ orderId: "one", status: "CREATED" }),
    "PUT orders/onecancel": () => ok({ orderId: "one", status: "CREATED" }),
  };
});
const shown = () => phone.flow.view.value;

test("the answer to the scan has the menu: the page sends no request for it", async () => {
  await phone.flow.start("CODE");
  assert.equal(phone.sent[0], "POST qr-code");
  assert.equal(shown().kind, "order");
  assert.deepEqual(phone.flow.menu.value, MENU);
  assert.equal(phone.flow.config.value?.name, "The bar");
  assert.ok(!phone.sent.includes("GET config"), "the answer of the scan has all that the page shows");
  assert.ok(phone.polling);
});

test("a reload with the same code continues the order and scans nothing, also after its end", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  phone.sent = [];
  await phone.restart().start("CODE");
  assert.equal(shown().kind, "order");
  phone.answers["GET orders/one"] = () => ok(order({ status: "CANCELLED", closedBy: "customer" }));
  await phone.read();
  await phone.restart().start("CODE");
  assert.equal(phone.flow.order?.status, "CANCELLED");
  assert.ok(!phone.sent.includes("POST qr-code"), phone.sent.join());
});

test("without a code the page continues the last order, as it was, before any answer", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "WAITING", orderNumber: 7 }));
  await phone.read();
  phone.answers = {};
  await phone.restart().start();
  assert.equal(phone.flow.order?.orderNumber, 7);
});

test("a phone without stored data finds its open order at the bar", async () => {
  phone.answers["GET myOrders"] = () => ok({ orders: [order({ status: "WAITING", orderNumber: 3 })] });
  await phone.flow.start();
  assert.equal(phone.flow.order?.orderNumber, 3);
});

test("a refused scan is shown with the code of the problem and is not repeated (D15, D18)", async () => {
  for (const [code, status, seconds] of [
    ["no_tokens", 429, 130],
    ["too_many_attempts", 429, 10],
    ["store_closed", 409],
    ["store_full", 409],
    ["shop_not_found", 404],
  ] as const) {
    phone.answers["POST qr-code"] = () => no(code, status, seconds);
    await phone.flow.scan("CODE");
    const view = shown();
    assert.ok(view.kind === "refused" && view.failure.code === code, code);
    assert.equal(view.until, seconds && phone.now + seconds * 1000, code);
    assert.deepEqual(phone.timers, [], code);
  }
});

test("a scan without network is repeated until it succeeds, later each time, and at once on a tap", async () => {
  phone.answers["POST qr-code"] = () => no("offline", 0);
  await phone.flow.start("CODE");
  const [first] = phone.timers;
  await phone.timer();
  const [second] = phone.timers;
  assert.ok(first && second && second.ms > first.ms, `${first?.ms} ${second?.ms}`);
  assert.ok(second.ms <= 12_000);
  phone.answers["POST qr-code"] = () => ok({ orderId: "one", ...SHOP });
  phone.flow.wake();
  await new Promise((done) => setTimeout(done));
  assert.equal(shown().kind, "order");
  assert.deepEqual(phone.timers, []);
});

test("Retry-After is honoured", async () => {
  phone.answers["POST qr-code"] = () => no("unavailable", 503, 40);
  await phone.flow.start("CODE");
  assert.ok((phone.timers[0]?.ms ?? 0) >= 40_000);
});

test("the answer of a scan is lost and its code expires: the order is found", async () => {
  phone.answers["POST qr-code"] = () => no("invalid_code", 400);
  phone.answers["GET myOrders"] = () => ok({ orders: [order({ status: "CREATED" })] });
  await phone.flow.start("CODE");
  assert.equal(phone.flow.order?.orderId, "one");
  assert.equal(phone.flow.trouble.value, undefined);
});

test("a customer at the limit sees the open order and why there is no other one", async () => {
  phone.answers["POST qr-code"] = () => no("customer_limit", 409);
  phone.answers["GET myOrders"] = () => ok({ orders: [order({ status: "WAITING" })] });
  await phone.flow.start("CODE");
  assert.equal(phone.flow.trouble.value?.failure.code, "customer_limit");
  assert.equal(phone.flow.order?.status, "WAITING");
});

test("a scan that needs an account shows the view for it and calls needAccount once", async () => {
  phone.answers["POST qr-code"] = () => no("account_needed", 403);
  await phone.flow.start("CODE");
  assert.equal(shown().kind, "account");
  assert.equal(phone.accounts, 1);
});

test("an order that is not recorded yet is no error; one that never appears is", async () => {
  phone.answers["GET orders/one"] = () => no("order_not_found", 404);
  await phone.flow.start("CODE");
  assert.equal(await phone.read(), undefined);
  assert.equal(shown().kind, "order");
  phone.now += 16_000;
  await phone.read();
  const view = shown();
  assert.ok(view.kind === "refused" && view.failure.code === "order_not_found");
  assert.equal(phone.polling, false);
});

test("a choice is sent until the bar has it, across a lost network and a reload", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  phone.answers["PUT orders/one"] = () => no("offline", 0);
  await phone.flow.choose({ drink: "Latte", modifiers: [] });
  assert.equal(phone.flow.trouble.value?.what, "choice");
  assert.equal(phone.timers.length, 1);
  const bodies: unknown[] = [];
  phone.answers["PUT orders/one"] = (body) => {
    bodies.push(body);
    return ok({});
  };
  await phone.restart().start("CODE");
  await new Promise((done) => setTimeout(done));
  assert.deepEqual(bodies, [{ drink: "Latte", modifiers: [] }]);
  phone.answers["GET orders/one"] = () => ok(order({ status: "WAITING", orderNumber: 1 }));
  await phone.read();
  assert.equal(phone.flow.kept.value?.sent, undefined);
});

test("a choice that comes before the order is recorded is sent again without a note", async () => {
  phone.answers["PUT orders/one"] = () => no("not_ready", 409, 1);
  await phone.flow.start("CODE");
  await phone.flow.choose({ drink: "Latte", modifiers: [] });
  assert.equal(phone.flow.trouble.value, undefined);
  phone.answers["PUT orders/one"] = () => ok({});
  await phone.timer();
  assert.equal(phone.sent.filter((name) => name === "PUT orders/one").length, 2);
});

test("a drink that is sold out while choosing: the menu is read again and another one can be chosen", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  phone.answers["PUT orders/one"] = () => no("invalid_drink", 422);
  phone.answers["GET config"] = () => ok({ menu: [{ drink: "Latte", available: false }], storeOpen: true });
  await phone.flow.choose({ drink: "Latte", modifiers: [] });
  assert.equal(phone.flow.trouble.value?.failure.code, "invalid_drink");
  assert.equal(phone.flow.kept.value?.sent, undefined);
  assert.deepEqual(phone.flow.menu.value, [{ drink: "Latte", available: false }]);
});

test("the menu is read again while the person chooses", async () => {
  await phone.flow.start("CODE");
  phone.sent = [];
  phone.now += 21_000;
  await phone.read();
  assert.ok(phone.sent.includes("GET config"));
});

test("cancelling waits for the end of the order, and a lost race shows the drink (D16)", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "WAITING", orderNumber: 1 }));
  await phone.read();
  await phone.flow.cancel();
  assert.equal(phone.flow.cancelling.value, true);
  phone.answers["GET orders/one"] = () =>
    ok(order({ status: "COMPLETED", orderNumber: 1, updatedAt: "2026-11-23T09:31:00.000Z" }));
  await phone.read();
  assert.equal(phone.flow.cancelling.value, false);
  assert.ok(phone.flow.rings);
});

test("a cancel that comes before the order is recorded is sent again without a note", async () => {
  await phone.flow.start("CODE");
  phone.answers["PUT orders/onecancel"] = () => no("not_ready", 409, 1);
  await phone.flow.cancel();
  assert.equal(phone.flow.trouble.value, undefined);
  assert.equal(phone.flow.cancelling.value, true);
  phone.answers["PUT orders/onecancel"] = () => ok({});
  phone.answers["GET orders/one"] = () => ok(order({ status: "CANCELLED", closedBy: "customer" }));
  await phone.timer();
  assert.equal(phone.flow.order?.status, "CANCELLED");
});

test("a refused cancel says why and leaves the order as it is", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  phone.answers["PUT orders/onecancel"] = () => no("wrong_status", 409);
  await phone.flow.cancel();
  assert.equal(phone.flow.trouble.value?.what, "cancel");
  assert.equal(phone.flow.cancelling.value, false);
});

test("a ready drink rings until it is collected, also after a reload, and again when it is called", async () => {
  const ready = { status: "COMPLETED", orderNumber: 1, updatedAt: "2026-11-23T09:31:00.000Z" } as const;
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order(ready));
  await phone.read();
  await phone.restart().start("CODE");
  assert.ok(phone.flow.rings);
  phone.now = Date.parse("2026-11-23T09:32:00.000Z");
  phone.flow.collected();
  assert.ok(!phone.flow.rings);
  await phone.restart().start();
  assert.ok(!phone.flow.rings);
  phone.answers["GET orders/one"] = () => ok(order({ ...ready, calledAt: "2026-11-23T09:33:00.000Z" }));
  await phone.read();
  assert.ok(phone.flow.rings);
});

test("a status that the page does not know changes nothing (D14)", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "WAITING", orderNumber: 1 }));
  await phone.read();
  phone.answers["GET orders/one"] = () => ok(order({ status: "STEAMING" as never }));
  await phone.read();
  assert.equal(phone.flow.order?.status, "WAITING");
});

test("an older answer never replaces a newer one", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "WAITING", orderNumber: 1 }));
  await phone.read();
  phone.answers["GET orders/one"] = () => ok(order({ status: "CREATED" }));
  await phone.read();
  assert.equal(phone.flow.order?.status, "WAITING");
});

test("ordering again after a cancelled order uses its code; after a drink it needs another code", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "CANCELLED", closedBy: "barista" }));
  await phone.read();
  phone.answers["POST qr-code"] = () => ok({ orderId: "two", ...SHOP });
  phone.flow.again();
  await new Promise((done) => setTimeout(done));
  assert.equal(phone.flow.kept.value?.orderId, "two");
  phone.answers["GET orders/two"] = () => ok(order({ orderId: "two", status: "COMPLETED" }));
  await phone.read();
  phone.flow.again();
  assert.equal(shown().kind, "entry");
});

test("the page stops asking some minutes after the end, when no call can come", async () => {
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order({ status: "CANCELLED" }));
  await phone.read();
  assert.ok(phone.polling);
  phone.now += 12 * 60_000;
  await phone.read();
  assert.equal(phone.polling, false);
});

test("a cancel without network is not sent by itself; the person keeps the order or is asked again", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  phone.answers = {};
  phone.flow.asking.value = true;
  await phone.flow.cancel();
  assert.equal(phone.flow.asking.value, false);
  assert.deepEqual([phone.flow.trouble.value?.what, phone.timers], ["cancel", []]);
  phone.flow.keep();
  assert.equal(phone.flow.trouble.value, undefined);
  assert.equal(phone.sent.filter((name) => name.endsWith("cancel")).length, 1);
});

test("the note about a cancel that could not be sent is removed when reads succeed again", async () => {
  await phone.flow.start("CODE");
  await phone.read();
  const { answers } = phone;
  const trouble = () => phone.flow.trouble.value?.what;
  phone.answers = {};
  await phone.flow.cancel();
  phone.answers = answers;
  await phone.read();
  assert.deepEqual(trouble(), undefined);
  // Only this request failed and the reads succeed: the note stays.
  phone.answers = { ...answers, "PUT orders/onecancel": () => no("offline", 0) };
  await phone.flow.cancel();
  await phone.read();
  assert.equal(trouble(), "cancel");
});

test("a call from before the person had the drink does not ring when the code is opened again", async () => {
  const ready = { status: "COMPLETED", orderNumber: 1, updatedAt: "2026-11-23T09:31:00.000Z" } as const;
  await phone.flow.start("CODE");
  phone.answers["GET orders/one"] = () => ok(order(ready));
  await phone.read();
  phone.now = Date.parse("2026-11-23T09:32:00.000Z");
  phone.flow.collected();
  phone.answers["GET orders/one"] = () => ok(order({ ...ready, calledAt: "2026-11-23T09:31:59.000Z" }));
  await phone.restart().start("CODE");
  await phone.read();
  assert.ok(!phone.flow.rings);
});
