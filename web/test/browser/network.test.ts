// A display on the machine that runs `presso serve`, and a phone in its network.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Bar } from "./support/bar.ts";
import { open, withBrowser } from "./support/browser.ts";
import { expect } from "./support/expect.ts";
import { scanned } from "./support/picture.ts";
import { serve } from "./support/serve.ts";

withBrowser();

/** A loopback address that stands for the address of this machine in the network. */
const NETWORK = "127.0.0.2";

test("a display opened at localhost moves to the address in the network, which a phone scans", async (t) => {
  const bar = await Bar.start();
  const links = await serve(t, bar, `--lan=${NETWORK}`);
  assert.equal(links.barista, undefined, "no link for staff without --staff");
  const here = new URL(links.display);
  here.hostname = "localhost";
  const network = new URL(links.display).origin;
  assert.equal(new URL(network).hostname, NETWORK);
  const origins = [here.origin, network];
  const television = await open(t, "tv", here.href, { origins });
  await television.locator("img.qr").waitFor();
  assert.equal(new URL(television.url()).origin, network);
  const scan = await scanned(television.locator("img.qr"));
  assert.ok(scan.startsWith(`${network}/order#e=${bar.shop}&t=`), scan);

  const phone = await open(t, "phone", scan, { origins });
  await phone.locator('input[value="Cappuccino"]').check();
  await phone.locator("button[type=submit]").click();
  await expect(phone).text("in the queue");
  await expect(television.locator('.making [data-number="1"]')).text("Cappuccino");
});
