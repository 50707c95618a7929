// The socket of a page, and the reads of the page while the socket is open or closed.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import { backoff, createLive, LONGEST } from "../../../src/core/live.ts";
import { messageOf } from "../../../src/core/messages.ts";
import { createPoller } from "../../../src/core/poller.ts";
import type { Ticket } from "../../../src/core/types.ts";
import { Line, no, START, Time } from "./world.ts";

function setup(answer?: () => Answer<unknown> | undefined, random = 0.5) {
  const time = new Time();
  const line = new Line(time, () => 0.5);
  const clock = createClock(() => time.now);
  const asked: number[] = [];
  const received: string[] = [];
  const reads: number[] = [];
  const live = createLive({
    clock,
    random: () => random,
    schedule: time.schedule,
    connect: line.connect,
    ticket: async () => {
      asked.push(time.now);
      return (answer?.() ?? line.ticket()) as Answer<Ticket>;
    },
    receive: (text) => void received.push(text),
  });
  const poller = createPoller({
    clock,
    live,
    random: () => 0.5,
    schedule: time.schedule,
    wakes: () => () => {},
    interval: () => (live.open.value ? 300_000 : 5000),
    read: async () => void reads.push(time.now),
  });
  return { time, line, live, poller, asked, received, reads };
}

test("1,000 phones that lose their sockets together open others spread over two seconds, and the pause has a limit", () => {
  const first = Array.from({ length: 1000 }, () => backoff(0, Math.random()));
  for (let at = 0; at < 2000; at += 500) {
    const count = first.filter((ms) => ms >= at && ms < at + 500).length;
    assert.ok(count < 400, `${count} within half a second`);
  }
  assert.ok(first.every((ms) => ms >= 200 && ms <= 2000));
  assert.equal(backoff(40, 1), LONGEST);
});

test("the page reads after each opening and then rests; after a cut it opens another socket", async () => {
  const { time, line, live, poller, reads, received } = setup();
  poller.start();
  await time.pass(1000);
  assert.equal(reads.length, 2, "at the start, and after the opening");
  assert.equal(poller.freshness.value.kind, "live");
  await time.pass(200_000);
  assert.equal(reads.length, 2);
  line.deliver("x");
  assert.deepEqual(received, ["x"]);
  line.cut();
  assert.equal(live.open.value, false);
  await time.pass(3000);
  assert.equal(live.open.value, true);
  assert.equal(reads.length, 3);
});

test("a message makes the screen fresh and postpones the next read", async () => {
  const { time, poller, reads } = setup();
  poller.start();
  await time.pass(290_000);
  poller.updated();
  assert.equal(poller.freshness.value.at, time.now);
  await time.pass(290_000);
  assert.equal(reads.length, 2);
});

test("a screen that was live is offline since the first failed read, not since the last good one", async () => {
  const time = new Time();
  const line = new Line(time, () => 0.5);
  const clock = createClock(() => time.now);
  let down = false;
  const live = createLive({
    clock,
    random: () => 0.5,
    schedule: time.schedule,
    connect: line.connect,
    ticket: async () => line.ticket() as Answer<Ticket>,
    receive() {},
  });
  const poller = createPoller({
    clock,
    live,
    random: () => 0.5,
    schedule: time.schedule,
    wakes: () => () => {},
    interval: () => 300_000,
    read: async () => (down ? { code: "offline", status: 0, detail: "" } : undefined),
  });
  poller.start();
  await time.pass(250_000);
  down = true;
  await time.pass(100_000);
  assert.equal(poller.freshness.value.kind, "offline");
  assert.ok((poller.freshness.value.at ?? 0) > START + 290_000);
});

test("refused handshakes are repeated ever more slowly, with a new ticket each", async () => {
  const { time, line, asked } = setup();
  const connect = () => {
    const socket = { onopen: null, onmessage: null, onclose: null, send() {}, close() {} };
    time.schedule(() => (socket.onclose as unknown as () => void)?.(), 50);
    return socket;
  };
  const refused = createLive({
    clock: createClock(() => time.now),
    random: () => 0.5,
    schedule: time.schedule,
    connect,
    ticket: async () => {
      asked.push(time.now);
      return line.ticket() as Answer<Ticket>;
    },
    receive() {},
  });
  refused.start();
  await time.pass(600_000);
  const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
  assert.ok(asked.length > 30, `${asked.length} attempts`);
  assert.ok((pauses[0] ?? 0) < 1300 && (pauses.at(-1) ?? 0) > 10_000, pauses.join());
  assert.equal(refused.open.value, false);
});

