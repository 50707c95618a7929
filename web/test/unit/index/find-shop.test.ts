import assert from "node:assert/strict";
import { test } from "node:test";
import type { Api } from "../../../src/core/api.ts";
import { findShop } from "../../../src/index/find-shop.ts";

/** A bar in which these shops were opened. Every other id gets default settings with version 0. */
const bar = (...opened: string[]) =>
  ({
    call: async (_: string, __: string, { query }: { query: { eventId: string } }) => ({
      ok: true,
      status: 200,
      body: { version: opened.includes(query.eventId) ? 1 : 0 },
    }),
  }) as unknown as Api;

test("a shop is looked up as typed, in upper case, in lower case; an unknown id is returned as typed", async () => {
  assert.equal(await findShop(bar("RUSTCONF"), "rustConf"), "RUSTCONF");
  assert.equal(await findShop(bar("corner-bar"), "Corner-Bar"), "corner-bar");
  assert.equal(await findShop(bar("Bar", "BAR"), "Bar"), "Bar");
  assert.equal(await findShop(bar(), "Nowhere"), "Nowhere");
});

test("without network the id stays as it was typed", async () => {
  const api = { call: async () => ({ ok: false, failure: { code: "offline" } }) } as unknown as Api;
  assert.equal(await findShop(api, "bar"), "bar");
});
