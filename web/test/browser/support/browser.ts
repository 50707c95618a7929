// Chromium with the devices of a bar, and checks of every page.
import assert from "node:assert/strict";
import { after, type TestContext } from "node:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { pages, realtime } from "./bar.ts";

export type Device = "phone" | "tablet" | "tv" | "portrait";

const DEVICES: Record<Device, BrowserContextOptions> = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  tablet: { viewport: { width: 1180, height: 820 }, hasTouch: true },
  tv: { viewport: { width: 1280, height: 720 } },
  portrait: { viewport: { width: 720, height: 1280 } },
};

let launched: Promise<Browser> | undefined;

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
  });

/** Closes the Chromium of a file after its tests, which share it. */
export function withBrowser(): void {
  after(async () => (await launched)?.close());
}

/** Origins of the pages, and of the emulator, which has the user pool of a local stack. */
const ownOrigins = () =>
  [pages, process.env.POOL_PAGES_URL, process.env.AWS_ENDPOINT_URL]
    .filter((address) => address !== undefined)
    .map((address) => new URL(address).origin);

export type Options = BrowserContextOptions & {
  language?: string;
  /** Origins to which pages may send requests, instead of `ownOrigins`. */
  origins?: string[];
};

/** A new device, on which nothing is stored. It is closed at the end of the test. */
export async function device(t: TestContext, kind: Device, options: Options = {}): Promise<BrowserContext> {
  launched ??= launch();
  const browser = await launched;
  const { language = "en-GB", origins = ownOrigins(), ...rest } = options;
  const context = await browser.newContext({ ...DEVICES[kind], locale: language, ...rest });
  context.setDefaultTimeout(20_000);
  // The stack may have realtime although REALTIME=none: its pages poll if no socket opens.
  if (!realtime) await context.routeWebSocket(/./, (socket) => void socket.close({ code: 1006 }));
  const faults = watch(context, origins);
  t.after(async () => {
    await context.close();
    assert.deepEqual(faults, [], "the browser reported faults");
  });
  return context;
}

/** Opens a page on a new device. */
export async function open(
  t: TestContext,
  kind: Device,
  address: string,
  options: Options = {},
): Promise<Page> {
  const context = await device(t, kind, options);
  const page = await context.newPage();
  await page.goto(address);
  return page;
}

/** Records exceptions, errors and secrets in the console, and requests to other origins. */
function watch(context: BrowserContext, origins: string[]): string[] {
  const faults: string[] = [];
  context.on("weberror", (error) => faults.push(String(error.error())));
  context.on("console", (message) => {
    const text = message.text();
    const expected = /Failed to load resource|net::ERR_|WebSocket/.test(text);
    if (message.type() === "error" && !expected) faults.push(text);
    if (/eyJ[\w-]+\.eyJ|guest_[\w-]{43}|display_[\w-]{43}/.test(text))
      faults.push("a secret is in the console");
  });
  context.on("request", (request) => {
    const address = new URL(request.url());
    if (/^https?:$/.test(address.protocol) && !origins.includes(address.origin))
      faults.push(`request to ${address.origin}`);
  });
  return faults;
}

/** Requests to the API that a page sends from now on. */
export function requests(page: Page): string[] {
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() !== "fetch") return;
    const { pathname } = new URL(request.url());
    const folder = new URL(pages).pathname.replace(/\/$/, "");
    sent.push(`${request.method()} ${pathname.slice(folder.length)}`);
  });
  return sent;
}

/** Makes a display read twice: it gives up its secret after the second refusal. */
export async function readTwice(page: Page): Promise<void> {
  for (let reads = 0; reads < 2; reads++) {
    await refresh(page);
    await page.waitForTimeout(2000);
  }
}

/** Makes a page read at once, as a device does whose network is back. */
export const refresh = (page: Page): Promise<void> =>
  page.evaluate(() => void dispatchEvent(new Event("online")));
