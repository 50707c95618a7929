// Texts of the customer's page about refused requests.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Bar } from "./support/bar.ts";
import { device, open, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";

withBrowser();

const scan = async (t: TestContext, bar: Bar) => open(t, "phone", bar.orderPage((await bar.code()).code));

test("a page without a shop asks for its id, takes it in upper case, and a typed code opens the menu", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", bar.page("order").replace(/#.*/, ""));
  await expect(page).text("Order a coffee");
  await state(page, "order/no-shop", { full: true });
  await expect(page).text("The word after #e= in the address on the display.");
  await page.getByLabel("Id of the bar").fill(bar.shop.toUpperCase());
  await page.getByLabel("six characters").fill((await bar.code()).shortCode);
  await page.getByRole("button", { name: "Order with this code" }).click();
  await expect(page).text("Choose a drink");
});

test("a person who cannot scan types six characters, in upper or lower case and with blanks", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", bar.page("order"));
  await expect(page).text("Point the camera at the code on the display.");
  await expect(page).text("for 24 hours, a random number instead of your name; at the bar, for 30 days");
  await state(page, "order/entry", { full: true });
  const input = page.getByLabel("six characters");
  await input.fill("abc-9");
  await page.getByRole("button", { name: "Order with this code" }).click();
  await expect(page.locator("#six")).text("Six characters: A to Z and 2 to 7.");
  assert.equal(await input.getAttribute("aria-invalid"), "true");
  await state(page, "order/bad-code", { full: true });
  const { shortCode } = await bar.code();
  await input.fill(` ${shortCode.slice(0, 3).toLowerCase()} ${shortCode.slice(3)}`);
  await page.getByRole("button", { name: "Order with this code" }).click();
  await expect(page).text("Choose a drink");
  await page.reload();
  await expect(page).text("Choose a drink");
});

test("the page says that a code is wrong, and takes another one that is typed", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", bar.orderPage("MFRGGZDFMZTWQ2LK"));
  await expect(page).text("This code is wrong or has expired. Scan the code on the display");
  await state(page, "order/wrong-code", { full: true });
  await page.getByLabel("six characters").fill((await bar.code()).shortCode);
  await page.getByRole("button", { name: "Order with this code" }).click();
  await expect(page).text("Choose a drink");
});

test("the page says that a code is used up, and when the next one comes", async (t) => {
  const bar = await Bar.start({ settings: { drinksPerBarcode: 1 } });
  await bar.scan();
  const page = await scan(t, bar);
  await expect(page).text("All drinks of this code are taken. Scan the next code on the display");
  await expect(page).text(/The next code comes in \d:\d\d/);
  await state(page, "order/used-up", { full: true });
});

test("closed and full have their own sentences, and the same code works afterwards (D18)", async (t) => {
  const bar = await Bar.start({ settings: { maxOrdersInQueue: 1 } });
  const { code } = await bar.code();
  const { orderId } = await bar.ordered();
  const page = await open(t, "phone", bar.orderPage(code));
  await expect(page).text("The bar has as many orders as it can make. Try again in some minutes");
  await state(page, "order/full", { full: true });
  await bar.complete(orderId);
  await bar.close();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page).text("The bar is closed. Try again when the bar opens.");
  await state(page, "order/closed", { full: true });
  await bar.open();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page).text("Choose a drink");
});

test("a customer with an open order is shown that order", async (t) => {
  const bar = await Bar.start({ settings: { maxOrdersPerUser: 1 } });
  const context = await device(t, "phone");
  const page = await context.newPage();
  await page.goto(bar.orderPage((await bar.code()).code));
  await page.getByLabel("Latte").check();
  await page.getByRole("button", { name: "Order Latte" }).click();
  await expect(page).text("in the queue");
  await bar.open({ newCode: "true" });
  const second = await context.newPage();
  await second.goto(bar.orderPage((await bar.code()).code));
  await expect(second).text("You have an open order already. Pick up or cancel that one first.");
  await expect(second.locator("[data-number]")).text("1");
  await state(second, "order/limit", { full: true });
});

test("three orders without a drink end the code for this customer", async (t) => {
  const bar = await Bar.start();
  const page = await scan(t, bar);
  for (let attempt = 0; attempt < 3; attempt++) {
    await page.getByRole("button", { name: "Leave" }).click();
    await page.getByRole("button", { name: "Yes, cancel it" }).click();
    await expect(page).text("You cancelled this order.");
    await page.getByRole("button", { name: "Order again" }).click();
    if (attempt < 2) await expect(page).text("Choose a drink");
  }
  await expect(page).text("Three orders with this code ended without a drink.");
  await state(page, "order/three-attempts", { full: true });
});

test("after ten wrong codes no more are taken, and the page says for how long", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", bar.page("order"));
  for (let n = 0; n <= 10; n++) {
    await page.getByLabel("six characters").fill(`AAAAA${"ABCDEFGHIJK"[n]}`);
    const answered = page.waitForResponse(/qr-code/);
    await page.getByRole("button", { name: "Order with this code" }).click();
    await answered;
  }
  await expect(page).text("You entered too many wrong codes.");
  await expect(page).text(/The next code comes in \d:\d\d/);
  await state(page, "order/wrong-codes", { full: true });
});

test("the page says that a shop does not exist", async (t) => {
  const bar = await Bar.start({ open: false });
  const page = await open(t, "phone", bar.orderPage("MFRGGZDFMZTWQ2LK"));
  await expect(page).text("There is no bar of this name.");
  await state(page, "order/unknown-shop", { full: true });
});

test("a bar that wants an account: the link to the sign-in carries the code, and the page scans it afterwards", async (t) => {
  const bar = await Bar.start({ settings: { customerSignIn: "account" } });
  const page = await scan(t, bar);
  await expect(page).text("This bar takes orders from accounts. Sign in, and your order goes on.");
  await state(page, "order/account", { full: true });
  const { code } = await bar.code();
  const link = await page.getByRole("link", { name: "Sign in" }).getAttribute("href");
  assert.match(link ?? "", new RegExp(`t=${code}`));
  // As the index page does after a sign-in.
  const { token } = await import("./support/tokens.ts");
  const tokens = { access: token("carla", []), until: Date.now() + 3600_000 };
  await page.evaluate((text) => localStorage.setItem("bar::session", text), JSON.stringify(tokens));
  await page.reload();
  await expect(page).text("Choose a drink");
  await expect(page).text("your sign-in until you sign out");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).noText("your sign-in until you sign out");
});
