// The customer's screen, from the scan to the drink, and its commands.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { Bar, realtime } from "./support/bar.ts";
import { type Options, open, refresh, requests, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";
import { countTones } from "./support/tones.ts";
import { until } from "./support/wait.ts";

withBrowser();

/** A phone that has scanned the current code. */
async function scanned(t: TestContext, bar: Bar, options: Options = {}): Promise<Page> {
  const page = await open(t, "phone", bar.orderPage((await bar.code()).code), options);
  await page.getByRole("radio").first().waitFor();
  return page;
}

const orderOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const [, text = "[]"] = Object.entries(localStorage).find(([key]) => key.endsWith(":orders")) ?? [];
    return JSON.parse(text)[0].orderId;
  });

const tap = (page: Page, name: string | RegExp) => page.getByRole("button", { name }).click();

/** A phone whose order is in the queue. */
async function waiting(t: TestContext, bar: Bar, options: Options = {}) {
  const page = await scanned(t, bar, options);
  await page.locator('input[value="Cappuccino"]').check();
  await page.locator("button[type=submit]").click();
  await page.locator("[data-number]").waitFor();
  return { page, orderId: await orderOf(page) };
}

test("a scan leads to the menu without typing or signing in, with one POST request", async (t) => {
  const bar = await Bar.start();
  const { code } = await bar.code();
  const page = await open(t, "phone", "about:blank");
  const sent = requests(page);
  await page.goto(bar.orderPage(code));
  await page.getByText("Choose a drink").first().waitFor();
  assert.equal(sent[0], "POST /qr-code");
  assert.deepEqual(
    sent.filter((request) => request.startsWith("POST")),
    ["POST /qr-code"],
  );
  await expect(page).text(/Time left to choose: [45]:\d\d/);
  await state(page, "order/menu", { full: true });
});

test("a drink is chosen, made, ready and collected; READY fills the screen until a tap", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar);
  await page.getByLabel("Cappuccino").check();
  await page.getByLabel("Oat").check();
  await state(page, "order/options", { full: true });
  await tap(page, "Order Cappuccino");
  await expect(page).text("in the queue");
  await expect(page.locator("[data-number]")).text("1");
  await expect(page).text("Cappuccino, Oat");
  await state(page, "order/waiting", { full: true });
  const orderId = await orderOf(page);
  await bar.make(orderId);
  await expect(page).text("being made");
  await state(page, "order/making", { full: true });
  await bar.complete(orderId);
  await expect(page.getByRole("dialog")).text("Your drink is ready!");
  assert.equal(await page.title(), "✔ Ready #1");
  await page.keyboard.press("Escape");
  await state(page, "order/ready");
  await page.reload();
  await expect(page.getByRole("dialog")).text("Your drink is ready!");
  await tap(page, "I have my drink");
  await expect(page).text("Enjoy your drink!");
  await state(page, "order/collected", { full: true });
  await page.reload();
  await expect(page).text("Enjoy your drink!");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await bar.callAgain(orderId);
  await expect(page.getByRole("dialog")).text("The bar is calling your number!", 30);
  await state(page, "order/called");
});

test("a phone whose clock is an hour fast shows the time that is left (D20)", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", "about:blank");
  await page.clock.install({ time: Date.now() + 3600_000 });
  await page.goto(bar.orderPage((await bar.code()).code));
  await expect(page).text(/Time left to choose: 4:\d\d/);
});

test("the page reads and changes no order but its own (D21)", async (t) => {
  const bar = await Bar.start();
  await bar.ordered("Latte");
  const page = await open(t, "phone", "about:blank");
  const sent = requests(page);
  await page.goto(bar.orderPage((await bar.code()).code));
  await page.getByLabel("Cappuccino").check();
  await tap(page, "Order Cappuccino");
  await expect(page.locator("[data-number]")).text("2");
  const own = `/orders/${await orderOf(page)}`;
  // Without realtime the page asks for a ticket once.
  const allowed = ["POST /qr-code", `GET ${own}`, `PUT ${own}`, realtime ? "" : "POST /live"];
  assert.deepEqual(
    sent.filter((request) => !allowed.includes(request)),
    [],
  );
});

test("the page can be installed, and starts at its shop", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar);
  const debug = await page.context().newCDPSession(page);
  const { installabilityErrors } = await debug.send("Page.getInstallabilityErrors");
  // The browser context of a test is incognito, where nothing can be installed.
  const errors = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito");
  assert.deepEqual(errors, []);
  const { data } = await debug.send("Page.getAppManifest");
  assert.equal(JSON.parse(data ?? "").start_url, bar.page("order"));
});

