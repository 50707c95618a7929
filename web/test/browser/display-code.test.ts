import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar } from "./support/bar.ts";
import { withBrowser } from "./support/browser.ts";
import { display, timeLeft } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { scanned } from "./support/picture.ts";
import { state } from "./support/states.ts";
import { until } from "./support/wait.ts";

withBrowser();

test("an open shop: the QR code is read from the pixels, light and dark, large and small", async (t) => {
  const bar = await Bar.start();
  const { page, secret } = await display(t, bar);
  const picture = page.locator("img.qr");
  await picture.waitFor();
  const { code, shortCode } = await bar.code();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const side of [200, 400]) assert.equal(await scanned(picture, side), bar.orderPage(code));
  }
  const box = await picture.boundingBox();
  assert.ok((box?.height ?? 0) >= 0.4 * 720, "the picture has at least 40 % of the height");
  await expect(page).text(`${shortCode.slice(0, 3)} ${shortCode.slice(3)}`);
  await expect(page).text(/New code in \d:\d\d/);
  await expect(page).text("more drinks with this code");
  assert.ok(!page.url().includes(secret), "the secret leaves the address");
  await state(page, "display/dark", { dark: true });
  await state(page, "display/open");
});

test("a 4K screen and a small one show a code that can be read", async (t) => {
  const bar = await Bar.start();
  for (const viewport of [
    { width: 3840, height: 2160 },
    { width: 1024, height: 768 },
  ]) {
    const { page } = await display(t, bar, "tv", { viewport });
    await page.locator("img.qr").waitFor();
    assert.equal(await scanned(page.locator("img.qr")), bar.orderPage((await bar.code()).code));
    const box = await page.locator("img.qr").boundingBox();
    assert.ok((box?.height ?? 0) >= 0.4 * viewport.height);
  }
});

test("the number of drinks that are left counts down, and at none the display says that the code is used up (D1)", async (t) => {
  const bar = await Bar.start({ settings: { drinksPerBarcode: 2 } });
  const { page } = await display(t, bar);
  await expect(page).text("2 more drinks with this code");
  await bar.scan();
  await expect(page).text("1 more drink with this code");
  await state(page, "display/last-drink");
  await bar.scan();
  await expect(page).text("This code is used up");
  await expect(page).text(/The next code comes in/);
  assert.equal(await page.locator("img.qr").count(), 0);
  await state(page, "display/used-up");
});

test("closed, full and never opened have their own sentences, and the display follows each change by itself (D18, D23)", async (t) => {
  const bar = await Bar.start({ open: false });
  const { page } = await display(t, bar);
  await expect(page).text("Not open yet");
  await state(page, "display/never-opened");
  await bar.set({ maxOrdersInQueue: 1 });
  await bar.open();
  await page.locator("img.qr").waitFor();
  const { orderId } = await bar.ordered();
  await expect(page).text("All hands are full");
  await state(page, "display/full");
  await bar.close();
  await expect(page).text("The bar takes no orders at the moment.");
  await state(page, "display/closed");
  await bar.open();
  await bar.complete(orderId);
  await page.locator("img.qr").waitFor();
});

test("a device whose clock is wrong by hours counts down by the server's time, each second (D3, D4, D20)", async (t) => {
  const bar = await Bar.start();
  for (const hours of [-5, 5]) {
    const { page } = await display(t, bar, "tv", { clock: Date.now() + hours * 3_600_000 });
    await page.locator("img.qr").waitFor();
    const first = await timeLeft(page);
    const real = (Date.parse((await bar.code()).expiresAt) - Date.now()) / 1000;
    assert.ok(Math.abs(first - real) < 5, `shown ${first} s, real ${real} s`);
    await until("the next second", async () => (await timeLeft(page)) === first - 1 || undefined, 3);
  }
});
