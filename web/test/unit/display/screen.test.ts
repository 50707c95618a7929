import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Entry } from "../../../src/display/model.ts";
import { Screen } from "../../../src/display/screen.ts";
import { createUpdate } from "../../../src/display/update.ts";
import { memory } from "../memory.ts";

const START = Date.parse("2026-11-23T09:30:00.000Z");
const secret = (letter: string) => `display_${letter.repeat(43)}`;

/** A bar at the other end of `fetch`. */
function bar() {
  const state = {
    now: START,
    down: false,
    activated: new Set<string>(),
    exists: true,
    ready: [] as Entry[],
    codeFails: false,
    pairings: 0,
    asked: [] as string[],
  };
  const problem = (status: number, code: string) => Response.json({ code, detail: "" }, { status });
  const answer = (path: string, bearer: string): Response => {
    if (path === "live") return problem(404, "route_not_found");
    if (path === "config") return Response.json({ eventId: "BAR", menu: [] });
    if (path === "displays/pair") {
      state.pairings++;
      return Response.json({
        displayId: "d",
        secret: secret(String(state.pairings)),
        pairingCode: `CODE0${state.pairings}`,
        expiresAt: new Date(state.now + 300_000).toISOString(),
      });
    }
    if (!state.activated.has(bearer)) return problem(401, "unauthenticated");
    if (!state.exists) return problem(404, "shop_not_found");
    if (path === "board")
      return Response.json({ storeOpen: true, storeFull: false, making: [], ready: state.ready });
    if (state.codeFails) return problem(503, "unavailable");
    const expiresAt = new Date(Math.floor(state.now / 300_000) * 300_000 + 300_000).toISOString();
    return Response.json({ code: "C", shortCode: "S", svg: "<svg/>", expiresAt, availableTokens: 0 });
  };
  const fetch = (async (input: string, init: RequestInit) => {
    const path = input.replace("/v1/", "").replace(/\?.*/, "");
    if (path !== "live") state.asked.push(path);
    if (state.down) throw new TypeError("network");
    const headers = init.headers as Record<string, string>;
    return answer(path, (headers.authorization ?? "").replace("Bearer ", ""));
  }) as typeof globalThis.fetch;
  return { state, fetch };
}

/** A screen at the bar. `linked`: the display secret in its link. `backing`: what it has stored. */
function start(linked?: string, { state, fetch } = bar(), backing = memory()) {
  const clock = createClock(() => state.now);
  const calls: number[][] = [];
  const screen = new Screen({
    api: createApi({ base: "/v1/", clock, fetch }),
    clock,
    storage: createStorage("BAR", backing),
    shop: "BAR",
    page: "https://bar.example/v1/display",
    linked,
    onCalls: (entries) => calls.push(entries.map((entry) => entry.number)),
  });
  const read = () => screen.poller.now();
  return { screen, state, read, calls, backing, fetch };
}

const isActive = (screen: Screen): boolean => screen.access.state.value.kind === "active";

test("a screen without secret shows a pairing code, keeps it over a reload, and starts once an admin entered it", async () => {
  const first = start();
  await first.read();
  const shown = first.screen.access.state.value;
  assert.ok(shown.kind === "pairing" && shown.code === "CODE01" && !shown.ended);
  const { screen, read, state } = start(undefined, first, first.backing);
  await read();
  assert.equal(state.pairings, 1);
  assert.equal(screen.poller.freshness.value.kind, "fresh");
  state.activated.add(secret("1"));
  await read();
  assert.equal(screen.access.state.value.kind, "active");
  assert.equal(screen.code.value?.code, "C");
});

test("a pairing code that has expired is replaced by another one", async () => {
  const { screen, read, state } = start();
  await read();
  state.now += 301_000;
  await read();
  const shown = screen.access.state.value;
  assert.ok(shown.kind === "pairing" && shown.code === "CODE02" && !shown.ended);
});

test("a display that was revoked says so and offers a code, but not after a single refusal", async () => {
  const { screen, read, state } = start(secret("L"));
  state.activated.add(secret("L"));
  await read();
  state.activated.clear();
  await read();
  assert.ok(isActive(screen));
  assert.equal(screen.poller.freshness.value.kind, "late");
  await read();
  const shown = screen.access.state.value;
  assert.ok(shown.kind === "pairing" && shown.ended && shown.code === "CODE01");
});

test("after hours without network the screen goes on by itself with its secret", async () => {
  const { screen, read, state, calls } = start(secret("L"));
  state.activated.add(secret("L"));
  await read();
  state.down = true;
  for (let hour = 0; hour < 9; hour++) {
    state.now += 3_600_000;
    await read();
  }
  assert.equal(screen.poller.freshness.value.kind, "offline");
  state.down = false;
  state.ready = [{ number: 8, drink: "Mocha", since: new Date(state.now - 90_000).toISOString() }];
  await read();
  assert.equal(screen.poller.freshness.value.kind, "fresh");
  assert.equal(screen.access.state.value.kind, "active");
  assert.deepEqual(calls, [[8]]);
  assert.equal(screen.called.value.size, 1);
});

test("the screen asks once for the next code when a code ends, and not each second", async () => {
  const { screen, read, state } = start(secret("L"));
  state.activated.add(secret("L"));
  await read();
  const count = () => state.asked.filter((path) => path === "qr-code").length;
  assert.equal(count(), 1);
  state.codeFails = true;
  state.now += 300_000;
  for (let second = 0; second < 5; second++) {
    screen.tick();
    await new Promise((done) => setImmediate(done));
  }
  assert.equal(count(), 2);
  assert.equal(screen.codeFailed.value, true);
  assert.equal(screen.poller.freshness.value.kind, "late");
  assert.equal(screen.code.value?.availableTokens, 0);
});

test("a shop that was never opened is a state, not a failure", async () => {
  const { screen, read, state } = start(secret("L"));
  state.activated.add(secret("L"));
  state.exists = false;
  await read();
  assert.equal(screen.noShop.value, true);
  assert.equal(screen.poller.freshness.value.kind, "fresh");
  state.exists = true;
  await read();
  assert.equal(screen.noShop.value, false);
});

test("a highlight ends after ten seconds, and a reload calls nothing again", async () => {
  const first = start(secret("L"));
  const { screen, read, state, calls } = first;
  state.activated.add(secret("L"));
  state.ready = [{ number: 8, drink: "Mocha", since: new Date(state.now - 3000).toISOString() }];
  await read();
  assert.equal(screen.called.value.size, 1);
  state.now += 11_000;
  screen.tick();
  assert.equal(screen.called.value.size, 0);
  const reloaded = start(undefined, first, first.backing);
  await reloaded.read();
  assert.deepEqual([calls, reloaded.calls], [[[8]], []]);
});

test("a new version of the page is loaded, but not while the server fails or something would be lost", async () => {
  let etag: string | undefined = '"1"';
  let ready = false;
  let reloads = 0;
  const update = createUpdate({
    address: "/v1/display",
    reload: () => void reloads++,
    ready: () => ready,
    send: (async (_, { method = "GET" } = {}) =>
      method === "GET" && etag
        ? new Response(null, { headers: { etag } })
        : new Response(null, { status: 502 })) as typeof fetch,
  });
  await update.check();
  etag = undefined;
  ready = true;
  await update.check();
  etag = '"1"';
  await update.check();
  assert.equal(reloads, 0);
  etag = '"2"';
  ready = false;
  await update.check();
  assert.equal(reloads, 0);
  ready = true;
  await update.check();
  assert.equal(reloads, 1);
});
