// Pages with sockets: they do not poll, and they recover from faults of their sockets.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { BrowserContext, Page, WebSocketRoute } from "playwright-core";
import { Bar, codeLasting, realtime, upToDate } from "./support/bar.ts";
import { device, requests, withBrowser } from "./support/browser.ts";
import { display, timeLeft } from "./support/display.ts";
import { expect } from "./support/expect.ts";
import { until } from "./support/wait.ts";

withBrowser();

const only = { skip: realtime ? false : "the bar has no realtime" };
const reads = (sent: readonly string[]) =>
  sent.filter((request) => !/ \/(config|live|sign-in)$/.test(request));

/** Delivers a message of the bar to the page, with a fault. `count`: number of earlier messages. */
type Trouble = (text: string, deliver: (text: string) => void, count: number) => void;

/** Passes the messages to the sockets of a device through `trouble`, and lists the sockets. */
async function between(context: BrowserContext, trouble: Trouble, sockets: WebSocketRoute[]): Promise<void> {
  let count = 0;
  await context.routeWebSocket(/./, (page) => {
    sockets.push(page);
    const server = page.connectToServer();
    server.onMessage((text) => trouble(String(text), (later) => page.send(later), count++));
  });
}

/** A phone, a tablet and a display of one bar, whose messages pass through `trouble`. */
async function screens(t: TestContext, bar: Bar, trouble: Trouble) {
  const phone = await device(t, "phone");
  const tablet = await device(t, "tablet");
  const tv = await device(t, "tv");
  const sockets: WebSocketRoute[] = [];
  for (const context of [phone, tablet, tv]) await between(context, trouble, sockets);
  const open = async (context: BrowserContext, address: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(address);
    return page;
  };
  const { secret } = await bar.display();
  return {
    phone: await open(phone, bar.orderPage((await bar.code()).code)),
    tablet: await open(tablet, bar.staffPage(bar.barista)),
    tv: await open(tv, bar.page("display", `&secret=${secret}`)),
    sockets,
  };
}

const orderOf = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const [, text = "[]"] = Object.entries(localStorage).find(([key]) => key.endsWith(":orders")) ?? [];
    return JSON.parse(text)[0].orderId;
  });

async function choose(phone: Page): Promise<string> {
  await phone.getByLabel("Cappuccino").check();
  await phone.getByRole("button", { name: "Order Cappuccino" }).click();
  await phone.locator("[data-number]").waitFor();
  return orderOf(phone);
}

test(
  "a phone follows an order by messages, with at most three reads from the scan to the drink",
  only,
  async (t) => {
    const bar = await Bar.start();
    const context = await device(t, "phone");
    const phone = await context.newPage();
    const sent = requests(phone);
    await phone.goto(bar.orderPage((await bar.code()).code));
    await expect(phone).text("Time left to choose");
    await expect(phone).text(upToDate);
    const orderId = await choose(phone);
    await bar.make(orderId);
    await expect(phone).text("being made");
    await bar.complete(orderId);
    await expect(phone.getByRole("dialog")).text("Your drink is ready!");
    const order = `GET /orders/${orderId}`;
    const all = sent.filter((request) => request === order);
    assert.ok(all.length <= 3, `${all.length} reads of the order`);
    assert.deepEqual(
      sent.filter((request) => request !== order),
      ["POST /qr-code", `PUT /orders/${orderId}`],
    );
  },
);

test(
  "while sockets are open, display and tablet rest for minutes between reads, and the phone does not read",
  only,
  async (t) => {
    const bar = await Bar.start();
    const all = await Promise.all(
      (["phone", "tablet", "tv"] as const).map(async (kind) => {
        const page = await (await device(t, kind)).newPage();
        await page.clock.install({ time: Date.now() });
        return { kind, page };
      }),
    );
    const { secret } = await bar.display();
    const addresses = {
      phone: bar.orderPage((await bar.code()).code),
      tablet: bar.staffPage(bar.barista),
      tv: bar.page("display", `&secret=${secret}`),
    };
    for (const { kind, page } of all) {
      let inFlight = 0;
      page.on("request", () => inFlight++);
      for (const end of ["requestfinished", "requestfailed"] as const)
        page.on(end as "requestfinished", () => inFlight--);
      const idle = () => until("no request in flight", async () => inFlight <= 0 || undefined);
      // The code must not end before a page without a socket would have polled several times.
      if (kind === "tv") await codeLasting(40_000);
      await page.goto(addresses[kind]);
      await expect(page).text(upToDate);
      if (kind === "phone") await expect(page).text("Time left to choose");
      await page.clock.runFor(3000);
      await new Promise((done) => setTimeout(done, 500));
      await idle();
      const sent = requests(page);
      // A display reads once when the code of its window ends.
      const quiet = kind === "tv" ? Math.min(100_000, ((await timeLeft(page)) - 5) * 1000) : 100_000;
      await page.clock.runFor(quiet);
      assert.deepEqual(reads(sent), [], `${kind}: within ${quiet} ms`);
      // The steps of the phone end before its time to choose is over.
      const steps = kind === "phone" ? 15 : 35;
      for (let step = 0; step < steps; step++) {
        await page.clock.runFor(10_000);
        // A read takes real time. The page gives it up after twelve seconds of its moved clock.
        await new Promise((done) => setTimeout(done, 100));
        await idle();
      }
      const rounds = reads(sent).length;
      const limit = { phone: 0, tablet: 4, tv: 6 }[kind];
      assert.ok(rounds <= limit, `${kind} read too often: ${reads(sent)}`);
      if (kind !== "phone") assert.ok(rounds > 0, `${kind} read nothing`);
    }
  },
);

