import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar, pages, realtime, upToDate } from "./support/bar.ts";
import { device, open, readTwice, withBrowser } from "./support/browser.ts";
import { display, timeLeft } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { scanned } from "./support/picture.ts";
import { state } from "./support/states.ts";

withBrowser();

test("without network the display shows the last code while it is valid, and after hours it recovers by itself (D2, D23)", async (t) => {
  const bar = await Bar.start();
  await bar.ordered();
  const { page } = await display(t, bar, "tv", { clock: Date.now() });
  await page.locator("img.qr").waitFor();
  if (realtime) await page.locator('[data-fresh="live"]').waitFor();
  let asked = 0;
  await page.route("**/*eventId=*", (route) => {
    asked++;
    return route.abort();
  });
  // A socket that is open stays open until the browser says that the network is lost.
  if (realtime) await page.evaluate(() => dispatchEvent(new Event("offline")));
  await expect(page).text(/Offline since \d\d:\d\d/);
  await state(page, "display/offline");
  await page.clock.fastForward(((await timeLeft(page)) + 1) * 1000);
  await expect(page).text("This code is still valid. The screen is trying to get the next one.");
  await state(page, "display/code-late");
  asked = 0;
  await page.clock.runFor(15_000);
  // The pauses between failed requests grow: far fewer than one request a second.
  assert.ok(asked <= (realtime ? 8 : 6), `asked ${asked} times in 15 seconds`);
  await expect(page).text("No code at the moment");
  await state(page, "display/no-code");
  await page.clock.fastForward(6 * 60_000);
  await expect(page).text(/No connection since \d\d:\d\d/);
  await state(page, "display/offline-long");
  await page.clock.fastForward(7 * 3_600_000);
  await page.unroute("**/*eventId=*");
  await page.locator("img.qr").waitFor({ timeout: 60_000 });
  // The page tries to open a socket again after about half a minute at the latest.
  await expect(page).text(upToDate, 60);
  await expect(page.locator(".making li")).count(1);
  assert.equal(await scanned(page.locator("img.qr")), bar.orderPage((await bar.code()).code));
});

test("a screen pairs by a code that an admin enters, and is revoked", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tv", `${pages}/display`);
  await expect(page).text("Which bar?");
  await state(page, "display/choose-shop");
  await page.getByLabel("Id of the bar").fill(bar.shop);
  await page.keyboard.press("Enter");
  const shown = page.locator("[data-pairing]");
  await shown.waitFor();
  await state(page, "display/pairing");
  const code = await shown.getAttribute("data-pairing");
  await page.reload();
  await shown.waitFor();
  assert.equal(await shown.getAttribute("data-pairing"), code, "a reload keeps the code");
  const paired = await bar.call<{ displayId: string }>("POST", "displays", {
    as: bar.admin,
    body: { pairingCode: code?.toLowerCase(), name: "Entrance" },
  });
  assert.equal(paired.status, 201);
  await page.locator("img.qr").waitFor();
  await page.reload();
  await page.locator("img.qr").waitFor();
  await bar.revoke(paired.body.displayId);
  // While messages arrive, a display reads after five minutes at the earliest.
  if (realtime) await readTwice(page);
  await expect(page).text("The access of this screen has ended.", 30);
  await page.locator("[data-pairing]").waitFor();
  await state(page, "display/ended");
});

test("a screen whose requests for a pairing code fail says so, and shows a code once one succeeds", async (t) => {
  const bar = await Bar.start();
  const context = await device(t, "tv");
  const page = await context.newPage();
  await page.route("**/displays/pair*", (route) => route.abort());
  await page.goto(bar.page("display"));
  await expect(page).text("No connection. Check the network and try again.");
  await state(page, "display/pairing-offline");
  await page.unroute("**/displays/pair*");
  await page.locator("[data-pairing]").waitFor({ timeout: 60_000 });
});
