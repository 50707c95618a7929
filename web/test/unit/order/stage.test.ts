import assert from "node:assert/strict";
import { test } from "node:test";
import { languages } from "../../../src/core/i18n.ts";
import type { Order } from "../../../src/core/types.ts";
import { endOf, isAnnounced, stageOf } from "../../../src/order/stage.ts";
import { messages } from "../../../src/order/texts.ts";

const order = (change: Partial<Order>) => ({ status: "CANCELLED", ...change }) as Order;

test("each status has its stage, and a claim turns waiting into making", () => {
  const stages = [
    order({ status: "ADMITTED" }),
    order({ status: "CREATED" }),
    order({ status: "WAITING" }),
    order({ status: "WAITING", baristaUserId: "bea" }),
    order({ status: "COMPLETED" }),
    order({}),
  ].map(stageOf);
  assert.deepEqual(stages, ["starting", "choosing", "waiting", "making", "ready", "ended"]);
  assert.equal(stageOf(undefined), "starting");
});

test("each known end of an order has its own sentence, and unknown ones share another, in each language", () => {
  const system = [
    "customerTimeOut",
    "baristaTimeOut",
    "closed",
    "full",
    "customerLimit",
    "failed",
    "new reason",
  ];
  const ends = [
    order({ closedBy: "customer", reason: "My train leaves" }),
    order({ closedBy: "barista", reason: "full" }),
    ...system.map((reason) => order({ closedBy: "system", reason })),
  ];
  for (const language of languages) {
    const sentences = ends.map((end) => endOf(end, messages[language]));
    assert.equal(new Set(sentences).size, ends.length, sentences.join("\n"));
  }
  assert.equal(
    endOf(order({ closedBy: "system", reason: "full" }), messages.en),
    messages.en.problem.store_full,
  );
});

test("the time to choose is announced once at 60 and once at 15 seconds, or a few seconds later", () => {
  const heard = [];
  for (let left = 299; left >= 0; left--) if (isAnnounced(left + 1, left)) heard.push(left);
  assert.deepEqual(heard, [60, 15]);
  assert.ok(isAnnounced(63, 58), "from 63 s to 58 s");
  assert.ok(!isAnnounced(200, 30), "from 200 s to 30 s");
});
