import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar, realtime } from "./support/bar.ts";
import { withBrowser } from "./support/browser.ts";
import { display } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";
import { until } from "./support/wait.ts";

withBrowser();

test("making and ready have large numbers; a number that becomes ready is called once, and not again after a reload (D5, D6)", async (t) => {
  const bar = await Bar.start();
  const orders = [await bar.ordered("Espresso"), await bar.ordered("Flat White"), await bar.ordered("Latte")];
  await bar.scan();
  const { page } = await display(t, bar);
  await expect(page.locator(".making li")).count(3);
  // The board tells nobody which orders are claimed: the heading is true for all of them.
  await expect(page.locator(".making h2")).text("In the queue");
  const numbers = () => page.locator(".making li").evaluateAll((all) => all.map((one) => one.textContent));
  assert.deepEqual(await numbers(), ["1Espresso", "2Flat White", "3Latte"]);
  const size = await page
    .locator(".making b")
    .first()
    .evaluate((one) => Number.parseFloat(getComputedStyle(one).fontSize));
  assert.ok(size >= 0.07 * 720, `a number has ${size} px`);
  await page.locator("img.qr").waitFor();
  await state(page, "display/making");

  await bar.complete(orders[1]?.orderId ?? "");
  await page.locator(".ready li.called").waitFor();
  await expect(page.locator("#announced")).text("Number 2 is ready: Flat White.");
  await state(page, "display/called");
  await expect(page.locator(".ready li.called")).count(0, 15);
  await state(page, "display/ready");
  await page.reload();
  await page.locator(".ready li").waitFor();
  assert.equal(await page.locator(".ready li.called").count(), 0);

  await bar.callAgain(orders[1]?.orderId ?? "");
  await expect(page.locator(".ready li.called")).text("Please come");
  await state(page, "display/called-again");
});

test("in portrait the QR code has at least 40 % of the height, and the board has no tallies of drinks", async (t) => {
  const bar = await Bar.start();
  for (const drink of ["Espresso", "Espresso", "Latte"]) await bar.ordered(drink);
  const { page } = await display(t, bar, "portrait");
  await expect(page.locator(".making li")).count(3);
  const box = await page.locator("img.qr").boundingBox();
  assert.ok((box?.height ?? 0) >= 0.4 * 1280 - 1);
  assert.deepEqual(await page.locator(".making li").allTextContents(), ["1Espresso", "2Espresso", "3Latte"]);
  assert.doesNotMatch((await page.locator("main").textContent()) ?? "", /\d\s*×/);
  await state(page, "display/portrait");
});

test("a hundred orders are shown on pages, and each number appears", async (t) => {
  const bar = await Bar.start({ settings: { maxOrdersInQueue: 200 } });
  for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 10 }, () => bar.ordered()));
  // Each poll sets the page's clock to the bar's time. So without realtime the test replaces the
  // device's clock only after the page has loaded.
  const { page } = await display(t, bar, "tv", realtime ? { clock: Date.now() } : {});
  await expect(page.locator(".making")).text(/Page \d+ of \d+/);
  await state(page, "display/many");
  const seen = new Set<string>();
  // A page is shown for 8 s. The test moves the clock of the device, not that of the bar.
  if (!realtime) await page.clock.install();
  await until(
    "each of the hundred numbers",
    async () => {
      for (const number of await page.locator(".making li b").allTextContents()) seen.add(number);
      await page.clock.runFor(4000);
      return seen.size === 100 || undefined;
    },
    60,
  );
});

test("a ready number leaves the list after the minutes that the address names", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  await bar.complete(orderId);
  const { page } = await display(t, bar, "tv", { clock: Date.now(), clear: 1 });
  await page.locator(".ready li").waitFor();
  await page.context().setOffline(true);
  await page.clock.fastForward(61_000);
  await expect(page.locator(".ready li")).count(0);
});

test("the pointer is hidden while the mouse rests, and with reduced motion a call is not animated", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  const { page } = await display(t, bar, "tv", { reducedMotion: "reduce" });
  await page.locator("img.qr").waitFor();
  await page.locator(".stage.idle").waitFor();
  assert.equal(await page.locator(".stage").evaluate((one) => getComputedStyle(one).cursor), "none");
  assert.equal(await page.locator(".controls").evaluate((one) => getComputedStyle(one).opacity), "0");
  await bar.complete(orderId);
  const called = page.locator(".ready li.called");
  await called.waitFor();
  assert.equal(await called.evaluate((one) => getComputedStyle(one).animationName), "none");
  await page.mouse.move(100, 100);
  await page.locator(".stage:not(.idle)").waitFor();
});
