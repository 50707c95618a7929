import assert from "node:assert/strict";
import { test } from "node:test";
import { languages } from "../../../src/core/i18n.ts";
import { reasons, reasonText } from "../../../src/core/reasons.ts";

test("a fixed reason is read in the language of the page, another one as it was written", () => {
  assert.equal(reasonText("es", reasons.closing.en), "El bar está cerrando");
  assert.equal(reasonText("pt-BR", "The milk is off"), "The milk is off");
  for (const texts of Object.values(reasons))
    assert.equal(new Set(languages.map((language) => texts[language])).size, languages.length);
});

test("the word that the API writes where there is no reason is never shown", () => {
  for (const language of languages) assert.equal(reasonText(language, "cancelled"), undefined);
  assert.equal(reasonText("en", undefined), undefined);
});
