import assert from "node:assert/strict";
import { test } from "node:test";
import { cleanCode, isShortCode } from "../../../src/core/code.ts";
import { createStorage } from "../../../src/core/storage.ts";
import { DAY, Pocket } from "../../../src/order/kept.ts";
import { memory } from "../memory.ts";

test("a typed code may have blanks, hyphens, small letters and digits that look like letters", () => {
  assert.equal(cleanCode(" mfr-gg2 "), "MFRGG2");
  assert.equal(cleanCode("0i8 1ab"), "OIBIAB");
  assert.ok(isShortCode(cleanCode("mfrgg2")));
  for (const wrong of ["MFRGG", "MFRGG22", "MFRGG9", "MFR/G2"])
    assert.ok(!isShortCode(cleanCode(wrong)), wrong);
});

test("the order that was kept last is the current one, and another tab sees it", () => {
  const backing = memory();
  const pocket = new Pocket(createStorage("A", backing));
  pocket.put("one", { code: "X" }, 1000);
  pocket.put("two", { code: "Y" }, 2000);
  pocket.put("one", { draft: { drink: "Latte", options: {} } }, 3000);
  const other = new Pocket(createStorage("A", backing));
  assert.deepEqual(other.current(), {
    orderId: "one",
    at: 1000,
    code: "X",
    draft: { drink: "Latte", options: {} },
  });
  assert.equal(other.byCode("Y")?.orderId, "two");
  pocket.put("one", { draft: undefined }, 3000);
  assert.equal(other.get("one")?.draft, undefined);
  assert.equal(new Pocket(createStorage("B", backing)).current(), undefined);
});

test("orders are forgotten after a day, and damaged storage has no orders", () => {
  const backing = memory();
  const pocket = new Pocket(createStorage("A", backing));
  pocket.put("old", {}, 0);
  pocket.put("new", {}, DAY);
  pocket.clean(DAY);
  assert.deepEqual(
    pocket.all().map(({ orderId }) => orderId),
    ["new"],
  );
  backing.setItem("bar:A:orders", '{"no":"list"}');
  assert.deepEqual(pocket.all(), []);
  assert.equal(pocket.anyOpen(), false);
});

test("a browser that stores nothing keeps the order in this tab, and the pocket is not lasting", () => {
  const refuse = () => {
    throw new Error("denied");
  };
  const pocket = new Pocket(createStorage("A", { getItem: refuse, setItem: refuse, removeItem: refuse }));
  pocket.put("one", {}, 0);
  assert.equal(pocket.current()?.orderId, "one");
  assert.equal(pocket.lasting, false);
});