test("READY vibrates, and plays the sound that the person switched on", async (t) => {
  const bar = await Bar.start();
  const { page, orderId } = await waiting(t, bar);
  await page.evaluate(() => {
    Object.assign(globalThis, { shaken: 0 });
    navigator.vibrate = () => !!++(globalThis as unknown as { shaken: number }).shaken;
  });
  const played = await countTones(page);
  await page.getByLabel("Sound when it is ready").check();
  await until("the two tones of the sample", async () => (await played()) === 2 || undefined);
  await bar.complete(orderId);
  await page.getByRole("dialog").waitFor();
  assert.equal(await page.evaluate("shaken"), 1);
  assert.equal(await played(), 5);
  await until("the next vibration", async () => (await page.evaluate("shaken")) === 2 || undefined);
});

test("the orders ahead are counted, and the number falls (D22)", async (t) => {
  const bar = await Bar.start();
  for (let n = 0; n < 5; n++) await bar.complete((await bar.ordered()).orderId);
  // The pace is measured from completions that are at least ten seconds old.
  await new Promise((done) => setTimeout(done, 10_500));
  const first = await bar.ordered();
  const { page, orderId } = await waiting(t, bar);
  // The answer to the choice has the position. No message tells the phone of other orders, so the
  // test makes the page read again.
  await expect(page).text("1 order ahead of you");
  if (realtime) await refresh(page);
  await expect(page).text(/about \d+ minutes?/);
  await state(page, "order/ahead", { full: true });
  await bar.complete(first.orderId);
  if (realtime) await refresh(page);
  await expect(page).text("You are next");
  await bar.make(orderId);
  await expect(page).text("being made");
  await expect(page).noText("You are next");
});

test("a drink that is sold out while the person chooses is marked, and another one is ordered", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar);
  await page.getByLabel("Latte").check();
  await bar.soldOut("Latte");
  await tap(page, "Order Latte");
  await expect(page).text("This choice is sold out or off the menu. Choose another drink.");
  await expect(page.locator(".drink.out")).text("Latte Sold out");
  assert.ok(await page.getByLabel("Latte").isDisabled());
  await state(page, "order/sold-out", { full: true });
  await page.getByLabel("Espresso", { exact: true }).check();
  await tap(page, "Order Espresso");
  await expect(page).text("in the queue");
});

test("the bar closes while the person chooses: the order is still accepted and completed", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar);
  await expect(page).text("Time left to choose");
  await bar.close();
  await page.getByLabel("Espresso", { exact: true }).check();
  await tap(page, "Order Espresso");
  await expect(page).text("in the queue");
  await bar.complete(await orderOf(page));
  await page.getByRole("dialog").waitFor();
});

test("cancelling asks first, No keeps the order, and the same code orders again (D16)", async (t) => {
  const bar = await Bar.start();
  const { page } = await waiting(t, bar);
  await tap(page, "Cancel the order");
  await expect(page.getByRole("dialog")).text("This cannot be undone.");
  await state(page, "order/cancel");
  await tap(page, "No, keep it");
  await expect(page).text("in the queue");
  assert.notEqual(
    await page.getByRole("button", { name: "Cancel the order" }).getAttribute("aria-busy"),
    "true",
  );
  await tap(page, "Cancel the order");
  await tap(page, "Yes, cancel it");
  await expect(page).text("You cancelled this order.");
  await state(page, "order/cancelled", { full: true });
  await page.reload();
  await expect(page).text("You cancelled this order.");
  await tap(page, "Order again");
  await expect(page).text("Choose a drink");
});

test("a person who has chosen no drink can leave after a question", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar);
  const leave = page.getByRole("button", { name: "Leave" });
  assert.equal(await leave.getAttribute("class"), "");
  await leave.click();
  await expect(page.getByRole("dialog")).text("This cannot be undone.");
  await tap(page, "Yes, cancel it");
  await expect(page).text("You cancelled this order.");
});

test("an order that the bar cancels shows the reason of the bar", async (t) => {
  const bar = await Bar.start();
  const { page, orderId } = await waiting(t, bar);
  await bar.cancel(orderId, "The milk is off");
  await expect(page).text("The bar cancelled this order.");
  await expect(page).text("Reason: The milk is off");
  await state(page, "order/cancelled-by-bar", { full: true });
});

test("a fixed reason of the bar is shown in the customer's language, and without a reason the page shows none", async (t) => {
  const bar = await Bar.start();
  const first = await waiting(t, bar, { language: "es-MX" });
  await bar.cancel(first.orderId, "The bar is closing");
  await expect(first.page).text("Motivo: El bar está cerrando");
  const second = await waiting(t, bar);
  await bar.cancel(second.orderId, "");
  await expect(second.page).text("The bar cancelled this order.");
  await expect(second.page).noText("Reason:");
});

