// The page `order` when requests or answers are lost, the tab is closed, or the phone is locked.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { Bar, upToDate } from "./support/bar.ts";
import { device, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";

withBrowser();

async function phone(t: TestContext) {
  const context = await device(t, "phone");
  const page = await context.newPage();
  return { context, page };
}

const order = async (page: Page, drink = "Latte") => {
  await page.getByLabel(drink, { exact: true }).check();
  await page.getByRole("button", { name: `Order ${drink}` }).click();
};

test("the network is lost during the scan: the page tries again by itself", async (t) => {
  const bar = await Bar.start();
  const { page } = await phone(t);
  await page.route("**/qr-code?*", (route) => route.abort());
  await page.goto(bar.orderPage((await bar.code()).code));
  await expect(page).text("There is no connection to the bar. This page tries again by itself.");
  await expect(page).text(/Trying again in \d:\d\d/);
  await state(page, "order/scan-offline", { full: true });
  await page.unroute("**/qr-code?*");
  await expect(page).text("Choose a drink");
});

test("the answer of the scan is lost: the next try continues the same order", async (t) => {
  const bar = await Bar.start({ settings: { drinksPerBarcode: 1 } });
  const { page } = await phone(t);
  let lost = 0;
  await page.route("**/qr-code?*", async (route) => {
    if (lost++ > 0) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.goto(bar.orderPage((await bar.code()).code));
  await expect(page).text("Choose a drink");
  assert.equal(lost, 2);
  assert.equal((await bar.code()).availableTokens, 0);
});

test("the network is lost while the choice is sent: the page keeps the choice and sends it when the network is back", async (t) => {
  const bar = await Bar.start();
  const { page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await page.route("**/orders/*", (route) => route.abort());
  await order(page);
  await expect(page).text("Your choice is kept, but the bar does not have it yet.");
  await state(page, "order/not-sent", { full: true });
  await page.reload();
  await expect(page).text("Your choice is kept, but the bar does not have it yet.");
  await page.unroute("**/orders/*");
  await expect(page).text("in the queue");
});

test("the answer to the choice is lost: the order still joins the queue", async (t) => {
  const bar = await Bar.start();
  const { page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  let lost = 0;
  await page.route("**/orders/*", async (route) => {
    if (route.request().method() !== "PUT" || lost > 0) return route.continue();
    const answer = await route.fetch();
    if (answer.status() === 202) lost++;
    await route.abort();
  });
  await order(page);
  await expect(page).text("in the queue");
  await expect(page.locator("[data-number]")).text("1");
  assert.equal(lost, 1);
});

test("a reload while choosing keeps drink and options, and scans nothing", async (t) => {
  const bar = await Bar.start();
  const { page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await page.getByLabel("Latte").check();
  await page.getByLabel("Oat").check();
  const sent: string[] = [];
  page.on("request", (request) => sent.push(request.url()));
  await page.reload();
  await expect(page).text("Order Latte");
  assert.ok(await page.getByLabel("Oat").isChecked());
  assert.ok(!sent.some((address) => address.includes("qr-code")));
});

test("after its tab was closed the page continues the order, without a code and without a shop in the address", async (t) => {
  const bar = await Bar.start();
  const { context, page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await order(page);
  await expect(page).text("in the queue");
  await page.close();
  const second = await context.newPage();
  await second.goto(bar.page("order"));
  await expect(second.locator("[data-number]")).text("1");
  await second.close();
  const third = await context.newPage();
  await third.goto(bar.page("order").replace(/#.*/, ""));
  await expect(third.locator("[data-number]")).text("1");
});

test("the network is lost while the order waits: the page says since when, and recovers", async (t) => {
  const bar = await Bar.start();
  const { context, page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await order(page);
  await expect(page).text("in the queue");
  await context.setOffline(true);
  await expect(page).text(/Offline since \d\d:\d\d/);
  await expect(page.locator("[data-number]")).text("1");
  await state(page, "order/offline", { full: true });
  await context.setOffline(false);
  await expect(page).text(upToDate);
});

test("a phone that is unlocked shows that the drink became ready meanwhile", async (t) => {
  const bar = await Bar.start();
  const { page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await order(page);
  await expect(page).text("in the queue");
  const orderId = await page.evaluate(() => {
    const [, text = "[]"] = Object.entries(localStorage).find(([key]) => key.endsWith(":orders")) ?? [];
    return JSON.parse(text)[0].orderId as string;
  });
  // The page of a locked phone runs no script.
  const debug = await page.context().newCDPSession(page);
  await debug.send("Page.setWebLifecycleState", { state: "frozen" });
  await bar.complete(orderId);
  await debug.send("Page.setWebLifecycleState", { state: "active" });
  await expect(page.getByRole("dialog")).text("Your drink is ready!", 8);
});

test("two tabs of one phone are one customer", async (t) => {
  const bar = await Bar.start();
  const { context, page } = await phone(t);
  const address = bar.orderPage((await bar.code()).code);
  const other = await context.newPage();
  await Promise.all([page.goto(address), other.goto(address)]);
  await order(page);
  await expect(page).text("in the queue");
  await expect(other).text("in the queue");
  assert.equal((await bar.code()).availableTokens, 9);
});

test("a cancel that could not be sent says so and asks again; the note is removed when the network is back", async (t) => {
  const bar = await Bar.start();
  const { context, page } = await phone(t);
  await page.goto(bar.orderPage((await bar.code()).code));
  await order(page);
  await expect(page).text("in the queue");
  const button = (name: string) => page.getByRole("button", { name });
  const cancel = async () => {
    await button("Cancel the order").last().click();
    await button("Yes, cancel it").click();
    await expect(page).text("The cancellation did not reach the bar.");
  };
  await context.setOffline(true);
  await cancel();
  await state(page, "order/cancel-not-sent", { full: true });
  await button("Cancel the order").first().click();
  await expect(page.getByRole("dialog")).text("This cannot be undone.");
  await button("No, keep it").click();
  await button("Keep the order").click();
  await expect(page).noText("The cancellation did not reach the bar.");
  await cancel();
  // A read that succeeds after a failed one removes the note: first wait for a failed one.
  await page.waitForEvent("requestfailed", (request) => request.method() === "GET");
  await context.setOffline(false);
  await expect(page).text(upToDate);
  await expect(page).noText("The cancellation did not reach the bar.");
  await expect(page).text("in the queue");
});
