// Counts the tones that a page plays.
import type { Page } from "playwright-core";

/** Returns a function that counts the tones that the page has played since this call. */
export async function countTones(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    Object.assign(globalThis, { played: 0 });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      (globalThis as unknown as { played: number }).played++;
      start.call(this, when);
    };
  });
  return () => page.evaluate("played");
}
