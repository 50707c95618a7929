// The bus page: what a room sees of the events of an order.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { Bar, pages, realtime } from "./support/bar.ts";
import { type Options, open, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";
import { token } from "./support/tokens.ts";
import { until } from "./support/wait.ts";

withBrowser();

const only = { skip: realtime ? false : "the bar has no realtime" };

const address = (bar: Bar, as?: string) => `${pages}/bus#e=${bar.shop}${as ? `&token=${as}` : ""}`;

async function watching(t: TestContext, bar: Bar, options: Options = {}): Promise<Page> {
  const page = await open(t, "tv", address(bar, bar.admin), options);
  await page.locator("svg.diagram").waitFor();
  await page.locator('[data-fresh="live"]').waitFor();
  return page;
}

/** Type of the event that the page shows now. */
const shown = (page: Page): Promise<string> =>
  page.locator("button.type").evaluate((button) => button.textContent);

/** Names of the rules that the page marks as matching. */
const matches = (page: Page): Promise<(string | null)[]> =>
  page
    .locator('[data-verdict="matches"]')
    .evaluateAll((rules) => rules.map((rule) => rule.getAttribute("data-rule")));

/** Waits until the page shows an event of the type, and checks this state. */
async function follow(page: Page, type: string, name: string): Promise<void> {
  await expect(page.locator("button.type")).text(type, 30);
  await state(page, `bus/${name}`);
}

test(
  "an order is followed on the page: each event, its producer, the rules that match and their targets",
  only,
  async (t) => {
    const bar = await Bar.start();
    const page = await watching(t, bar);
    await expect(page).text("No event yet.");
    await state(page, "bus/empty");
    const { as, orderId } = await bar.scan();
    await follow(page, "OrderProcessor.WorkflowStarted", "workflow-started");
    await expect(page.locator(".sentence")).text("OrderProcessor published OrderProcessor.WorkflowStarted");
    await expect(page.locator(".sentence")).text("ProjectionRule → OrderProjector");
    await expect(page.locator(".workflow [aria-current]")).text("AwaitCustomer");
    await bar.choose(orderId, as);
    await follow(page, "OrderManager.WaitingCompletion", "waiting-completion");
    await expect(page.locator(".workflow [aria-current]")).text("AwaitBarista");
    await bar.make(orderId);
    await follow(page, "OrderManager.MakeOrder", "make-order");
    await expect(page.locator(".sentence")).text("OrderManager published OrderManager.MakeOrder");
    assert.ok(!(await matches(page)).includes("ProjectionRule"), "a claim does not match ProjectionRule");
    await bar.complete(orderId);
    await follow(page, "OrderProcessor.orderFinished", "order-finished");
    await expect(page.locator(".workflow [aria-current]")).text("Finish ✔ ended");
    for (let back = 0; (await shown(page)) !== "Validator.NewOrder"; back++) {
      assert.ok(back < 8, "eight steps back do not lead to the first event");
      await page.getByRole("button", { name: "Step back" }).click();
    }
    await state(page, "bus/new-order");
    await expect(page.locator(".sentence")).text("Validator published Validator.NewOrder");
    await expect(page.locator(".sentence")).text("NewOrderRule → OrderProcessor");
    assert.ok((await matches(page)).includes("NewOrderRule"));
  },
);

test("an order that presso serves is followed to its end", only, async (t) => {
  const bar = await Bar.start();
  const page = await watching(t, bar);
  await promisify(execFile)("presso", ["--event-id", bar.shop, "order"], { timeout: 60_000 });
  await follow(page, "OrderProcessor.orderFinished", "presso-order");
  await page.locator(".timeline li").nth(5).waitFor();
  const types = (await page.locator(".timeline b").allTextContents()).reverse();
  // The last two are published in one call, and arrive in any order.
  assert.deepEqual(types.slice(0, 4), ["NewOrder", "WorkflowStarted", "WaitingCompletion", "MakeOrder"]);
  assert.deepEqual(types.slice(4).sort(), ["OrderCompleted", "orderFinished"]);
});

test(
  "pause keeps the shown event, a step goes back, one order can be chosen, and Live goes on",
  only,
  async (t) => {
    const bar = await Bar.start();
    const page = await watching(t, bar);
    const first = await bar.ordered("Latte");
    await expect(page.locator("button.type")).text("OrderManager.WaitingCompletion", 30);
    await page.getByRole("button", { name: "Pause" }).click();
    await bar.complete(first.orderId);
    await bar.ordered("Espresso");
    await page.locator(".timeline li").nth(7).waitFor();
    assert.equal(await shown(page), "OrderManager.WaitingCompletion");
    await expect(page).text("Paused");
    await state(page, "bus/paused");
    await page.getByRole("button", { name: "Step back" }).click();
    assert.equal(await shown(page), "OrderProcessor.WorkflowStarted");
    await page.getByLabel("Order", { exact: true }).selectOption({ label: "Order #2" });
    await expect(page.locator(".timeline")).noText("OrderCompleted");
    await page.getByRole("button", { name: "Live" }).click();
    await expect(page.locator(".sentence")).text("OrderManager.WaitingCompletion Order #2");
    await page.getByLabel("Order", { exact: true }).selectOption({ label: "All orders" });
    await expect(page.locator(".timeline")).text("OrderCompleted");
  },
);

/** Returns a function that lists type and time of each event that was shown since this call. */
async function record(page: Page): Promise<() => Promise<{ type: string; at: number }[]>> {
  await page.evaluate(() => {
    const seen: { type: string; at: number }[] = [];
    Object.assign(globalThis, { seen });
    const look = () => {
      const type = document.querySelector("button.type")?.textContent ?? "";
      if (type !== seen.at(-1)?.type) seen.push({ type, at: performance.now() });
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => page.evaluate("seen") as Promise<{ type: string; at: number }[]>;
}

test("a replay shows the last minutes at half the speed, and then the page is live", only, async (t) => {
  const bar = await Bar.start();
  const page = await watching(t, bar);
  await bar.ordered("Latte");
  await expect(page.locator("button.type")).text("OrderManager.WaitingCompletion", 30);
  const seen = await record(page);
  await page.getByRole("button", { name: "Replay at ½ speed" }).click();
  await expect(page).text("Replay of the last minutes, 0.5×");
  await state(page, "bus/replay");
  await page.getByRole("button", { name: "Pause" }).waitFor({ timeout: 60_000 });
  const events = (await seen()).filter(
    ({ type }) => type.startsWith("Validator") || type.startsWith("Order"),
  );
  assert.deepEqual(
    events.map(({ type }) => type),
    ["Validator.NewOrder", "OrderProcessor.WorkflowStarted", "OrderManager.WaitingCompletion"],
  );
  const lengths = events.slice(1).map(({ at }, index) => at - (events[index]?.at ?? 0));
  // Each event is shown for at least 1.2 s at full speed, so for 2.4 s at half the speed.
  assert.ok(
    lengths.every((ms) => ms > 2200),
    lengths.join(),
  );
});

test("a click shows the event as JSON, without a token", only, async (t) => {
  const bar = await Bar.start();
  const page = await watching(t, bar);
  const { orderId } = await bar.ordered("Latte");
  await expect(page.locator("button.type")).text("OrderManager.WaitingCompletion", 30);
  await page.locator(".timeline button").first().click();
  const json = (await page.locator("dialog pre").textContent()) ?? "";
  assert.equal(JSON.parse(json).detail.orderId, orderId);
  await state(page, "bus/json");
  await page.getByRole("button", { name: "Close" }).click();
  const everything = await page.evaluate(() => document.documentElement.outerHTML);
  assert.ok(!/TaskToken|TokenIssued/.test(everything));
});

test("at 1280 × 720 the page needs no scrolling, and its texts are large", only, async (t) => {
  const bar = await Bar.start();
  const page = await watching(t, bar);
  await bar.ordered("Latte");
  await expect(page.locator("button.type")).text("OrderManager.WaitingCompletion", 30);
  const size = await page.evaluate(() => ({
    height: document.documentElement.scrollHeight,
    parts: [...document.querySelectorAll("header, main > *")].map(
      (part) => `${part.className || part.tagName} ${part.getBoundingClientRect().height}`,
    ),
    letters: [...document.querySelectorAll(".diagram text")].map(
      (text) => (text as SVGTextElement).getBoundingClientRect().height,
    ),
    sentence: Number.parseFloat(getComputedStyle(document.querySelector(".sentence") as Element).fontSize),
  }));
  assert.ok(size.height <= 720, `${size.height} pixels high: ${size.parts.join(", ")}`);
  assert.ok(size.sentence >= 22, `${size.sentence} pixels`);
  // The label of the bus is rotated: its height is the length of the text.
  assert.ok(
    size.letters.every((height) => height >= 20),
    size.letters.join(),
  );
});

test("before any event the page draws the rules of the deployed stack", only, async (t) => {
  const bar = await Bar.start();
  const page = await watching(t, bar);
  const { body } = await bar.call<{
    rules: { name: string; bus?: string; eventPattern?: object }[];
    bus: string;
  }>("GET", "architecture", { as: bar.admin, shop: false });
  const deployed = body.rules.filter(
    ({ name, bus, eventPattern }) => eventPattern && bus === body.bus && !name.startsWith("presso-tap-"),
  );
  const drawn = await page
    .locator("[data-rule]")
    .evaluateAll((rules) => rules.map((rule) => rule.getAttribute("data-rule")));
  // Rules of `presso` commands that watch the bus at the same time are drawn as one row.
  const own = drawn.filter((name) => !name?.startsWith("presso"));
  assert.deepEqual(own.sort(), deployed.map(({ name }) => name).sort());
});

test("a barista and a person who is not signed in see no events", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tv", address(bar, bar.barista));
  await expect(page).text("This page is for admins.");
  await state(page, "bus/no-role");
  const other = await open(t, "tv", address(bar));
  await expect(other).text("Sign in");
  await state(other, "bus/signed-out");
});

test("the page says that the stack has no realtime", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tv", "about:blank");
  await page.route("**/live?*", (route) =>
    route.fulfill({
      status: 404,
      json: { code: "route_not_found", status: 404, title: "", type: "", detail: "" },
    }),
  );
  await page.goto(address(bar, token("ada", ["admin"])));
  await expect(page).text("This stack has no realtime.");
  await state(page, "bus/off");
});

test("the page is in the browser's language, Spanish or Portuguese", only, async (t) => {
  const bar = await Bar.start();
  for (const [language, text, name] of [
    ["es-ES", "publicó", "es"],
    ["pt-BR", "publicou", "pt"],
  ] as const) {
    const page = await watching(t, bar, { language });
    await bar.ordered("Latte");
    await expect(page).text(text, 30);
    await until(
      "the last event",
      async () => (await shown(page)).includes("WaitingCompletion") || undefined,
      30,
    );
    await state(page, `bus/${name}`);
  }
});
