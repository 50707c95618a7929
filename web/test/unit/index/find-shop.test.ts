import assert from "node:assert/strict";
import { test } from "node:test";
import type { Api } from "../../../src/core/api.ts";
import { findShop } from "../../../src/index/find-shop.ts";

/** A bar that has opened these shops, and answers for others with what it assumes. */
const bar = (...opened: string[]) =>
  ({
    call: async (_: string, __: string, { query }: { query: { eventId: string } }) => ({
      ok: true,
      status: 200,
      body: { version: opened.includes(query.eventId) ? 1 : 0 },
    }),
  }) as unknown as Api;

test("the id of a shop is found in any case, as it is written if that exists", async () => {
  assert.equal(await findShop(bar("RUSTCONF"), "rustConf"), "RUSTCONF");
  assert.equal(await findShop(bar("corner-bar"), "Corner-Bar"), "corner-bar");
  assert.equal(await findShop(bar("Bar", "BAR"), "Bar"), "Bar");
  assert.equal(await findShop(bar(), "Nowhere"), "Nowhere");
});

test("without network the id stays as it was typed", async () => {
  const api = { call: async () => ({ ok: false, failure: { code: "offline" } }) } as unknown as Api;
  assert.equal(await findShop(api, "bar"), "bar");
});
