// A display that was created by an admin, as `presso display create` does.
import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import type { Bar } from "./bar.ts";
import { type Device, device, type Options } from "./browser.ts";

export type DisplayOptions = Options & {
  /** Minutes after which a ready number leaves the list. */
  clear?: number;
  /** Time of the device's clock, which the test moves. */
  clock?: number;
};

export async function display(
  t: TestContext,
  bar: Bar,
  kind: Device = "tv",
  { clear, clock, ...options }: DisplayOptions = {},
): Promise<{ page: Page; secret: string; displayId: string }> {
  const { secret, displayId } = await bar.display();
  const context = await device(t, kind, options);
  const page = await context.newPage();
  if (clock !== undefined) await page.clock.install({ time: clock });
  await page.goto(bar.page("display", `&secret=${secret}${clear ? `&clear=${clear}` : ""}`));
  return { page, displayId, secret };
}

/** Seconds until the next code, as the display shows them; 599 if it shows none. */
export async function timeLeft(page: Page): Promise<number> {
  const [text = ""] = await page.locator(".code").allInnerTexts();
  const [, minutes = "9", seconds = "59"] = /New code in (\d+):(\d\d)/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