const TROUBLES: Record<string, Trouble> = {
  doubled: (text, deliver) => {
    deliver(text);
    deliver(text);
  },
  "late and reordered": (text, deliver, count) =>
    void setTimeout(() => deliver(text), count % 2 ? 100 : 2500),
  "followed by messages that no page knows": (text, deliver) => {
    deliver(text);
    deliver('{"v":1,"kind":"later","at":"x"}');
    deliver('{"v":2,"kind":"order"}');
    deliver("not JSON");
  },
};

for (const [name, trouble] of Object.entries(TROUBLES)) {
  test(`after messages that are ${name}, all pages show the state of the bar`, only, async (t) => {
    const bar = await Bar.start();
    const { phone, tablet, tv } = await screens(t, bar, trouble);
    const orderId = await choose(phone);
    await expect(tablet.locator('[data-order="1"]')).text("Cappuccino");
    await expect(tv.locator('.making [data-number="1"]')).text("Cappuccino");
    await bar.make(orderId);
    await expect(phone).text("being made");
    await bar.complete(orderId);
    await expect(phone.getByRole("dialog")).text("Your drink is ready!");
    await expect(tv.locator('.ready [data-number="1"]')).text("Cappuccino");
    await phone.waitForTimeout(3000);
    await expect(tv.locator('.making [data-number="1"]')).count(0);
    await expect(tablet.locator("main")).text("Cappuccino");
  });
}

test("a cut connection is opened again, and what was missed is read", only, async (t) => {
  const bar = await Bar.start();
  const { phone, tablet, tv, sockets } = await screens(t, bar, (text, deliver) => deliver(text));
  const orderId = await choose(phone);
  await expect(tablet.locator('[data-order="1"]')).text("Cappuccino");
  for (const page of [phone, tablet, tv]) await expect(page).text(upToDate);
  assert.ok(sockets.length >= 3, `${sockets.length} sockets`);
  for (const socket of sockets.splice(0)) await socket.close({ code: 1001 });
  await bar.make(orderId);
  await until("three other sockets", async () => sockets.length >= 3 || undefined);
  await expect(phone).text("being made");
  for (const page of [phone, tablet, tv]) await expect(page).text(upToDate);
  await bar.complete(orderId);
  await expect(phone.getByRole("dialog")).text("Your drink is ready!");
  await expect(tv.locator('.ready [data-number="1"]')).text("Cappuccino");
});

test("lost messages are repaired by the next read", only, async (t) => {
  const bar = await Bar.start();
  const { phone, tablet } = await screens(t, bar, () => {});
  const orderId = await choose(phone);
  await bar.complete(orderId);
  for (const page of [phone, tablet]) await page.evaluate(() => void dispatchEvent(new Event("online")));
  await expect(phone.getByRole("dialog")).text("Your drink is ready!");
  await expect(tablet).text("Cappuccino");
});

test("where sockets are blocked the page polls, and says so", async (t) => {
  const bar = await Bar.start();
  const context = await device(t, "phone");
  await context.routeWebSocket(/./, (socket) => void socket.close({ code: 1006 }));
  const phone = await context.newPage();
  await phone.goto(bar.orderPage((await bar.code()).code));
  await expect(phone).text(/Updated every \d+ s/);
  const orderId = await choose(phone);
  await bar.complete(orderId);
  await expect(phone.getByRole("dialog")).text("Your drink is ready!");
});

test("the display counts the drinks of a code as they are taken", only, async (t) => {
  const bar = await Bar.start();
  const { page } = await display(t, bar);
  await expect(page).text("10 more drinks with this code");
  await expect(page).text(upToDate);
  await bar.scan();
  await expect(page).text("9 more drinks with this code", 10);
});
