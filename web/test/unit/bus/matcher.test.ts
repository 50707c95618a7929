// The page evaluates patterns of rules. Expectations are from AWS's documentation (EventBridge User
// Guide: "Creating event patterns", "Comparison operators for use in event patterns").
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Json, matches } from "../../../src/bus/matcher.ts";

type Case = [event: Json, pattern: Json, expected: "matches" | "differs" | "unknown"];
const check = (cases: Case[]) => {
  for (const [event, pattern, expected] of cases)
    assert.equal(
      matches(event as never, pattern as never),
      expected,
      `${JSON.stringify(event)} against ${JSON.stringify(pattern)}`,
    );
};

test("a field matches one of the values of its list, exactly and with its type", () => {
  check([
    [{ source: "a" }, { source: ["a", "b"] }, "matches"],
    [{ source: "c" }, { source: ["a", "b"] }, "differs"],
    [{ source: "A" }, { source: ["a"] }, "differs"],
    [{ n: 1 }, { n: ["1"] }, "differs"],
    [{ n: "1" }, { n: [1] }, "differs"],
    [{ n: null }, { n: [null] }, "matches"],
    [{}, { n: [null] }, "differs"],
    [{ n: "" }, { n: [""] }, "matches"],
    [{ n: true }, { n: [true] }, "matches"],
    [{ a: "x", b: "y" }, { a: ["x"], b: ["z"] }, "differs"],
    [{ a: "x", more: 1 }, { a: ["x"] }, "matches"],
  ]);
});

test("exists is true for leaf values only, not for objects and empty arrays", () => {
  check([
    [{ d: { t: "x" } }, { d: { t: [{ exists: true }] } }, "matches"],
    [{ d: { t: "x" } }, { d: { t: [{ exists: false }] } }, "differs"],
    [{ d: {} }, { d: { t: [{ exists: false }] } }, "matches"],
    [{}, { d: { t: [{ exists: false }] } }, "matches"],
    [{ d: { t: { u: 1 } } }, { d: { t: [{ exists: true }] } }, "differs"],
    [{ d: { t: { u: 1 } } }, { d: { t: [{ exists: false }] } }, "matches"],
    [{ d: { t: null } }, { d: { t: [{ exists: true }] } }, "matches"],
    [{ d: { t: [] } }, { d: { t: [{ exists: true }] } }, "differs"],
    [{ d: {} }, { d: { t: [{ exists: false }, "x"] } }, "matches"],
  ]);
});

test("an empty prefix matches every text, and nothing else", () => {
  const pattern = { id: [{ prefix: "" }] };
  check([
    [{ id: "a" }, pattern, "matches"],
    [{ id: "" }, pattern, "matches"],
    [{ id: 1 }, pattern, "differs"],
    [{ id: null }, pattern, "differs"],
    [{ id: {} }, pattern, "differs"],
    [{}, pattern, "differs"],
    [{ id: "order-1" }, { id: [{ prefix: "order" }] }, "matches"],
    [{ id: "Order-1" }, { id: [{ prefix: "order" }] }, "differs"],
    [{ id: "Order-1" }, { id: [{ prefix: { "equals-ignore-case": "order" } }] }, "matches"],
  ]);
});

