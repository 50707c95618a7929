// The queue on a tablet.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Page } from "playwright-core";
import { Bar, upToDate } from "./support/bar.ts";
import { open, refresh, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";
import { token } from "./support/tokens.ts";
import { countTones } from "./support/tones.ts";
import { until } from "./support/wait.ts";

withBrowser();

const tablet = (t: TestContext, bar: Bar, as = bar.barista) => open(t, "tablet", bar.staffPage(as));
const card = (page: Page, number: number) => page.locator(`[data-order="${number}"]`);
/** Makes reads of the queue wait until the returned function is called. */
async function holdReads(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/orders?*", async (route) => {
    await released;
    await route.continue();
  });
  return release;
}
const lane = (page: Page, name: string) => page.locator(`[data-lane="${name}"] [data-order]`);

test("an order goes through the lanes; done can be undone for five seconds and is sent once", async (t) => {
  const bar = await Bar.start();
  const page = await tablet(t, bar);
  await expect(page).text("No order is waiting.");
  assert.ok(!page.url().includes("token"), "the token leaves the address");
  await state(page, "barista/empty");
  const { orderId } = await bar.ordered("Flat White");
  await bar.ordered("Latte");
  await bar.ordered("Flat White");
  await expect(lane(page, "waiting")).count(3);
  await expect(page.locator(".tally").first()).text("2 Flat White");
  await expect(card(page, 1)).text("New");
  await state(page, "barista/queue");
  await card(page, 1).getByRole("button", { name: "Make" }).click();
  await card(page, 1).getByRole("button", { name: "Done" }).waitFor();
  await expect(lane(page, "making")).count(1);
  await state(page, "barista/making");
  // The picture shows another order undone, because taking it may outlast the time to undo.
  await card(page, 2).getByRole("button", { name: "Make" }).click();
  await card(page, 2).getByRole("button", { name: "Done" }).click();
  await expect(card(page, 2)).text(/Sent in \d seconds?/);
  await state(page, "barista/undo");
  await card(page, 1).getByRole("button", { name: "Done" }).click();
  await expect(card(page, 1)).text(/Sent in \d seconds?/);
  await page.waitForTimeout(800);
  await card(page, 1).getByRole("button", { name: "Undo" }).click();
  await card(page, 1).getByRole("button", { name: "Done" }).waitFor();
  await expect(card(page, 1)).text("Undone: #1 is still being made.");
  await expect(page.locator("#announced")).text("Undone: #1 is still being made.");
  assert.equal((await bar.order(orderId)).status, "WAITING");
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("action=complete")) sent.push(request.url());
  });
  // Taps that follow at once count as one.
  await page.waitForTimeout(800);
  await card(page, 1).getByRole("button", { name: "Done" }).click();
  await bar.reaches(orderId, "COMPLETED");
  await expect(lane(page, "ready")).count(2);
  assert.equal(sent.length, 1);
  await card(page, 1).getByRole("button", { name: "Call again" }).click();
  await expect(card(page, 1)).text(/called at/);
  await state(page, "barista/called");
});

test("a double tap on Done counts as one tap, and the order is completed", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  await bar.make(orderId);
  const page = await tablet(t, bar);
  await card(page, 1).getByRole("button", { name: "Done" }).waitFor();
  const box = await card(page, 1).getByRole("button", { name: "Done" }).boundingBox();
  assert.ok(box);
  const [x, y] = [box.x + 20, box.y + box.height / 2];
  await page.mouse.click(x, y);
  await page.mouse.click(x, y);
  await expect(card(page, 1)).text(/Sent in \d seconds?/);
  await bar.reaches(orderId, "COMPLETED");
});

test("the cross to cancel is in the corner of the card, and nothing moves when the word New disappears", async (t) => {
  const bar = await Bar.start({ settings: { menu: [{ drink: "Caramel Macchiato with Oat Milk" }] } });
  const page = await tablet(t, bar);
  await expect(page).text("No order is waiting.");
  await bar.ordered("Caramel Macchiato with Oat Milk");
  await expect(card(page, 1)).text("New");
  const places = async () => {
    const boxes = [
      card(page, 1),
      card(page, 1).getByRole("button", { name: /Cancel order/ }),
      card(page, 1).getByRole("button", { name: "Make" }),
    ].map((one) => one.boundingBox());
    return (await Promise.all(boxes)).map((box) => box ?? { x: 0, y: 0, width: 0, height: 0 });
  };
  const before = await places();
  const [whole, cross] = before;
  assert.ok(whole && cross);
  assert.ok(whole.x + whole.width - cross.x - cross.width < 20, "the cross is at the right edge");
  assert.ok(cross.y - whole.y < 20, "the cross is at the upper edge");
  await page.mouse.click(5, 5);
  await expect(card(page, 1)).noText("New");
  assert.deepEqual(await places(), before);
});

