import assert from "node:assert/strict";
import { test } from "node:test";
import { createClock } from "../../../src/core/clock.ts";

const at = (ms: number) => new Date(ms).toUTCString();
const T = Date.parse("2026-11-23T09:30:00Z");

test("a device whose clock is an hour slow shows ages by the server's time", () => {
  let device = T - 3600_000;
  const clock = createClock(() => device);
  clock.observe(at(T), device - 40, device + 40);
  assert.ok(Math.abs(clock.now() - T) <= 600, String(clock.now() - T));
  device += 125_000;
  assert.ok(Math.abs(clock.ageSeconds(new Date(T).toISOString()) - 125) <= 1);
});

test("many answers together narrow the offset to less than the second that a Date header resolves", () => {
  const truth = 777;
  let device = T;
  const clock = createClock(() => device);
  for (let step = 0; step < 40; step++) {
    device += 5137;
    const server = device + truth;
    clock.observe(at(Math.floor(server / 1000) * 1000), device - 10, device + 10);
  }
  assert.ok(Math.abs(clock.now() - (device + truth)) < 120, String(clock.now() - device));
});

test("a change of the device's clock is noticed by the next answer", () => {
  let device = T;
  const clock = createClock(() => device);
  clock.observe(at(T), T - 10, T + 10);
  device = T + 90_000;
  clock.observe(at(T + 1000), device - 10, device + 10);
  assert.ok(Math.abs(clock.now() - (T + 1500)) <= 600);
});

test("ages and countdowns are never negative, and a missing header changes nothing", () => {
  const clock = createClock(() => T);
  clock.observe(null, T, T);
  assert.equal(clock.now(), T);
  assert.equal(clock.ageSeconds(new Date(T + 9000).toISOString()), 0);
  assert.equal(clock.secondsUntil(new Date(T - 9000).toISOString()), 0);
  assert.equal(clock.secondsUntil(new Date(T + 1500).toISOString()), 2);
});
