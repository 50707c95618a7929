import assert from "node:assert/strict";
import { test } from "node:test";
import type { Failure } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import { createPoller, LONGEST, pause } from "../../../src/core/poller.ts";

const offline: Failure = { code: "offline", status: 0, detail: "" };

function setup(read: () => Promise<Failure | undefined>) {
  const planned: number[] = [];
  let run = () => {};
  let wake = () => {};
  const poller = createPoller({
    read,
    interval: () => 5000,
    clock: createClock(() => 1_000_000),
    random: () => 0.5,
    schedule(next, ms) {
      planned.push(ms);
      run = next;
      return () => {};
    },
    wakes(next) {
      wake = next;
      return () => {};
    },
  });
  return { poller, planned, tick: () => run(), wake: () => wake() };
}
const settled = () => new Promise((done) => setImmediate(done));

test("the pause grows with failures up to half a minute, and honours Retry-After", () => {
  assert.equal(pause(5000, 0, undefined, 0.5), 5000);
  assert.equal(pause(5000, 1, offline, 0.5), 10_000);
  assert.equal(pause(5000, 9, offline, 0.5), LONGEST);
  assert.equal(pause(5000, 1, { ...offline, retryAfter: 60 }, 0.5), 60_000);
  assert.notEqual(pause(5000, 0, undefined, 0), pause(5000, 0, undefined, 1));
});

test("after 20 failed reads the poller still reads, says since when it is offline, and recovers", async () => {
  let down = false;
  const { poller, planned, tick } = setup(async () => (down ? offline : undefined));
  poller.start();
  await settled();
  assert.deepEqual(poller.freshness.value, { kind: "fresh", everySeconds: 5, at: 1_000_000 });
  down = true;
  for (let n = 0; n < 20; n++) {
    tick();
    await settled();
  }
  assert.equal(poller.freshness.value.kind, "offline");
  assert.equal(poller.freshness.value.at, 1_000_000);
  assert.equal(planned.at(-1), LONGEST);
  down = false;
  tick();
  await settled();
  assert.equal(poller.freshness.value.kind, "fresh");
  assert.equal(planned.at(-1), 5000);
});

test("a page that wakes reads at once", async () => {
  let reads = 0;
  const { poller, wake } = setup(async () => void reads++ as undefined);
  poller.start();
  await settled();
  wake();
  await settled();
  assert.equal(reads, 2);
});

test("a read that is asked for during a read follows it, and two never run together", async () => {
  let running = 0;
  let reads = 0;
  const { poller } = setup(async () => {
    assert.equal(++running, 1);
    reads++;
    await settled();
    running--;
    return undefined;
  });
  await Promise.all([poller.now(), poller.now(), poller.now()]);
  assert.equal(reads, 2);
});

test("after an answer that is not the API's the page is late, not offline", async () => {
  const { poller } = setup(async () => ({ code: "unreadable", status: 502, detail: "" }));
  await poller.now();
  assert.equal(poller.freshness.value.kind, "late");
});
