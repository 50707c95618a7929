import assert from "node:assert/strict";
import { test } from "node:test";
import { messages as admin } from "../../src/admin/texts.ts";
import { messages as barista } from "../../src/barista/texts.ts";
import { messages as bus } from "../../src/bus/texts.ts";
import { signInTexts } from "../../src/core/sign-in-texts.ts";
import { staffTexts } from "../../src/core/staff-texts.ts";
import { coreTexts } from "../../src/core/texts.ts";
import { messages as index } from "../../src/index/texts.ts";
import { messages as more } from "../../src/more/texts.ts";

/** Texts that are the same in another language. */
const SAME = new Set(["Bar", "#", ""]);

/** Leaves of a catalogue: texts, and what functions make of sample values. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value === "function")
    return [1, 2].flatMap((count) =>
      leaves((value as (...args: unknown[]) => unknown)(count, 3), `${path}(${count})`),
    );
  return Object.entries(value as object).flatMap(([key, part]) => leaves(part, `${path}.${key}`));
}

for (const [screen, catalogues] of Object.entries({
  admin,
  barista,
  bus,
  coreTexts,
  index,
  more,
  signInTexts,
  staffTexts,
})) {
  test(`${screen}: every translation has the keys of English, and texts that differ from it`, () => {
    const english = new Map(leaves(catalogues.en, screen));
    for (const language of ["es", "pt-BR"] as const) {
      const others = leaves(catalogues[language], screen);
      assert.deepEqual(
        others.map(([path]) => path),
        [...english.keys()],
        language,
      );
      const equal = others.filter(([path, text]) => !SAME.has(text) && english.get(path) === text);
      assert.deepEqual(equal, [], language);
    }
  });
}
