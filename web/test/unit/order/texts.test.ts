import assert from "node:assert/strict";
import { test } from "node:test";
import { type Language, languages, plural } from "../../../src/core/i18n.ts";
import { messages as counter } from "../../../src/more/texts.ts";
import { messages } from "../../../src/order/texts.ts";

/** All texts by their path. */
function flat(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, part]) => flat(part, path ? `${path}.${key}` : key));
}

test("no translation equals the English text, is empty, or differs in having a place for a value", () => {
  const english = new Map(flat(messages.en));
  for (const language of ["es", "pt-BR"] as Language[]) {
    const texts = flat(messages[language]);
    assert.equal(texts.length, english.size);
    for (const [path, text] of texts) {
      assert.notEqual(text, english.get(path), `${language} ${path}`);
      assert.ok(text.trim(), `${language} ${path} is empty`);
      assert.equal(
        text.includes("#"),
        english.get(path)?.includes("#"),
        `${language} ${path} and English differ in a place for a value`,
      );
    }
  }
});

test("the counter has the words of the customer's page for no preference and for sold out", () => {
  for (const language of languages) {
    assert.equal(counter[language].none, messages[language].noWish);
    assert.equal(counter[language].off, messages[language].soldOut);
  }
});

test("singular and plural have texts of their own", () => {
  assert.equal(plural("en", 1, messages.en.ahead), "1 order ahead of you");
  assert.equal(plural("es", 2, messages.es.ahead), "2 pedidos antes del suyo");
  assert.equal(plural("pt-BR", 1, messages["pt-BR"].about), "cerca de 1 minuto");
});
