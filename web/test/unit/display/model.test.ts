import assert from "node:assert/strict";
import { test } from "node:test";
import type { QrCode } from "../../../src/core/types.ts";
import {
  type BoardState,
  callKey,
  clearTime,
  codeKind,
  type Entry,
  isStale,
  lists,
  minutes,
  newCalls,
  pageOf,
  remaining,
  shift,
  spaced,
  typedAddress,
} from "../../../src/display/model.ts";

const NOW = Date.parse("2026-11-23T09:30:00.000Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();
const board = (over: Partial<BoardState> = {}): BoardState => ({
  storeOpen: true,
  storeFull: false,
  making: [],
  ready: [],
  ...over,
});
const code = (over: Partial<QrCode> = {}): QrCode => ({
  code: "MFRGGZDFMZTWQ2LK",
  shortCode: "ABCDEF",
  svg: "<svg/>",
  url: "https://bar.example/v1/order#e=BAR&t=MFRGGZDFMZTWQ2LK",
  expiresAt: ago(-60),
  availableTokens: 3,
  ...over,
});
const entry = (number: number, since: number, called?: number): Entry => ({
  number,
  drink: "Mocha",
  since: ago(since),
  ...(called === undefined ? {} : { calledAt: ago(called) }),
});
const known = { board: board(), code: code(), noShop: false, codeFailed: false };

test("each state of the shop has its own kind, and a code without drinks left is used up", () => {
  assert.equal(codeKind(known, NOW), "code");
  assert.equal(codeKind({ ...known, code: code({ availableTokens: 0 }) }, NOW), "usedUp");
  assert.equal(codeKind({ ...known, board: board({ storeOpen: false }) }, NOW), "closed");
  assert.equal(codeKind({ ...known, board: board({ storeFull: true }) }, NOW), "full");
  assert.equal(codeKind({ ...known, noShop: true }, NOW), "noShop");
  assert.equal(codeKind({ ...known, board: undefined, code: undefined }, NOW), "starting");
});

test("a code whose renewal fails is shown for as long as the API accepts it", () => {
  const failing = { ...known, codeFailed: true };
  assert.equal(codeKind(failing, NOW), "code");
  assert.equal(codeKind({ ...failing, code: code({ expiresAt: ago(14) }) }, NOW), "code");
  assert.equal(codeKind({ ...failing, code: code({ expiresAt: ago(16) }) }, NOW), "noCode");
  assert.equal(codeKind({ ...failing, code: undefined }, NOW), "noCode");
});

test("the countdown bar shows the time that is left until expiresAt of the API", () => {
  assert.equal(remaining(ago(-300), NOW), 1);
  assert.equal(remaining(ago(-75), NOW), 0.25);
  assert.equal(remaining(ago(5), NOW), 0);
});

test("a number is called once, again when a barista calls it again, and after a reload only if the call is new and recent", () => {
  const ready = [entry(7, 20), entry(6, 400)];
  const seen = new Set(ready.map(callKey));
  assert.deepEqual(newCalls(ready, { seen: new Set(), restarted: false, now: NOW }), ready);
  assert.deepEqual(newCalls(ready, { seen, restarted: true, now: NOW }), []);
  const again = entry(6, 400, 1);
  assert.deepEqual(newCalls([entry(7, 20), again], { seen, restarted: false, now: NOW }), [again]);
  assert.deepEqual(newCalls(ready, { seen: new Set(), restarted: true, now: NOW }), [ready[0]]);
});

test("each number is listed once: making by number, ready by its last call, new calls first", () => {
  const state = board({
    making: [entry(12, 5), entry(9, 90), entry(9, 90), entry(7, 50)],
    ready: [entry(6, 400, 30), entry(7, 20), entry(5, 100)],
  });
  const numbers = ({ making, ready }: ReturnType<typeof lists>) =>
    [making, ready].map((l) => l.map((e) => e.number));
  assert.deepEqual(numbers(lists(state, 600_000, new Set(), NOW)), [
    [9, 12],
    [7, 6, 5],
  ]);
  const called = new Set([callKey(entry(5, 100))]);
  assert.deepEqual(numbers(lists(state, 600_000, called, NOW))[1], [5, 7, 6]);
});

test("a ready number leaves after ten minutes, or earlier as the address says", () => {
  const state = board({ ready: [entry(1, 601), entry(2, 599), entry(3, 130)] });
  const ready = (clear?: string) => lists(state, clearTime(clear), new Set(), NOW).ready.map((e) => e.number);
  assert.deepEqual(ready(), [3, 2]);
  assert.deepEqual(ready("2"), []);
  assert.deepEqual(ready("3"), [3]);
  for (const wrong of ["0", "11", "x", ""]) assert.equal(clearTime(wrong), 600_000);
});

test("a hundred numbers are paged, none is cut off", () => {
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  const seen = new Set<number>();
  for (let turn = 0; turn < 13; turn++) {
    const { shown, page, pages } = pageOf(numbers, 8, turn * 8000);
    assert.deepEqual([page, pages], [turn + 1, 13]);
    for (const n of shown) seen.add(n);
  }
  assert.equal(seen.size, 100);
  assert.equal(pageOf(numbers, 8, 16_000, true).page, 1);
  assert.deepEqual(pageOf([], 8, 16_000), { shown: [], page: 1, pages: 1 });
});

test("lists that are older than five minutes are stale, unless messages arrive", () => {
  const read = { kind: "fresh", everySeconds: 5 } as const;
  assert.equal(isStale(read, NOW), false);
  assert.equal(isStale({ ...read, at: NOW - 299_000 }, NOW), false);
  assert.equal(isStale({ ...read, at: NOW - 301_000 }, NOW), true);
  assert.equal(isStale({ ...read, kind: "live", at: NOW - 360_000 }, NOW), false);
});

test("the picture moves each minute and returns", () => {
  const places = Array.from({ length: 8 }, (_, minute) => shift(minute * 60_000));
  assert.ok(new Set(places.map(({ x, y }) => `${x} ${y}`)).size >= 8);
  assert.deepEqual(shift(8 * 60_000), places[0]);
});

test("the typed address has no scheme and no code, a code has groups, and minutes are whole", () => {
  assert.equal(
    typedAddress("https://bar.example/v1/order#e=BAR&t=MFRGGZDFMZTWQ2LK"),
    "bar.example/v1/order#e=BAR",
  );
  assert.equal(spaced("ABCDEF"), "ABC DEF");
  assert.deepEqual([20, 89, 91, 360].map(minutes), [1, 1, 2, 6]);
});
