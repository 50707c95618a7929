// `presso serve` for the shop of a test.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import type { TestContext } from "node:test";
import type { Bar } from "./bar.ts";
import { until } from "./wait.ts";

export type Links = { display: string; order: string; barista?: string };

/** Starts `presso serve` and returns its links. The program ends with the test. */
export async function serve(t: TestContext, bar: Bar, ...options: string[]): Promise<Links> {
  const port = String(randomInt(20_000, 30_000));
  const program = spawn("presso", ["serve", "--json", "--event-id", bar.shop, "--port", port, ...options], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => program.kill());
  let printed = "";
  program.stdout.on("data", (text) => {
    printed += text;
  });
  return until("the links of presso serve", async () => {
    try {
      return JSON.parse(printed) as Links;
    } catch {
      return undefined;
    }
  });
}
