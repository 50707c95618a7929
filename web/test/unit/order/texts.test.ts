import assert from "node:assert/strict";
import { test } from "node:test";
import type { Language } from "../../../src/core/i18n.ts";
import { messages } from "../../../src/order/texts.ts";

/** All texts by their path; texts with values are read with samples. */
function flat(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function") return [0, 1, 5].map((n) => [`${path}(${n})`, String(value(n))]);
  return Object.entries(value as object).flatMap(([key, part]) => flat(part, path ? `${path}.${key}` : key));
}

test("no text equals the English one", () => {
  const english = new Map(flat(messages.en));
  for (const language of ["es", "pt-BR"] as Language[]) {
    const texts = flat(messages[language]);
    assert.equal(texts.length, english.size);
    for (const [path, text] of texts) {
      assert.notEqual(text, english.get(path), `${language} ${path}`);
      assert.ok(text.trim(), `${language} ${path} is empty`);
    }
  }
});

test("one and many are told apart", () => {
  assert.equal(messages.en.ahead(0), "You are next");
  assert.equal(messages.en.ahead(1), "1 order ahead of you");
  assert.equal(messages.es.ahead(2), "2 pedidos antes del suyo");
  assert.equal(messages["pt-BR"].about(1), "cerca de 1 minuto");
});
