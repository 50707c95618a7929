import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, FailureCode } from "../../../src/core/api.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Accepted } from "../../../src/core/types.ts";
import { type Asked, createCounter } from "../../../src/more/counter.ts";
import { memory } from "../memory.ts";

const done: Answer<Accepted> = { ok: true, status: 201, body: { orderId: "o1", status: "CREATED" } };
const failed = (code: FailureCode, status: number): Answer<Accepted> => ({
  ok: false,
  failure: { code, status, detail: "", retryAfter: 2 },
});

function counter(...answers: Answer<Accepted>[]) {
  const asked: Asked[] = [];
  const waits: number[] = [];
  const kept = new Map<string, string>();
  const storage = createStorage("BAR", memory(kept));
  let keys = 0;
  const made = createCounter({
    storage,
    async send(request) {
      asked.push(request);
      return answers.shift() ?? done;
    },
    newKey: () => `key-${++keys}`,
    async wait(ms) {
      waits.push(ms);
    },
  });
  return { made, asked, waits };
}
const latte = { drink: "Latte", modifiers: [] };

test("a request that is answered with not_ready is sent again with its key, after the time that the API names", async () => {
  const { made, asked, waits } = counter(failed("not_ready", 409), failed("not_ready", 409), done);
  assert.equal((await made.order(latte)).ok, true);
  assert.deepEqual(
    asked.map(({ key }) => key),
    ["key-1", "key-1", "key-1"],
  );
  assert.deepEqual(waits, [2000, 2000]);
  assert.equal(made.unanswered(), undefined);
});

test("a request without an answer is kept and repeated with the same key: one order", async () => {
  const { made, asked } = counter(failed("offline", 0), done);
  await made.order(latte);
  assert.deepEqual(made.unanswered(), { key: "key-1", body: latte });
  await made.repeat();
  assert.deepEqual(
    asked.map(({ key }) => key),
    ["key-1", "key-1"],
  );
  assert.equal(made.unanswered(), undefined);
});

test("a refusal settles the request, and the next order has a key of its own", async () => {
  const { made, asked } = counter(failed("store_closed", 409), done);
  await made.order(latte);
  assert.equal(made.unanswered(), undefined);
  await made.order(latte);
  assert.deepEqual(
    asked.map(({ key }) => key),
    ["key-1", "key-2"],
  );
});

test("after an unreadable answer, an internal error, throttling or an ended session the request counts as unanswered", async () => {
  for (const [code, status] of [
    ["unreadable", 502],
    ["internal", 500],
    ["throttled", 429],
    ["unauthenticated", 401],
  ] as const) {
    const { made } = counter(failed(code, status));
    await made.order(latte);
    assert.notEqual(made.unanswered(), undefined, code);
  }
});
