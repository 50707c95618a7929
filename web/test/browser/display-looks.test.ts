import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar, realtime } from "./support/bar.ts";
import { refresh, withBrowser } from "./support/browser.ts";
import { display } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";

withBrowser();

test("the display is in Spanish by the browser's language, and in Portuguese by the picker, also after a reload; drinks have translated names", async (t) => {
  const menu = [
    { drink: "Latte", icon: "latte", names: { es: "Café con leche", "pt-BR": "Café com leite" } },
  ];
  const bar = await Bar.start({ settings: { menu } });
  await bar.ordered("Latte");
  const { page } = await display(t, bar, "tv", { language: "es-MX" });
  await expect(page).text("Escanee para pedir");
  await expect(page).text("Café con leche");
  assert.equal(await page.locator("html").getAttribute("lang"), "es");
  await state(page, "display/es");
  await page.getByLabel("Idioma").selectOption("pt-BR");
  await expect(page).text("Café com leite");
  await state(page, "display/pt");
  await page.reload();
  await expect(page).text("Escaneie para pedir");
});

test("the display has the shop's name, logo and colours, and shows a new logo", async (t) => {
  const bar = await Bar.start({
    settings: { name: "Ferris Coffee", colours: { primary: "#7a1f5c", accent: "#f2b84b" } },
  });
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="18" fill="#f2b84b"/></svg>';
  const body = { contentType: "image/svg+xml", data: Buffer.from(svg).toString("base64") };
  const { status } = await bar.call("PUT", "logo", { as: bar.admin, body });
  assert.equal(status, 200);
  const { page } = await display(t, bar);
  await expect(page.locator("h1")).text("Ferris Coffee");
  await page.locator("header img").waitFor();
  await page.locator("img.qr").waitFor();
  const colours = await page.evaluate(() => {
    const { style } = document.documentElement;
    return [style.getPropertyValue("--brand"), style.getPropertyValue("--accent")];
  });
  assert.deepEqual(colours, ["#7a1f5c", "#f2b84b"]);
  await state(page, "display/own-colours");
  const shown = await page.locator("header img").getAttribute("src");
  const other = Buffer.from(svg.replace("#f2b84b", "#7a1f5c")).toString("base64");
  await bar.call("PUT", "logo", { as: bar.admin, body: { ...body, data: other } });
  await page.waitForFunction(
    (before) => document.querySelector("header img")?.getAttribute("src") !== before,
    shown,
  );
});

test("the waiting time appears once it is measured", async (t) => {
  const bar = await Bar.start();
  const { page } = await display(t, bar);
  await page.locator("img.qr").waitFor();
  await expect(page).noText("from order to drink");
  for (let n = 0; n < 5; n++) await bar.complete((await bar.ordered()).orderId);
  // While messages arrive, a display reads the board again after five minutes at the earliest.
  if (realtime) await refresh(page);
  await expect(page).text("About 1 minute from order to drink");
  await state(page, "display/waiting-time");
});

test("at 200 % zoom on a small window nothing is wider than the window, and the list can be scrolled to", async (t) => {
  const bar = await Bar.start();
  await bar.ordered("Cappuccino");
  const { page } = await display(t, bar, "tv", {
    viewport: { width: 640, height: 400 },
    deviceScaleFactor: 2,
  });
  await page.locator(".making li").waitFor();
  await page.locator(".making li").scrollIntoViewIfNeeded();
  const [wide, shown] = await page.evaluate(
    () => [document.documentElement.scrollWidth, innerWidth] as const,
  );
  assert.ok(wide <= shown, `${wide} px in a window of ${shown} px`);
  await state(page, "display/zoomed", { full: true });
});

test("sound is off until its button is pressed by keyboard; after a reload the display asks for a tap", async (t) => {
  const bar = await Bar.start();
  const { page } = await display(t, bar);
  await page.locator("img.qr").waitFor();
  const sound = page.getByRole("button", { name: "Sound is off" });
  await sound.waitFor();
  for (let tab = 0; tab < 8 && !(await sound.evaluate((one) => one === document.activeElement)); tab++) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sound is on" }).waitFor();
  await page.reload();
  await expect(page).text("Sound needs one tap on this screen.");
  await state(page, "display/sound-waits");
  await page.mouse.click(5, 5);
  await expect(page).noText("one tap");
});