test("a tablet that leaves the page while Done can be undone completes the order", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  const page = await tablet(t, bar);
  await card(page, 1).getByRole("button", { name: "Make" }).click();
  await card(page, 1).getByRole("button", { name: "Done" }).click();
  await page.goto("about:blank");
  await bar.reaches(orderId, "COMPLETED");
});

test("two baristas: a refused claim names the holder, taking over asks first, and the previous holder sees the new one (D11, D12)", async (t) => {
  const bar = await Bar.start();
  await bar.ordered("Cappuccino");
  const bea = await tablet(t, bar);
  const bob = await tablet(t, bar, token("bob", ["barista"]));
  await card(bob, 1).waitFor();
  // Bob's socket receives nothing, as if its messages were lost, and his next read is slow.
  await bob.routeWebSocket(/./, () => {});
  await bob.reload();
  await card(bob, 1).waitFor();
  const release = await holdReads(bob);
  await card(bea, 1).getByRole("button", { name: "Make" }).click();
  await expect(card(bea, 1)).text("made by you");
  await expect(card(bea, 1)).text(/for [2-9] s/);
  // Bob's tablet learns of the claim only from the refusal.
  await card(bob, 1).getByRole("button", { name: "Make" }).click();
  await expect(card(bob, 1)).text(/bea has been making this order since/);
  await state(bob, "barista/claimed-by-another");
  release();
  await refresh(bob);
  const take = card(bob, 1).getByRole("button", { name: "Take over" });
  await take.click();
  await expect(card(bob, 1)).text("Take it over?");
  await state(bob, "barista/take-over");
  await take.click();
  await expect(card(bob, 1)).text("made by you");
  await refresh(bea);
  await expect(card(bea, 1)).text("made by bob");
  assert.equal(await card(bea, 1).getByRole("button", { name: "Done" }).count(), 0);
});

test("two taps on Make at the same moment: one barista holds the claim, and the other one sees who", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered("Cappuccino");
  const bea = await tablet(t, bar);
  const bob = await tablet(t, bar, token("bob", ["barista"]));
  const makes = [bea, bob].map((page) => card(page, 1).getByRole("button", { name: "Make" }));
  await Promise.all(makes.map((button) => button.waitFor()));
  await Promise.all(makes.map((button) => button.click()));
  const holder = await until("a claim", async () => (await bar.order(orderId)).baristaUserId);
  for (const page of [bea, bob]) await refresh(page);
  const [winner, loser] = holder === "bea" ? [bea, bob] : [bob, bea];
  await expect(card(winner, 1)).text("made by you");
  await expect(card(loser, 1)).text(`made by ${holder}`);
});

test("a customer cancels while Done can be undone: the barista sees it, and the order stays cancelled", async (t) => {
  const bar = await Bar.start();
  const { as, orderId } = await bar.scan();
  await bar.reaches(orderId, "CREATED");
  await until("the choice", async () => {
    const { status } = await bar.call("PUT", `orders/${orderId}`, { as, body: { drink: "Latte" } });
    return status < 300 || undefined;
  });
  await bar.reaches(orderId, "WAITING");
  const page = await tablet(t, bar);
  await card(page, 1).getByRole("button", { name: "Make" }).click();
  await card(page, 1).getByRole("button", { name: "Done" }).click();
  await bar.call("PUT", `orders/${orderId}`, { as, query: { action: "cancel" } });
  await expect(page).text("cancelled by the customer");
  await state(page, "barista/gone");
  assert.equal((await bar.order(orderId)).status, "CANCELLED");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await expect(page).noText("cancelled by the customer");
});

