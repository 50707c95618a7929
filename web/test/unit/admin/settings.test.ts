import assert from "node:assert/strict";
import { test } from "node:test";
import {
  draftOf,
  itemAtFault,
  menuOf,
  moved,
  newItem,
  replace,
  without,
} from "../../../src/admin/menu-draft.ts";
import { changes, conflicts, save } from "../../../src/admin/settings.ts";
import type { Answer, Api, Options } from "../../../src/core/api.ts";
import type { Menu, SettingsEdit, Shop } from "../../../src/core/types.ts";

const menu: Menu = [
  {
    drink: "Latte",
    names: { es: "Café con leche" },
    icon: "latte",
    available: true,
    modifiers: [
      {
        name: "Milk",
        names: { "pt-BR": "Leite" },
        options: ["Oat", "Whole"],
        optionNames: { Oat: { es: "Avena" } },
      },
    ],
  },
  { drink: "Espresso", icon: "", available: false, modifiers: [] },
];
const shop = (more: Partial<Shop> = {}): Shop => ({
  eventId: "BAR",
  storeOpen: true,
  name: "The bar",
  colours: {},
  menu,
  links: [],
  drinksPerBarcode: 10,
  maxOrdersInQueue: 20,
  maxOrdersPerUser: 1,
  customerSignIn: "guest",
  codeVersion: 0,
  version: 3,
  ...more,
});
const soldOut = (...drinks: string[]): Menu =>
  menu.map((item) => ({ ...item, available: !drinks.includes(item.drink) }));

test("a draft that is not changed makes the same menu", () => {
  assert.deepEqual(menuOf(draftOf(menu), menu), menu);
});

test("names in other languages are sent unless they are blank, and options keep theirs", () => {
  const [latte] = draftOf(menu);
  assert.ok(latte);
  const [item] = menuOf([{ ...latte, es: " ", pt: "Café com leite" }], menu);
  assert.deepEqual(item?.names, { "pt-BR": "Café com leite" });
  assert.deepEqual(item?.modifiers?.[0]?.optionNames, { Oat: { es: "Avena" } });
});

test("sold out comes from the latest menu, not from the draft", () => {
  const draft = draftOf(menu);
  assert.deepEqual(
    menuOf(draft, soldOut("Latte")).map(({ available }) => available),
    [false, true],
  );
  assert.equal(menuOf([newItem()], menu)[0]?.available, true);
});

test("a sold-out drink stays sold out when its name is corrected", () => {
  const [latte] = draftOf(menu);
  assert.ok(latte);
  const renamed = { ...latte, name: "Caffè latte" };
  assert.equal(menuOf([renamed], soldOut("Latte"))[0]?.available, false);
  const saved: Menu = [{ drink: "Caffè latte", icon: "", available: false, modifiers: [] }];
  const spelled = { ...renamed, name: " Caffe\u0300  latte" };
  assert.equal(menuOf([spelled], saved)[0]?.available, false, "after it was saved under its new name");
});

test("items are moved, replaced and removed by their id, and a problem's field names the item at fault", () => {
  const [a, b] = draftOf(menu);
  assert.ok(a && b);
  assert.deepEqual(moved([a, b], b.id, -1), [b, a]);
  assert.deepEqual(moved([a, b], b.id, 1), [a, b]);
  assert.deepEqual(without([a, b], a.id), [b]);
  assert.equal(replace([a, b], { ...b, name: "Ristretto" })[1]?.name, "Ristretto");
  assert.deepEqual(
    [itemAtFault("menu[1].drink"), itemAtFault("name"), itemAtFault(undefined)],
    [1, undefined, undefined],
  );
});

test("only fields that changed are sent", () => {
  assert.deepEqual(changes(shop(), { name: "The bar", maxOrdersPerUser: 2 }), { maxOrdersPerUser: 2 });
});

test("a later edit conflicts if it touched the same field; sold out does not", () => {
  const edit: SettingsEdit = { menu, name: "X" };
  assert.equal(conflicts(shop(), shop({ version: 4, maxOrdersInQueue: 5 }), edit), false);
  assert.equal(conflicts(shop(), shop({ version: 4, menu: soldOut() }), edit), false);
  assert.equal(conflicts(shop(), shop({ version: 4, name: "Y" }), edit), true);
  assert.equal(conflicts(shop(), shop({ version: 4, menu: menu.slice(1) }), edit), true);
});

test("an edit whose first answer was lost does not conflict with itself", () => {
  const edit: SettingsEdit = { menu: menu.slice(1), name: "X" };
  assert.equal(conflicts(shop(), shop({ version: 4, ...edit }), edit), false);
  assert.equal(conflicts(shop(), shop({ version: 4, ...edit, name: "Y" }), edit), true);
});

test("a read that lags behind a later edit is repeated after a pause, and four attempts are the most", async () => {
  for (const [stale, attempts, ok] of [
    [1, 3, true],
    [9, 4, false],
  ] as const) {
    let [reads, pauses, sent] = [0, 0, 0];
    const call = async (method: string, _: string, options: Options = {}): Promise<Answer<Shop>> => {
      const latest = shop({ version: 4 });
      if (method === "GET")
        return { ok: true, status: 200, body: latest, etag: ++reads > stale ? '"4"' : '"3"' };
      sent++;
      if (options.headers?.["if-match"] === '"4"') return { ok: true, status: 200, body: latest };
      return { ok: false, failure: { code: "version_mismatch", status: 412, detail: "" } };
    };
    const api = { base: "/", use() {}, call } as unknown as Api;
    const answer = await save(
      api,
      base,
      () => ({ name: "X" }),
      async () => void pauses++,
    );
    assert.deepEqual([answer.ok, sent, pauses], [ok, attempts, attempts - 2]);
  }
});

/** An API whose settings were changed by another admin. */
function changedTo(latest: Shop) {
  const sent: Options[] = [];
  const answer = async (method: string, _: string, options: Options = {}): Promise<Answer<Shop>> => {
    if (method === "GET") return { ok: true, status: 200, body: latest, etag: `"${latest.version}"` };
    sent.push(options);
    if (options.headers?.["if-match"] === `"${latest.version}"`)
      return { ok: true, status: 200, body: latest };
    return { ok: false, failure: { code: "version_mismatch", status: 412, detail: "" } };
  };
  return { api: { base: "/", use() {}, call: answer } as unknown as Api, sent };
}
const base = { shop: shop(), etag: '"3"' };

test("an edit of the menu is saved on top of a later sold out, which it keeps", async () => {
  const { api, sent } = changedTo(shop({ version: 4, menu: soldOut("Latte") }));
  const draft = draftOf(menu);
  const answer = await save(api, base, (latest) => ({ menu: menuOf(draft, latest.menu) }));
  assert.equal(answer.ok, true);
  const last = sent.at(-1)?.body as SettingsEdit;
  assert.deepEqual(
    last.menu?.map(({ available }) => available),
    [false, true],
  );
  assert.equal(sent.length, 2);
});

test("another admin's edit of the same field is not overwritten unless the admin says so", async () => {
  const { api, sent } = changedTo(shop({ version: 4, name: "Y" }));
  const answer = await save(api, base, () => ({ name: "X" }));
  assert.deepEqual([answer.ok, answer.conflict?.shop.name, sent.length], [false, "Y", 1]);
  assert.ok(answer.conflict);
  assert.equal((await save(api, answer.conflict, () => ({ name: "X" }))).ok, true);
});
