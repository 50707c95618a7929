// Runs the tests in the browser, then compares the states that they reached with web/states.json.
//   ONLY=word: tests with this word in their name, and no comparison
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { realtime } from "./support/bar.ts";
import { Pool } from "./support/pool.ts";
import type { Result, StateList } from "./support/states.ts";

const here = dirname(fileURLToPath(import.meta.url));
const only = process.env.ONLY;
const folder = mkdtempSync(join(tmpdir(), "screens-"));
const file = join(folder, "results.jsonl");

const listed = (): string[] => {
  const states = JSON.parse(readFileSync(join(here, "../../states.json"), "utf8")) as StateList;
  return Object.entries(states).flatMap(([screen, all]) => Object.keys(all).map((key) => `${screen}/${key}`));
};

const pool = await Pool.find();

/** States that the bar cannot reach: it pushes no messages, or its emulator has no user pool. */
const absent = (state: string): boolean =>
  (!realtime && /^bus\/(?!off|no-role|signed-out)/.test(state)) ||
  (!pool && /^index\/(sign-in-.|new-password)/.test(state));

const { status } = spawnSync(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${process.env.SCREENS_JOBS ?? 3}`,
    "--test-timeout=180000",
    "--test-force-exit",
    "--test-reporter=spec",
    ...(only ? [`--test-name-pattern=${only}`] : []),
    ...globSync(join(here, "*.test.ts")).sort(),
  ],
  { stdio: "inherit", env: { ...process.env, SCREENS_RESULTS: file } },
);

const results: Result[] = existsSync(file)
  ? readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : [];
rmSync(folder, { recursive: true });
const reached = new Set(results.map(({ state }) => state));
const missing = only ? [] : listed().filter((state) => !reached.has(state) && !absent(state));
for (const state of missing) console.log(`no test reaches the state ${state}`);
const violations = results.reduce((sum, result) => sum + result.violations, 0);
console.log(`${reached.size} states, ${reached.size} screenshots, ${violations} axe violations`);
process.exitCode = status || missing.length > 0 || violations > 0 ? 1 : 0;