test("cancelling asks first and needs a reason, and the order can be kept (D16)", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  const page = await tablet(t, bar);
  const cancel = card(page, 1).getByRole("button", { name: /Cancel order/ });
  await cancel.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).text("This cannot be undone.");
  await state(page, "barista/cancel");
  await dialog.getByRole("button", { name: "Keep the order" }).click();
  await card(page, 1).getByRole("button", { name: "Make" }).waitFor();
  assert.equal((await bar.order(orderId)).status, "WAITING");
  await cancel.click();
  const send = dialog.getByRole("button", { name: /Cancel order/ });
  assert.ok(await send.isDisabled(), "no reason is chosen");
  await dialog.getByLabel("Another reason").check();
  await dialog.getByLabel("Reason that the customer reads").fill(" ");
  assert.ok(await send.isDisabled(), "no reason is written");
  await dialog.getByLabel("The bar is closing").check();
  await send.click();
  const order = await bar.reaches(orderId, "CANCELLED");
  assert.deepEqual([order.closedBy, order.reason], ["barista", "The bar is closing"]);
  await expect(lane(page, "waiting")).count(0);
});

test("an order at the counter gets its number, and a lost answer does not order twice", async (t) => {
  const bar = await Bar.start();
  const page = await tablet(t, bar);
  await page.getByRole("link", { name: "Order at the counter" }).click();
  await page.getByLabel("Cappuccino", { exact: true }).check();
  await expect(page.getByLabel("Milk")).text("No preference");
  await page.getByLabel("Milk").selectOption("Oat");
  await state(page, "more/counter");
  await page.getByRole("button", { name: "Order", exact: true }).click();
  await expect(page).text("Ordered. The number is #1.");
  await state(page, "more/counter-ordered");
  await page.getByLabel("Espresso", { exact: true }).check();
  await page.route("**/orders?*", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.getByRole("button", { name: "Order", exact: true }).click();
  await expect(page).text("No answer yet for Espresso.");
  await state(page, "more/counter-unanswered");
  await page.unroute("**/orders?*");
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page).text("Ordered. The number is #2.");
  await page.getByRole("link", { name: "To the queue" }).click();
  await expect(lane(page, "waiting")).count(2);
  await expect(card(page, 1)).text("Oat");
});

test("the counter of a full bar says why it takes no order", async (t) => {
  const bar = await Bar.start({ settings: { maxOrdersInQueue: 1 } });
  await bar.ordered("Latte");
  const page = await tablet(t, bar);
  await page.getByRole("link", { name: "Order at the counter" }).click();
  await page.getByLabel("Espresso", { exact: true }).check();
  await page.getByRole("button", { name: "Order", exact: true }).click();
  await expect(page.getByRole("alert")).text("The bar has all the orders that it may take.");
});

test("one tap marks a drink as sold out in the shop's menu", async (t) => {
  const bar = await Bar.start();
  const page = await tablet(t, bar);
  await page.getByRole("link", { name: "Sold out" }).click();
  const espresso = page.getByRole("switch", { name: "Espresso", exact: true });
  await espresso.click();
  await expect(espresso).text("Sold out");
  await state(page, "more/sold-out");
  const { body } = await bar.call<{ menu: { drink: string; available: boolean }[] }>("GET", "config");
  assert.equal(body.menu.find(({ drink }) => drink === "Espresso")?.available, false);
  await espresso.click();
  await expect(espresso).text("Available");
});

test("closing and opening show the answer of the bar, and replacing the QR code asks first (D10)", async (t) => {
  const bar = await Bar.start();
  const before = await bar.code();
  const page = await tablet(t, bar);
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Close the bar" }).click();
  await expect(dialog).text("Customers cannot order until it is opened again.");
  await state(page, "barista/close");
  await dialog.getByRole("button", { name: "No", exact: true }).click();
  await expect(page.locator("[data-store]")).text("Open");
  await page.getByRole("button", { name: "Close the bar" }).click();
  await dialog.getByRole("button", { name: "Close the bar" }).click();
  await page.getByRole("button", { name: "Open the bar" }).waitFor();
  await page.getByRole("button", { name: "New QR code" }).click();
  await expect(dialog).text("and the bar opens");
  await dialog.getByRole("button", { name: "No", exact: true }).click();
  await state(page, "barista/closed");
  await page.route("**/store?*", (route) => route.abort());
  await page.getByRole("button", { name: "Open the bar" }).click();
  await expect(page).text("No connection. Check the network and try again.");
  await state(page, "barista/store-failed");
  await page.unroute("**/store?*");
  await page.getByRole("button", { name: "Open the bar" }).click();
  await page.getByRole("button", { name: "Close the bar" }).waitFor();
  await page.getByRole("button", { name: "New QR code" }).click();
  await expect(dialog).noText("and the bar opens");
  await state(page, "barista/new-code");
  await dialog.getByRole("button", { name: "New QR code" }).click();
  await until("another code", async () => (await bar.code()).code !== before.code || undefined);
});