test("a page whose ticket is refused for good asks once and polls", async () => {
  const refusals = {
    route_not_found: 404,
    no_open_order: 409,
    forbidden: 403,
    unauthenticated: 401,
    unreadable: 403,
  };
  for (const [code, status] of Object.entries(refusals)) {
    const { time, poller, asked, reads } = setup(() => no(code, status));
    poller.start();
    await time.pass(60_000);
    assert.equal(asked.length, 1, code);
    assert.equal(reads.length, 13, code);
    assert.equal(poller.freshness.value.kind, "fresh");
  }
});

test("a page of a shop that is opened later asks again", async () => {
  const { time, live, asked } = setup(() => no("shop_not_found", 404));
  live.start();
  await time.pass(60_000);
  assert.ok(asked.length > 2, `${asked.length} tickets`);
});

test("another socket is opened before the time of one ends, and after a read that shows a change without a message", async () => {
  const { time, line, live } = setup();
  live.start();
  await time.pass(7_200_000 - 51_000);
  assert.equal(line.tickets, 1);
  await time.pass(26_000);
  assert.equal(line.tickets, 2);
  assert.equal(line.sockets.length, 1);
  await time.pass(60_000);
  live.missed(time.now - 1000);
  assert.equal(line.tickets, 2, "the message of the change may still come");
  live.missed(time.now - 20_000);
  await time.pass(1000);
  assert.equal(line.tickets, 3);
  live.missed(time.now - 20_000);
  await time.pass(1000);
  assert.equal(line.tickets, 3, "the change was before this socket");
});

test("screens that connected together replace their sockets at times that differ by up to 25 s", async () => {
  const replacedAt = async (random: number): Promise<number[]> => {
    const { time, live, asked } = setup(undefined, random);
    live.start();
    await time.pass(7_199_000);
    return asked.map((at) => Math.round((at - START) / 1000));
  };
  assert.deepEqual(
    [await replacedAt(0), await replacedAt(0.999)],
    [
      [0, 7150],
      [0, 7175],
    ],
  );
});

test("after a socket that was open for long the pause before the next attempt is short again", async () => {
  let refused = 5;
  const { time, live, asked } = setup(() => (refused-- > 0 ? no("unavailable", 503) : undefined));
  live.start();
  await time.pass(60_000);
  assert.equal(live.open.value, true);
  await time.pass(20_000);
  refused = 1;
  live.missed(time.now - 10_000);
  await time.pass(3000);
  assert.equal(asked.length, 8, asked.map((at) => at - START).join());
});

test("a page that may not open a socket asks for no other ticket", async () => {
  const { time, line } = setup();
  const plain = createLive({
    clock: createClock(() => time.now),
    schedule: time.schedule,
    connect() {
      throw new DOMException("insecure", "SecurityError");
    },
    ticket: async () => line.ticket() as Answer<Ticket>,
    receive() {},
  });
  plain.start();
  await time.pass(600_000);
  assert.equal(line.tickets, 1);
  assert.equal(plain.open.value, false);
});

test("a page that stops closes its socket and asks for nothing", async () => {
  const { time, line, poller, asked, reads } = setup();
  poller.start();
  await time.pass(1000);
  poller.stop();
  const before = [asked.length, reads.length];
  await time.pass(600_000);
  assert.equal(line.sockets.length, 0);
  assert.deepEqual([asked.length, reads.length], before);
});

test("a text that is no message of version 1 is ignored, and a message of an unknown kind is kept", () => {
  for (const text of ["", "{", "null", '{"v":2,"kind":"order"}', "[]"])
    assert.equal(messageOf(text), undefined);
  assert.equal(messageOf('{"v":1,"kind":"later"}')?.kind, "later");
});
