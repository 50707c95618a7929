import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FailureCode } from "../../../src/core/api.ts";
import { languages } from "../../../src/core/i18n.ts";
import { byStep, repeats, stepOf } from "../../../src/order/problems.ts";
import { messages, sentence } from "../../../src/order/texts.ts";

const openapi = readFileSync(new URL("../../../../openapi.yaml", import.meta.url), "utf8");

/** The problem codes of the API, from the schema `Problem` itself and not from generated types. */
function codes(): string[] {
  const problem = openapi.slice(openapi.indexOf("\n    Problem:\n"));
  const [, listed = ""] = /\n {8}code:\n {10}type: string\n {10}enum: \[([^\]]*)\]/.exec(problem) ?? [];
  return listed.split(",").map((code) => code.trim());
}

/** Codes of requests of staff and displays alone, and `no_open_order`, after which a page polls. */
const ELSEWHERE =
  /^(pairing_.*|claim(ed_by_another|_changed)|too_late_to_call|too_many_displays|idempotency_key_reused|invalid_(name|colour|menu|link|limit|logo)|logo_not_found|version_mismatch|drink_not_found|no_open_order)$/;

const all = [...codes().filter((code) => !ELSEWHERE.test(code)), "offline", "unreadable"];

test("openapi.yaml lists the codes that the routes of a customer answer", () => {
  assert.ok(all.length > 20, String(all.length));
  for (const code of ["no_tokens", "store_full", "invalid_drink", "not_ready"])
    assert.ok(all.includes(code), code);
});

test("each problem code has a sentence in each language; only the codes of an outdated page share one", () => {
  for (const language of languages) {
    const { problem } = messages[language];
    assert.deepEqual(Object.keys(problem).sort(), [...all].sort(), language);
    const sentences = Object.values(problem);
    // Four codes say that the page is out of date.
    assert.equal(new Set(sentences).size, sentences.length - 3, `two codes of ${language} have one sentence`);
    for (const sentence of sentences) assert.match(sentence, /^\p{Lu}.{9,}\.$/u);
  }
});

test("each problem code has a next step, in words (D17)", () => {
  const grouped = Object.values(byStep).flatMap((problems) => Object.keys(problems));
  assert.deepEqual(grouped.sort(), [...all].sort());
  for (const language of languages) {
    for (const code of all) {
      const step = stepOf(code as FailureCode);
      assert.ok(messages[language].step[step].length > 10, `${language} ${code}`);
    }
  }
  assert.equal(stepOf("no_such_code" as FailureCode), "staff");
  assert.equal(sentence(messages.en, "pairing_used"), "The bar has a fault.");
});

test("the page repeats a request only if the same request may succeed", () => {
  const passing = all.filter((code) => repeats(code as FailureCode));
  const expected = ["internal", "not_ready", "offline", "throttled", "unavailable", "unreadable"];
  assert.deepEqual(passing.sort(), expected);
});
