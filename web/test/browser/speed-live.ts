// Measures, with connected phones, the time from the request of a claim until phone and tablet show
// it, and from an order in the queue until the display shows its number. A socket without a page
// (bare socket) receives the claim too. Its time is the share of emulator and functions; the rest
// is the share of the pages.
import type { Browser, Page } from "playwright-core";
import type { Ticket } from "../../src/core/types.ts";
import { Bar } from "./support/bar.ts";
import { until } from "./support/wait.ts";

const RUNS = 5;
/** Number of customers to whom the sockets belong. Each socket stands for a phone. */
const CUSTOMERS = 10;
/** Sockets that open at the same time. */
const AT_ONCE = 20;
/** Longest time in ms from the message at the bare socket until phone and tablet show the claim. */
const LIMIT = 500;

type Connection = { socket: WebSocket; claims: Map<string, number>; messages: number };

async function connect(url: string): Promise<Connection> {
  const claims = new Map<string, number>();
  const socket = new WebSocket(url);
  const connection: Connection = { socket, claims, messages: 0 };
  socket.onmessage = ({ data }) => {
    connection.messages++;
    const { order } = JSON.parse(String(data)) as { order?: { orderId: string; claimVersion?: number } };
    if (order?.claimVersion) claims.set(`${order.orderId} ${order.claimVersion}`, Date.now());
  };
  await new Promise((done, fail) => {
    socket.onopen = done;
    socket.onerror = fail;
  });
  return connection;
}

const ticket = async (bar: Bar, topic: string, as: string): Promise<string> => {
  const { body } = await bar.call<Ticket>("POST", "live", { as, query: { topic } });
  return body.url;
};

/** Opens `phones` sockets of customers with an open order. */
async function hall(bar: Bar, phones: number): Promise<Connection[]> {
  const sockets: Connection[] = [];
  const each = Math.ceil(phones / CUSTOMERS);
  for (let customer = 0; customer < CUSTOMERS && sockets.length < phones; customer++) {
    const { as, orderId } = await bar.scan();
    await bar.reaches(orderId, "CREATED");
    const url = await ticket(bar, "customer", as);
    const wanted = Math.min(each, phones - sockets.length);
    for (let left = wanted; left > 0; left -= AT_ONCE) {
      const opening = Array.from({ length: Math.min(AT_ONCE, left) }, () => connect(url));
      sockets.push(...(await Promise.all(opening)));
    }
  }
  return sockets;
}

/** Waits until the page shows the text, and returns the time. */
const appears = async (page: Page, text: string): Promise<number> => {
  await page.waitForFunction((wanted) => document.body.textContent.includes(wanted), text, {
    timeout: 30_000,
  });
  return Date.now();
};

type Screens = { phone: Page; tablet: Page; tv: Page; orderId: string };

async function screens(browser: Browser, bar: Bar): Promise<Screens> {
  const open = async (address: string) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(address);
    await page.locator('[data-fresh="live"]').waitFor({ timeout: 30_000 });
    return page;
  };
  const { secret } = await bar.display();
  const tv = await open(bar.page("display", `&secret=${secret}`));
  const tablet = await open(bar.staffPage(bar.barista));
  const phone = await open(bar.orderPage((await bar.code()).code));
  await phone.getByLabel("Cappuccino").check();
  await phone.locator("button[type=submit]").click();
  await phone.locator("[data-number]").waitFor();
  const orderId = await until("the order", async () => {
    const { body } = await bar.call<{ orders: { orderId: string }[] }>("GET", "orders", {
      as: bar.barista,
      query: { status: "WAITING" },
    });
    return body.orders[0]?.orderId;
  });
  return { phone, tablet, tv, orderId };
}

const count = (connections: Connection[]): number =>
  connections.reduce((sum, { messages }) => sum + messages, 0);

const median = (values: number[]): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

type Times = { bare: number; phone: number; tablet: number };

async function once({ phone, tablet, orderId }: Screens, bar: Bar, { claims }: Connection): Promise<Times> {
  const began = Date.now();
  const claim = await bar.make(orderId);
  const shown = [appears(phone, "being made"), appears(tablet, "Done")];
  const [onPhone = 0, onTablet = 0] = await Promise.all(shown);
  const key = `${orderId} ${claim.claimVersion}`;
  const bare = await until("the message", async () => claims.get(key));
  await bar.call("PUT", `orders/${orderId}`, { as: bar.barista, query: { action: "unmake" } });
  await phone.waitForFunction(() => document.body.textContent.includes("in the queue"));
  return { bare: bare - began, phone: onPhone - began, tablet: onTablet - began };
}

/** Milliseconds from a read of the order in the queue until the display shows its number. */
async function onDisplay({ tv }: Screens, bar: Bar): Promise<number> {
  const { orderNumber = 0 } = await bar.ordered();
  const began = Date.now();
  await tv.locator(`[data-number="${orderNumber}"]`).waitFor();
  return Date.now() - began;
}

/** False if phone or tablet is over the limit, or if other customers receive the order. */
export async function measureLive(browser: Browser, phones: number): Promise<boolean> {
  const settings = { drinksPerBarcode: 100, maxOrdersInQueue: 200 };
  const bar = await Bar.start({ settings });
  const all = await screens(browser, bar);
  const others = await hall(bar, phones - 1);
  const bare = await connect(await ticket(bar, "queue", bar.barista));
  const runs: Times[] = [];
  const before = count(others);
  for (let run = 0; run < RUNS; run++) runs.push(await once(all, bar, bare));
  // Phone, tablet and bare socket receive each claim and its release. The other sockets must not.
  const perEvent = 3 + (count(others) - before) / (2 * RUNS);
  const of = (name: keyof Times) => median(runs.map((run) => run[name]));
  const display = await onDisplay(all, bar);
  for (const { socket } of [...others, bare]) socket.close();
  for (const page of [all.phone, all.tablet, all.tv]) await page.context().close();
  const [socket, phone, tablet] = [of("bare"), of("phone"), of("tablet")];
  const beyond = Math.max(phone, tablet) - socket;
  const figures = `socket ${socket} ms  phone ${phone} ms  tablet ${tablet} ms  display +${display} ms  ${perEvent} messages an event`;
  console.log(
    `${String(phones).padStart(5)} phones    ${figures}${beyond > LIMIT || perEvent > 3 ? "  over the limit" : ""}`,
  );
  return beyond <= LIMIT && perEvent <= 3;
}
