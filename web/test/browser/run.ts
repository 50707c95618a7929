// Runs the tests in the browser, then compares the states that they reached with web/states.json.
// A test that fails runs a second time, alone: on a busy machine a step can miss its deadline.
// If all of them pass then, each is reported as unsteady.
//   ONLY=pattern: only the tests whose name matches, and no comparison
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { realtime } from "./support/bar.ts";
import type { Outcome } from "./support/outcomes.ts";
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

/** True for a state that no test can reach at this bar, without realtime or without a user pool. */
const absent = (state: string): boolean =>
  (!realtime && /^bus\/(?!off|no-role|signed-out)/.test(state)) ||
  (!pool && /^index\/(sign-in-.|new-password)/.test(state));

const outcomes = join(folder, "outcomes.jsonl");

/** Reads a file with one JSON text a line. A file that does not exist has no lines. */
const lines = <T>(path: string): T[] =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : [];

/** Runs the files, or only those of their tests whose name matches. True if all pass. */
const run = (files: string[], jobs: string, pattern?: string): boolean =>
  spawnSync(
    process.execPath,
    [
      "--test",
      `--test-concurrency=${jobs}`,
      "--test-timeout=180000",
      "--test-force-exit",
      ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
      ...[`--test-reporter=${join(here, "support/outcomes.ts")}`, `--test-reporter-destination=${outcomes}`],
      ...(pattern ? [`--test-name-pattern=${pattern}`] : []),
      ...files,
    ],
    { stdio: "inherit", env: { ...process.env, SCREENS_RESULTS: file } },
  ).status === 0;

/** Runs a failed test alone, or a file that failed as a whole. True if it passes. */
const again = ({ file, name }: Outcome): boolean => {
  if (resolve(name) === file) return run([file], "1", only);
  const passes = run([file], "1", `^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  return passes && lines<Outcome>(outcomes).some((one) => one.name === name && one.passed);
};

let passed = run(globSync(join(here, "*.test.ts")).sort(), process.env.SCREENS_JOBS ?? "3", only);
if (!passed) {
  const failed = lines<Outcome>(outcomes).filter((one) => !one.passed);
  console.log(`\nTests that failed and run again, one after the other: ${failed.length}\n`);
  passed = failed.length > 0 && failed.map(again).every((one) => one);
  for (const { name } of passed ? failed : []) console.log(`UNSTEADY: failed once, then passed: ${name}`);
}

const results = lines<Result>(file);
rmSync(folder, { recursive: true });
const reached = new Set(results.map(({ state }) => state));
const missing = only ? [] : listed().filter((state) => !reached.has(state) && !absent(state));
for (const state of missing) console.log(`no test reaches the state ${state}`);
const violations = results.reduce((sum, result) => sum + result.violations, 0);
console.log(`${reached.size} states, ${reached.size} screenshots, ${violations} axe violations`);
process.exitCode = !passed || missing.length > 0 || violations > 0 ? 1 : 0;
