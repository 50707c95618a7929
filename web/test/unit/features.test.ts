import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tests = join(dirname(fileURLToPath(import.meta.url)), "..");
const table = readFileSync(join(tests, "../../docs/screens/README.md"), "utf8");

test("each test that docs/screens names for a feature or a defect exists", () => {
  const rows = [...table.matchAll(/\| ([bu])\/([\w/-]+): (.+) \|$/gm)];
  const missing = rows.filter(([, kind, file, name]) => {
    const path = join(tests, kind === "b" ? "browser" : "unit", `${file}.test.ts`);
    return !existsSync(path) || !readFileSync(path, "utf8").includes(`"${name}"`);
  });
  assert.deepEqual(
    missing.map(([row]) => row),
    [],
  );
  const defects = [...table.matchAll(/^\| D(\d+) /gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    defects,
    Array.from({ length: 24 }, (_, n) => n + 1),
  );
});
