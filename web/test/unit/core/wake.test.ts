import assert from "node:assert/strict";
import { test } from "node:test";
import { createWakeLock } from "../../../src/core/wake.ts";

const settled = () => new Promise((done) => setImmediate(done));

test("the screen is kept on, and again after the page was hidden", async () => {
  let asked = 0;
  let release = () => {};
  const page = new EventTarget() as EventTarget & { visibilityState: string };
  page.visibilityState = "visible";
  const wakeLock = {
    async request() {
      asked++;
      return {
        addEventListener: (_: string, run: () => void) => {
          release = run;
        },
        release: async () => release(),
      };
    },
  };
  Object.defineProperty(globalThis, "document", { value: page, configurable: true });
  Object.defineProperty(globalThis, "navigator", { value: { wakeLock }, configurable: true });

  const lock = createWakeLock();
  await lock.want(true);
  assert.deepEqual([asked, lock.held.value], [1, true]);
  page.visibilityState = "hidden";
  release();
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.deepEqual([asked, lock.held.value], [1, false]);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await settled();
  assert.deepEqual([asked, lock.held.value], [2, true]);
  await lock.want(false);
  assert.equal(lock.held.value, false);
});
