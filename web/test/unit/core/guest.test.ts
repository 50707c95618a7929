import assert from "node:assert/strict";
import { test } from "node:test";
import { guestSecret } from "../../../src/core/guest.ts";
import { createStorage } from "../../../src/core/storage.ts";

/** Storages of two tabs. When one writes a value, the other one sees it after `delay` ms. */
function tabs(delay: number) {
  const views = [new Map<string, string>(), new Map<string, string>()];
  return views.map((own) =>
    createStorage("A", {
      getItem: (key) => own.get(key) ?? null,
      removeItem: (key) => void own.delete(key),
      setItem: (key, value) => {
        own.set(key, value);
        for (const other of views) if (other !== own) setTimeout(() => other.set(key, value), delay);
      },
    }),
  );
}

test("two tabs that open at the same time are one guest", async () => {
  assert.ok(navigator.locks, "the test needs locks between tabs");
  const [one, two] = tabs(60);
  assert.ok(one && two);
  const options = { now: 1000, keep: false };
  const [first, second] = await Promise.all([guestSecret(one, options), guestSecret(two, options)]);
  assert.equal(first, second);
});

test("the tab that makes the secret does not wait for the other ones", async () => {
  const [one] = tabs(60);
  assert.ok(one);
  const began = performance.now();
  await guestSecret(one, { now: 1000, keep: false });
  assert.ok(performance.now() - began < 100);
});
