// States of the screens: each one is photographed and checked by axe.
import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export type StateList = Record<string, Record<string, string>>;
export const listed = JSON.parse(readFileSync(join(web, "states.json"), "utf8")) as StateList;

/** Folder of the pictures, and the file to which each reached state is written. */
const pictures = process.env.SCREENS_PICTURES ?? join(web, "../.local/screens");
const results = process.env.SCREENS_RESULTS;

export type Result = { state: string; violations: number };

/** Violations of the given rules of axe, or else of its default rules and of `target-size`. */
async function violations(page: Page, rules?: string[]): Promise<string[]> {
  // Through the debugger: the policy of the page allows no other script.
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(axe);
  // By default axe leaves this rule of WCAG 2.2 AA out.
  const more = { rules: { "target-size": { enabled: true } } };
  const options = { resultTypes: ["violations"], ...(rules ? { runOnly: rules } : more) };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

/**
 * Photographs the page as `screen/state`. Requires that axe finds nothing in the light theme, and
 * enough contrast in the dark one. `full`: the picture shows the whole page. `dark`: it shows the
 * dark theme.
 */
export async function state(page: Page, name: string, { full = false, dark = false } = {}): Promise<void> {
  const [screen = "", key = ""] = name.split("/");
  assert.ok(listed[screen]?.[key], `web/states.json has no state ${name}`);
  const folder = join(pictures, screen);
  mkdirSync(folder, { recursive: true });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  await page.screenshot({
    path: join(folder, `${key}.png`),
    fullPage: full,
    animations: "disabled",
    scale: "css",
  });
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    // Without motion axe measures no element while it fades.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Only colours differ in the dark theme.
    const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
    found.push(...(await violations(page, rules)).map((text) => `${name} ${colorScheme}: ${text}`));
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: null });
  if (results) appendFileSync(results, `${JSON.stringify({ state: name, violations: found.length })}\n`);
  assert.deepEqual(found, []);
}
