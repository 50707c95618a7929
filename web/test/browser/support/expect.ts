// Waits with a deadline for visible texts, and for numbers of elements.
import type { Locator, Page } from "playwright-core";
import { until } from "./wait.ts";

type Expected = {
  text(wanted: string | RegExp, seconds?: number): Promise<void>;
  noText(unwanted: string | RegExp, seconds?: number): Promise<void>;
  count(wanted: number, seconds?: number): Promise<void>;
};

const one = (text: string) => text.replace(/\s+/g, " ");
const has = (text: string, wanted: string | RegExp) =>
  typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);

export function expect(target: Page | Locator): Expected {
  const locator = "locator" in target && "goto" in target ? target.locator("body") : (target as Locator);
  let last = "";
  const text = async () => {
    const [shown = ""] = await locator.allInnerTexts().catch(() => []);
    last = one(shown);
    return last;
  };
  const explain = async (what: string, wait: Promise<unknown>) => {
    await wait.catch(() => {
      throw new Error(`${what}. There is: ${last}`);
    });
  };
  return {
    text: (wanted, seconds) =>
      explain(
        `no text ${wanted}`,
        until("", async () => has(await text(), wanted) || undefined, seconds),
      ),
    noText: (unwanted, seconds) =>
      explain(
        `still text ${unwanted}`,
        until("", async () => !has(await text(), unwanted) || undefined, seconds),
      ),
    count: (wanted, seconds) =>
      explain(
        `not ${wanted} of ${locator}`,
        until(
          "",
          async () => {
            last = String(await locator.count());
            return last === String(wanted) || undefined;
          },
          seconds,
        ),
      ),
  };
}