test("suffix, wildcard, equals-ignore-case, numeric and anything-but compare as AWS documents them", () => {
  check([
    [{ f: "a.png" }, { f: [{ suffix: ".png" }] }, "matches"],
    [{ f: "a.PNG" }, { f: [{ suffix: ".png" }] }, "differs"],
    [{ f: "Alice" }, { f: [{ "equals-ignore-case": "alice" }] }, "matches"],
    [{ f: "dir/a.png" }, { f: [{ wildcard: "dir/*.png" }] }, "matches"],
    [{ f: "dir/a-png" }, { f: [{ wildcard: "dir/*.png" }] }, "differs"],
    [{ f: "a*b" }, { f: [{ wildcard: "a\\*b" }] }, "matches"],
    [{ n: 5 }, { n: [{ numeric: [">", 0, "<=", 5] }] }, "matches"],
    [{ n: 0 }, { n: [{ numeric: [">", 0, "<=", 5] }] }, "differs"],
    [{ n: "5" }, { n: [{ numeric: ["=", 5] }] }, "differs"],
    [{ s: "x" }, { s: [{ "anything-but": ["a", "b"] }] }, "matches"],
    [{ s: "a" }, { s: [{ "anything-but": ["a", "b"] }] }, "differs"],
    [{ s: "a" }, { s: [{ "anything-but": "a" }] }, "differs"],
    [{ s: "init-1" }, { s: [{ "anything-but": { prefix: "init" } }] }, "differs"],
    [{ s: "done" }, { s: [{ "anything-but": { prefix: ["init", "error"] } }] }, "matches"],
    [{}, { s: [{ "anything-but": ["a"] }] }, "differs"],
  ]);
});

test("an array matches if one of its values does, an array of objects if one object does", () => {
  check([
    [{ tags: ["a", "b"] }, { tags: ["b"] }, "matches"],
    [{ tags: ["a", "b"] }, { tags: ["c"] }, "differs"],
    [{ tags: ["a", "b"] }, { tags: [{ "anything-but": "a" }] }, "matches"],
    [
      {
        items: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      },
      { items: { a: [1], b: [2] } },
      "matches",
    ],
    [
      {
        items: [
          { a: 1, b: 2 },
          { a: 3, b: 4 },
        ],
      },
      { items: { a: [1], b: [4] } },
      "differs",
    ],
  ]);
});

test("$or needs one of its branches, and the other fields of the pattern have to match too", () => {
  const pattern = { source: ["s"], $or: [{ a: [1] }, { b: [2] }] };
  check([
    [{ source: "s", b: 2 }, pattern, "matches"],
    [{ source: "s", b: 3 }, pattern, "differs"],
    [{ source: "t", a: 1 }, pattern, "differs"],
  ]);
});

test("an operator that the page does not know has the verdict unknown, and a missing pattern differs", () => {
  check([
    [{ ip: "10.0.0.1" }, { ip: [{ cidr: "10.0.0.0/24" }] }, "unknown"],
    [{ ip: "10.0.0.1" }, { ip: [{ later: 1 }] }, "unknown"],
  ]);
  assert.equal(matches({ source: "s" }, undefined), "differs");
});

/** The pattern of a rule of the stack, as the text of template.yaml. */
function patternOf(rule: string): string {
  const template = readFileSync(new URL("../../../../template.yaml", import.meta.url), "utf8");
  const [, body = ""] = template.split(`\n  ${rule}:\n`);
  const [, pattern = ""] = body.split("EventPattern:\n");
  return pattern.split("\n      Targets:")[0] ?? "";
}

test("these tests cover the operators that the template uses", () => {
  const template = readFileSync(new URL("../../../../template.yaml", import.meta.url), "utf8");
  const patterns = template
    .split("EventPattern:\n")
    .slice(1)
    .map((text) => text.split("Targets:")[0] ?? "");
  assert.ok(patterns.length >= 4, `${patterns.length} patterns`);
  const operators = patterns.flatMap((text) =>
    [...text.matchAll(/\{ ?"?([a-z-]+)"?:/g)].map(([, name]) => name),
  );
  const known = ["exists", "prefix", "suffix", "anything-but", "numeric", "equals-ignore-case", "wildcard"];
  const fields = ["orderId", "userId", "eventId", "Message", "at", "TaskToken"];
  const others = operators.filter(
    (name = "") => ![...known, ...fields].includes(name) && !/[A-Z]/.test(name),
  );
  assert.deepEqual(others, []);
  assert.match(patternOf("NewOrderRule"), /TaskToken: \[\{ exists: false \}\]/);
});
