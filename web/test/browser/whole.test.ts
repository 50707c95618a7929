// One order on a display, a phone and a tablet.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Route } from "playwright-core";
import { Bar } from "./support/bar.ts";
import { device, open, requests, withBrowser } from "./support/browser.ts";
import { display } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { scanned } from "./support/picture.ts";

withBrowser();

/** Checks that the menu is shown before config, orders and sign-in are answered. */
async function onlyTheScan(phone: Page, address: string): Promise<void> {
  const held: Route[] = [];
  const holds = (url: URL) => /\/(config|orders|myOrders|sign-in)/.test(url.pathname);
  await phone.route(holds, (route) => void held.push(route));
  const sent = requests(phone);
  await phone.goto(address);
  await phone.getByLabel("Cappuccino", { exact: true }).waitFor();
  assert.equal(sent[0], "POST /qr-code");
  for (const route of held) await route.continue();
  await phone.unroute(holds);
}

/** Milliseconds after which the page no longer takes a tap for the second of a double tap. */
const DOUBLE_TAP = 800;

test("a guest orders with the code in the display's pixels; the order is claimed, done, undone, done again, and called on the display", async (t) => {
  const bar = await Bar.start();
  const { page: television } = await display(t, bar);
  await television.locator("img.qr").waitFor();
  const address = await scanned(television.locator("img.qr"));

  const context = await device(t, "phone");
  const phone = await context.newPage();
  await onlyTheScan(phone, address);
  await phone.getByLabel("Cappuccino", { exact: true }).check();
  await phone.getByLabel("Oat", { exact: true }).check();
  await phone.getByRole("button", { name: "Order Cappuccino" }).click();
  await expect(phone).text("in the queue");
  await expect(phone.locator("[data-number]")).text("1");
  await expect(television.locator('.making [data-number="1"]')).text("Cappuccino");

  const tablet = await open(t, "tablet", bar.staffPage(bar.barista));
  const order = tablet.locator('[data-order="1"]');
  await expect(order).text("Oat");
  await order.getByRole("button", { name: "Make" }).click();
  await expect(phone).text("is being made");
  await order.getByRole("button", { name: "Done" }).click();
  await tablet.waitForTimeout(DOUBLE_TAP);
  await order.getByRole("button", { name: "Undo" }).click();
  await tablet.waitForTimeout(DOUBLE_TAP);
  await order.getByRole("button", { name: "Done" }).click();

  await expect(phone.getByRole("dialog")).text("Your drink is ready!");
  assert.match(await phone.title(), /✔ Ready #1/);
  await expect(television.locator(".ready li.called")).text("Cappuccino");
  await phone.reload();
  await phone.getByRole("button", { name: "I have my drink" }).click();
  await expect(phone).text("Enjoy your drink!");
});
