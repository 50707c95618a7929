// Views `admin` and `more` of the page `barista`, and the page `index`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Bar, pages, realtime } from "./support/bar.ts";
import { open, readTwice, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { state } from "./support/states.ts";
import { token } from "./support/tokens.ts";

withBrowser();

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="#7a1f5c"/></svg>';

test("an admin adds a drink with its names in Spanish and Portuguese and sees the preview; a menu that is not valid is refused", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tablet", bar.staffPage(bar.admin, "admin"));
  await page.getByRole("button", { name: "Add a drink" }).click();
  const item = page
    .locator("li.card")
    .filter({ has: page.locator("details[open]") })
    .last();
  await item.getByLabel("Name", { exact: true }).fill("Espresso");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).text("The menu is not valid.");
  await state(page, "admin/menu-invalid", { full: true });
  await item.getByLabel("Name", { exact: true }).fill("Cortado");
  await item.getByLabel("Name (Español)").fill("Cortado doble");
  await item.getByLabel("Name (Português)").fill("Cortado duplo");
  await expect(page.locator(".preview")).text("Cortado");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).text("Saved.");
  await state(page, "admin/menu", { full: true });
  const { body } = await bar.call<{ menu: { drink: string; names?: object }[] }>("GET", "config");
  assert.deepEqual(body.menu.find(({ drink }) => drink === "Cortado")?.names, {
    es: "Cortado doble",
    "pt-BR": "Cortado duplo",
  });
});

test("an edited menu remains while the settings are shown, and the browser asks before the page is left", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tablet", bar.staffPage(bar.admin, "admin"));
  await page.getByRole("button", { name: "Add a drink" }).click();
  const name = page.locator("details[open]").getByLabel("Name", { exact: true });
  await name.fill("Cortado");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByLabel("Name of the bar").waitFor();
  await page.getByRole("button", { name: "Menu", exact: true }).click();
  await expect(page.locator("form")).text("Cortado");
  const question = page.waitForEvent("dialog");
  const leaving = page.getByRole("link", { name: "To the queue" }).click();
  const dialog = await question;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await leaving;
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).text("Saved.");
  await page.getByRole("link", { name: "To the queue" }).click();
  await expect(page).text("No order is waiting.");
});

test("an admin edits name, colours, logo and limits; the page asks before it replaces another admin's edit", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tablet", bar.staffPage(bar.admin, "admin"));
  await page.getByRole("button", { name: "Settings" }).click();
  await expect(page.locator("main")).text(`Id of the bar: ${bar.shop}`);
  await page.getByLabel("Name of the bar").fill("Ferris Coffee");
  await page.getByLabel("Name and main buttons", { exact: true }).check();
  await page.getByLabel("Orders that one QR code allows").fill("7");
  await page.getByLabel("Choose a file").setInputFiles({
    name: "logo.svg",
    mimeType: "image/svg+xml",
    buffer: Buffer.from(LOGO),
  });
  await page.locator("header img").waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.locator("h1")).text("Ferris Coffee");
  await state(page, "admin/settings", { full: true });
  await page.getByLabel("Name of the bar").fill("Mine");
  await bar.set({ name: "Theirs" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page).text("Another admin changed the same since you began.");
  await state(page, "admin/conflict", { full: true });
  await page.getByRole("button", { name: "Save mine anyway" }).click();
  await expect(page.locator("h1")).text("Mine");
});

test("a display is paired with the code on the screen and revoked; wrong codes are explained", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tablet", bar.staffPage(bar.admin, "admin"));
  await page.getByRole("button", { name: "Displays" }).click();
  await expect(page).text("No display is paired.");
  await expect(page.locator(".address")).text(bar.page("display"));
  await page.getByLabel("Code on the screen").fill("000000");
  await page.getByRole("button", { name: "Pair the display" }).click();
  await expect(page).text("No screen shows this code.");
  await expect(page).noText(/no screen of this shop/);
  await state(page, "admin/pairing-wrong");
  const screen = await open(t, "tv", bar.page("display"));
  await screen.locator("[data-pairing]").waitFor();
  const [shown = ""] = await screen.locator("[data-pairing]").allInnerTexts();
  await page.getByLabel("Code on the screen").fill(shown.toLowerCase());
  await page.getByLabel("Name of the display").fill("Entrance");
  await page.getByRole("button", { name: "Pair the display" }).click();
  await expect(page).text("Paired: Entrance.");
  await screen.locator("img.qr").waitFor();
  await state(page, "admin/displays");
  await page.getByRole("button", { name: "Revoke Entrance" }).click();
  await expect(page.getByRole("dialog")).text("Entrance will stop showing the bar.");
  await state(page, "admin/revoke");
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await expect(page).text("No display is paired.");
  await expect(page).text("Revoked: Entrance.");
  await expect(page).noText("Paired: Entrance.");
  // While messages arrive, a display reads after five minutes at the earliest.
  if (realtime) await readTwice(screen);
  await expect(screen).text("The access of this screen has ended.", 30);
});

test("a barista sees the closed orders and the figures of the day, and downloads the orders as CSV", async (t) => {
  const bar = await Bar.start();
  await bar.complete((await bar.ordered("Espresso")).orderId);
  await bar.complete((await bar.ordered("Latte")).orderId);
  await bar.cancel((await bar.ordered("Latte")).orderId, "Sold out");
  const page = await open(t, "tablet", bar.staffPage(bar.barista, "more"));
  await page.getByRole("button", { name: "Closed orders" }).click();
  await expect(page.locator("tbody tr")).count(3);
  await state(page, "more/closed-orders");
  await bar.cancel((await bar.ordered("Latte")).orderId, "");
  await expect(page.locator("tbody tr")).count(4, 30);
  await expect(page.locator("tbody")).noText(/: cancelled/);
  await page.getByRole("button", { name: "Today" }).click();
  await expect(page).text("Made");
  await expect(page).text("Cancelled by the bar");
  await state(page, "more/today", { full: true });
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download the orders as CSV" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  assert.equal(text.trim().split(/\r?\n/).length, 5);
  assert.match(text, /Latte/);
});

test("a barista is no admin, and the page says so", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "tablet", bar.staffPage(token("bea", ["barista"]), "admin"));
  await expect(page).text("This account is no admin of this bar.");
  await state(page, "admin/no-role");
});

test("the index asks for a shop, links the pages, and shows the sign-in of a local bar", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", `${pages}/`);
  await expect(page).text("Which bar?");
  await state(page, "index/choose-shop");
  await page.getByLabel("Id of the bar").fill(bar.shop);
  await page.getByRole("button", { name: "Go" }).click();
  await expect(page).text("The bar is open.");
  await state(page, "index/pages");
  for (const name of ["Order a drink", "Display", "Bar", "Admin"]) {
    const link = page.getByRole("link", { name: new RegExp(`^${name}`) });
    assert.ok((await link.getAttribute("href"))?.includes(bar.shop), name);
  }
  await page.getByRole("link", { name: /^Bar/ }).click();
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByRole("region", { name: /Sign in/ }).waitFor();
  await state(page, "index/sign-in");
});

test("a page opens with a trailing slash, and the index without one", async (t) => {
  const bar = await Bar.start();
  const page = await open(t, "phone", `${pages}/order/#e=${bar.shop}`);
  await expect(page).text("Order a coffee");
  const index = await open(t, "phone", pages);
  await expect(index).text("Which bar?");
});