test("after a cancel that races with the completion the page shows what the bar decided", async (t) => {
  const bar = await Bar.start();
  const { page, orderId } = await waiting(t, bar);
  await tap(page, "Cancel the order");
  const completed = bar.complete(orderId).then(
    () => "COMPLETED",
    () => "CANCELLED",
  );
  await tap(page, "Yes, cancel it");
  const wanted = (await completed) === "COMPLETED" ? "Your drink is ready!" : "You cancelled this order.";
  await expect(page).text(wanted);
});

test("a tap lists the last orders", async (t) => {
  const bar = await Bar.start();
  const { page, orderId } = await waiting(t, bar);
  await bar.complete(orderId);
  await tap(page, "I have my drink");
  await page.getByText("Your last orders").click();
  await expect(page.locator("details")).text(/#1.*Cappuccino.*Ready/);
  await state(page, "order/history", { full: true });
});

test("the page is in Spanish by the browser's language, and in Portuguese by the person's choice, also after a reload", async (t) => {
  const bar = await Bar.start({
    settings: {
      menu: [
        {
          drink: "Flat White",
          names: { es: "Café con leche corto", "pt-BR": "Café com leite" },
          modifiers: [
            { name: "Milk", names: { es: "Leche" }, options: ["Oat"], optionNames: { Oat: { es: "Avena" } } },
          ],
        },
      ],
    },
  });
  const page = await scanned(t, bar, { language: "es-MX" });
  await page.getByLabel("Café con leche corto").check();
  await expect(page).text("Leche");
  await expect(page).text("Avena");
  await expect(page).text("Elija una bebida");
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  await state(page, "order/es", { full: true });
  await page.getByRole("combobox").selectOption("pt-BR");
  await expect(page).text("Escolha uma bebida");
  await expect(page).text("Café com leite");
  await state(page, "order/pt", { full: true });
  await page.reload();
  await expect(page).text("Escolha uma bebida");
});

test("the steps fit in each language on small phones, two or four in a row", async (t) => {
  const bar = await Bar.start();
  const { page, orderId } = await waiting(t, bar);
  await bar.make(orderId);
  await expect(page).text("being made");
  for (const language of ["en", "es", "pt-BR"]) {
    await page.getByRole("combobox").selectOption(language);
    for (const width of [320, 390, 600]) {
      await page.setViewportSize({ width, height: 844 });
      const steps = await page.locator(".steps li").evaluateAll((all) =>
        all.map((one) => {
          const { right, top } = one.getBoundingClientRect();
          const seen = [...one.childNodes].filter((node) => node.nodeName !== "SPAN");
          const ends = seen.flatMap((node) => {
            const range = document.createRange();
            range.selectNode(node);
            return [...range.getClientRects()].map((box) => box.right);
          });
          return { over: Math.max(...ends) - right, top };
        }),
      );
      const rows = new Set(steps.map(({ top }) => top)).size;
      assert.equal(rows, width < 480 ? 2 : 1, `rows in ${language} at ${width} px`);
      assert.ok(
        steps.every(({ over }) => over <= 0),
        `cut off in ${language} at ${width} px: ${JSON.stringify(steps)}`,
      );
    }
  }
});

test("at 200 % zoom the page is no wider than the window, and the keyboard alone orders", async (t) => {
  const bar = await Bar.start();
  const page = await scanned(t, bar, {
    viewport: { width: 195, height: 422 },
    deviceScaleFactor: 2,
    isMobile: false,
  });
  const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
  assert.equal(wide, 0);
  await page.getByRole("combobox").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page).text("Order Americano");
  await state(page, "order/zoomed");
  await page.keyboard.press("Enter");
  await expect(page.locator("[data-number]")).text("1");
});

test("the page has the shop's name, logo and colours", async (t) => {
  const bar = await Bar.start({ settings: { name: "Café Aurora", colours: { primary: "#5b2a86" } } });
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#5b2a86"/></svg>';
  const body = { contentType: "image/svg+xml", data: Buffer.from(svg).toString("base64") };
  assert.equal((await bar.call("PUT", "logo", { as: bar.admin, body })).status, 200);
  const page = await scanned(t, bar);
  await expect(page.getByRole("heading", { level: 1 })).text("Café Aurora");
  await page.locator("img.logo").waitFor();
  await page.getByLabel("Latte").check();
  const colour = await page
    .getByRole("button", { name: "Order Latte" })
    .evaluate((button) => getComputedStyle(button).backgroundColor);
  assert.equal(colour, "rgb(91, 42, 134)");
  await state(page, "order/own-colours", { full: true });
});
