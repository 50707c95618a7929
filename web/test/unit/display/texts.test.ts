import assert from "node:assert/strict";
import { test } from "node:test";
import { messages } from "../../../src/display/texts.ts";

/** Every text under its path, functions called with samples. */
function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function")
    return [1, 3].map((count) => [`${path}(${count})`, String(value(count, 5))]);
  return Object.entries(value as object).flatMap(([key, part]) => texts(part, `${path}.${key}`));
}

test("no translation of the display equals the English text", () => {
  const [en, es, pt] = [messages.en, messages.es, messages["pt-BR"]].map((all) => new Map(texts(all)));
  const same: string[] = [];
  for (const [path, text] of en ?? []) {
    if (es?.get(path) === text || pt?.get(path) === text) same.push(path);
  }
  assert.deepEqual(same, []);
});
