// Rules that match an event, and the state of its workflow, also in a half-built architecture.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { jsonOf, matched, stateAfter, workflowOf } from "../../../src/bus/architecture.ts";
import type { BusEvent } from "../../../src/core/messages.ts";
import type { Architecture } from "../../../src/core/types.ts";

const asl = JSON.parse(
  readFileSync(new URL("../../../../statemachines/order-processor.asl.json", import.meta.url), "utf8"),
);
const event = (type: string, detail: Record<string, unknown> = {}): BusEvent => ({
  id: type,
  source: "awsserverlessda.serverlesspresso",
  "detail-type": type,
  time: "2026-11-27T09:30:00Z",
  detail: { orderId: "o", userId: "u", eventId: "BAR", Message: "", at: "2026-11-27T09:30:00Z", ...detail },
});
const rule = (name: string, types: string[], more: object = {}) => ({
  name,
  enabled: true,
  bus: "Bus",
  eventPattern: { "detail-type": types, detail: { TaskToken: [{ exists: false }] } },
  targets: [{ name: `${name}Target`, kind: "function" }],
  ...more,
});
const architecture = (rules: object[], definition: object | undefined = asl) =>
  ({
    bus: "Bus",
    producers: [{ name: "validator", detailTypes: ["Validator.NewOrder"] }],
    rules,
    ...(definition ? { workflow: { name: "OrderProcessor", definition } } : {}),
  }) as unknown as Architecture;

test("rules of the bus match or differ, one that is off differs, and those of other buses and schedules are left out", () => {
  const bar = architecture([
    rule("A", ["Validator.NewOrder"]),
    rule("B", ["OrderManager.MakeOrder"]),
    rule("C", ["Validator.NewOrder"], { enabled: false }),
    rule("D", ["Validator.NewOrder"], { bus: "default" }),
    { name: "E", enabled: true, bus: "default", schedule: "rate(1 minute)", targets: [] },
  ]);
  const verdicts = (detail?: Record<string, unknown>) =>
    matched(bar, event("Validator.NewOrder", detail)).map(
      ({ rule: { name }, verdict }) => `${name} ${verdict}`,
    );
  assert.deepEqual(verdicts(), ["A matches", "B differs", "C differs"]);
  assert.deepEqual(verdicts({ TaskToken: "t" }), ["A differs", "B differs", "C differs"]);
});

test("rules of presso are one row, which matches if one of them does", () => {
  const bar = architecture([
    rule("presso-tap-1", ["OrderManager.MakeOrder"]),
    rule("A", []),
    rule("presso-tap-2", ["Validator.NewOrder"]),
  ]);
  const rows = matched(bar, event("Validator.NewOrder"));
  assert.deepEqual(
    rows.map(({ rule: { name, targets }, verdict }) => [name, targets[0]?.name, verdict]),
    [
      ["A", "ATarget", "differs"],
      ["presso × 2", "presso", "matches"],
    ],
  );
});

test("the state of the shipped workflow follows the events of the order", () => {
  const workflow = workflowOf(architecture([]));
  assert.ok(workflow);
  assert.deepEqual(workflow.path, ["Admit", "AwaitCustomer", "AssignNumber", "AwaitBarista", "Finish"]);
  const after = (...types: string[]) =>
    stateAfter(
      workflow,
      types.map((type) => event(type)),
    );
  assert.deepEqual(after(), { at: undefined, ended: false });
  assert.deepEqual(after("Validator.NewOrder"), { at: "Admit", ended: false });
  const chosen = ["Validator.NewOrder", "OrderProcessor.WorkflowStarted"];
  assert.deepEqual(after(...chosen), { at: "AwaitCustomer", ended: false });
  // The events may arrive in any order.
  assert.deepEqual(after("OrderManager.WaitingCompletion", ...chosen), { at: "AwaitBarista", ended: false });
  assert.deepEqual(after(...chosen, "OrderManager.OrderCompleted"), { at: "Finish", ended: true });
  assert.deepEqual(after(...chosen, "OrderProcessor.OrderFailed"), { at: "AwaitCustomer", ended: true });
});

test("without a workflow there is no path, and a path ends where the definition ends or repeats a state", () => {
  const bar = architecture([], undefined);
  delete (bar as { workflow?: unknown }).workflow;
  assert.equal(workflowOf(bar), undefined);
  const own = workflowOf(architecture([], { StartAt: "A", States: { A: { Next: "B" }, B: { Next: "A" } } }));
  assert.deepEqual(own?.path, ["A", "B"]);
  assert.deepEqual(workflowOf(architecture([], {}))?.path, []);
});

test("the JSON omits task tokens and keeps availableTokens", () => {
  const text = jsonOf(
    event("OrderProcessor.TokenIssued", { TaskToken: "secret", bucket: { availableTokens: 3 } }),
  );
  assert.ok(!text.includes("secret"));
  assert.match(text, /"availableTokens": 3/);
});
