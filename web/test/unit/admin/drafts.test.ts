import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts } from "../../../src/admin/drafts.ts";
import { menuKind, newItem } from "../../../src/admin/menu-draft.ts";
import type { Versioned } from "../../../src/admin/settings.ts";
import type { Shop } from "../../../src/core/types.ts";

const settings = (...drinks: string[]): Versioned => ({
  shop: {
    menu: drinks.map((drink) => ({ drink, icon: "", available: true, modifiers: [] })),
  } as never as Shop,
  etag: `"${drinks.length}"`,
});

let drafts: Drafts;
const open = (base: Versioned) => drafts.open("menu", base, menuKind);
const names = (base: Versioned) => open(base).draft.value.map(({ name }) => name);
beforeEach(() => {
  drafts = new Drafts();
});

test("an edit remains while another view is shown, and counts as unsaved", () => {
  const edit = open(settings("Latte"));
  assert.equal(drafts.unsaved, false);
  edit.draft.value = [...edit.draft.value, { ...newItem(), name: "Mocha" }];
  drafts.close("menu");
  drafts.open("settings", settings("Latte"), { of: ({ name }) => name, changed: () => false });
  assert.deepEqual(names(settings("Latte", "Tea")), ["Latte", "Mocha"]);
  assert.equal(drafts.unsaved, true);
});

test("an edit that changed nothing is forgotten: the view shows the latest settings", () => {
  const edit = open(settings("Latte"));
  edit.draft.value = [...edit.draft.value, newItem()];
  edit.draft.value = edit.draft.value.slice(0, 1);
  drafts.close("menu");
  assert.deepEqual(names(settings("Latte", "Tea")), ["Latte", "Tea"]);
});

test("loaded settings replace the edit, which no longer counts as unsaved", () => {
  const edit = open(settings("Latte"));
  edit.draft.value = [];
  edit.load(settings("Latte", "Tea"));
  assert.equal(drafts.unsaved, false);
  assert.deepEqual(names(settings()), ["Latte", "Tea"]);
});