test("without network the ages of orders grow and the page shows failed taps; with network it recovers (D17)", async (t) => {
  const bar = await Bar.start();
  await bar.ordered();
  const page = await open(t, "tablet", "about:blank");
  await page.clock.install();
  await page.goto(bar.staffPage(bar.barista));
  await card(page, 1).waitFor();
  await page.context().setOffline(true);
  await page.clock.fastForward(6 * 60_000);
  await expect(card(page, 1)).text(/■ .*late/);
  await card(page, 1).getByRole("button", { name: "Make" }).click();
  await expect(card(page, 1)).text("No connection.");
  await page.getByRole("button", { name: "New QR code" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "New QR code" }).click();
  await expect(page.locator("header")).text("No connection.");
  await expect(page).text(/Offline since/);
  await state(page, "barista/offline");
  await page.context().setOffline(false);
  await refresh(page);
  await expect(page).text(upToDate);
  await expect(page).noText("No connection.");
  await card(page, 1).getByRole("button", { name: "Make" }).click();
  await expect(card(page, 1)).text("made by you");
});

test("the page says that nobody is signed in, that an account has no role, or that the session has ended", async (t) => {
  const bar = await Bar.start();
  const nobody = await open(t, "tablet", bar.page("barista"));
  await nobody.getByRole("link", { name: "Sign in" }).waitFor();
  await state(nobody, "barista/signed-out");
  const customer = await tablet(t, bar, token("cleo", []));
  await expect(customer).text("This account is no barista of this bar.");
  await state(customer, "barista/no-role");
  const short = await tablet(t, bar, token("bea", ["barista"], 4));
  await expect(short).text("Your session has ended.");
  await state(short, "barista/session-ended");
});

test("the keys of a bump bar: a digit selects, Enter makes and completes, Backspace undoes Done", async (t) => {
  const bar = await Bar.start();
  const { orderId } = await bar.ordered();
  const page = await open(t, "tablet", bar.staffPage(bar.barista, "more"));
  await page.getByRole("button", { name: "This tablet" }).click();
  await expect(page.locator("main")).text(`Id of the bar: ${bar.shop}`);
  await page.getByLabel(/Keys: 1 to 9/).check();
  await state(page, "more/tablet");
  await page.getByRole("link", { name: "To the queue" }).click();
  await card(page, 1).waitFor();
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(card(page, 1)).text("made by you");
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(card(page, 1)).text("Undo");
  await page.keyboard.press("Backspace");
  await expect(card(page, 1)).noText("Undo");
  assert.equal((await bar.order(orderId)).status, "WAITING");
});

test("at 200 % zoom in Portuguese the page fits and its controls are at least 44 px high; Spanish can be chosen", async (t) => {
  const bar = await Bar.start();
  await bar.ordered("Latte");
  const page = await open(t, "tablet", bar.staffPage(bar.barista), {
    language: "pt-BR",
    viewport: { width: 590, height: 410 },
  });
  await card(page, 1).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "pt-BR");
  await state(page, "barista/pt", { full: true });
  const [wide, shown] = await page.evaluate(
    () => [document.documentElement.scrollWidth, innerWidth] as const,
  );
  assert.ok(wide <= shown, `${wide} px in a window of ${shown} px`);
  for (const box of await page
    .locator("button:visible, select:visible")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height)))
    assert.ok(box >= 44, `a button of ${box} px`);
  await page.locator("select").selectOption("es");
  await expect(page.locator("[data-lane=waiting] h2")).text("En espera");
  await state(page, "barista/es", { full: true });
});

test("sound can be switched on, and after a reload the page asks for a tap", async (t) => {
  const bar = await Bar.start();
  const page = await tablet(t, bar);
  const sound = page.getByRole("button", { name: "Sound" });
  await sound.click();
  assert.equal(await sound.getAttribute("aria-pressed"), "true");
  const played = await countTones(page);
  await bar.ordered();
  await until("the two tones of a new order", async () => (await played()) === 2 || undefined);
  await page.reload();
  await expect(page).text("Tap anywhere to make the sound audible.");
  await state(page, "barista/sound-waits");
});
