// Which event the page shows, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MINUTES, Player, SHOWN } from "../../../src/bus/player.ts";
import type { BusEvent } from "../../../src/core/messages.ts";

const START = Date.parse("2026-11-27T09:30:00.000Z");

const event = (id: number, orderId = "one", at = START + id * 1000): BusEvent => ({
  id: String(id),
  source: "s",
  "detail-type": "OrderManager.MakeOrder",
  time: "2026-11-27T09:30:00Z",
  detail: { orderId, at: new Date(at).toISOString() },
});

function playerWith(...events: BusEvent[]): Player {
  const player = new Player();
  for (const one of events) player.receive({ event: one }, START + 20_000);
  return player;
}
const current = (player: Player) => player.shown.value.current?.event.id;
const ids = (player: Player) => player.followed.map(({ event: { id } }) => id);

test("the producer is the one that the message names, else the source of the event", () => {
  const player = playerWith();
  player.receive({ event: event(1), producer: "OrderManager" }, START + 20_000);
  player.receive({ event: event(2) }, START + 20_000);
  assert.deepEqual(
    player.followed.map(({ producer }) => producer),
    ["OrderManager", "s"],
  );
});

test("events are shown one after the other, each long enough to be followed", () => {
  const player = playerWith(event(1), event(2), event(3));
  assert.equal(current(player), "1");
  player.tick(START + 20_000 + SHOWN - 1);
  assert.equal(current(player), "1");
  player.tick(START + 20_000 + SHOWN);
  assert.equal(current(player), "2");
});

test("in a rush the page skips to the last events", () => {
  const player = playerWith(...Array.from({ length: 40 }, (_, id) => event(id)));
  for (let n = 1; n <= 8; n++) player.tick(START + 20_000 + n * SHOWN);
  assert.equal(current(player), "39");
});

test("an event that comes twice, late or in another order is kept once and in its place", () => {
  assert.deepEqual(ids(playerWith(event(3), event(1), event(3), event(2), event(1))), ["1", "2", "3"]);
});

test("pause keeps the event; steps go back and forth; live shows the last one", () => {
  const player = playerWith(event(1), event(2), event(3));
  player.pause();
  player.receive({ event: event(4) }, START + 20_000);
  player.tick(START + 60_000);
  assert.equal(current(player), "1");
  player.step(1, START);
  player.step(1, START);
  assert.equal(current(player), "3");
  player.step(-1, START);
  assert.equal(current(player), "2");
  assert.ok(player.canStep(-1));
  player.step(-1, START);
  player.step(-1, START);
  assert.equal(current(player), "1");
  assert.ok(!player.canStep(-1));
  player.live();
  assert.equal(current(player), "4");
  assert.equal(player.shown.value.mode, "live");
});

test("with a chosen order the page shows only the events of this order", () => {
  const player = playerWith(event(1, "a"), event(2, "b"), event(3, "a"), event(4, "b"));
  player.filter("a");
  assert.equal(current(player), "3");
  player.receive({ event: event(5, "b") }, START + 20_000);
  player.tick(START + 60_000);
  assert.equal(current(player), "3");
  player.step(-1, START);
  assert.equal(current(player), "1");
  player.filter("b");
  assert.deepEqual(ids(player), ["2", "4", "5"]);
  assert.equal(current(player), "5");
  player.filter(undefined);
  assert.equal(ids(player).length, 5);
});

test("a replay plays the last minutes again at half the speed, and then the page is live", () => {
  const player = playerWith(event(1), event(3), event(4, "one", START + 600_000));
  const now = START + 100_000;
  player.replay(0.5, now);
  assert.equal(current(player), "1");
  // The next event came two seconds later: four at half the speed.
  player.tick(now + 3900);
  assert.equal(current(player), "1");
  player.tick(now + 4000);
  assert.equal(current(player), "3");
  // A gap of ten minutes is shortened to four seconds: eight at half the speed.
  player.tick(now + 4000 + 8000);
  assert.equal(current(player), "4");
  player.tick(now + 4000 + 8000 + SHOWN);
  assert.equal(player.shown.value.mode, "live");
});

test("events that are older than the last minutes are forgotten", () => {
  const player = playerWith(event(1));
  player.receive(
    { event: event(2, "one", START + MINUTES * 60_000 + 1000) },
    START + MINUTES * 60_000 + 1000,
  );
  assert.deepEqual(ids(player), ["2"]);
});

test("a time without connection is an entry of its own", () => {
  const player = playerWith(event(1), event(9));
  player.gap(START + 2000, START + 5000);
  assert.deepEqual(
    player.entries.value.map(({ kind }) => kind),
    ["event", "gap", "event"],
  );
  player.step(1, START);
  assert.equal(current(player), "9");
});
