import assert from "node:assert/strict";
import { test } from "node:test";
import { dropSecrets, pageAddress, readAddress } from "../../../src/core/address.ts";
import { guestSecret, isGuest } from "../../../src/core/guest.ts";
import { chooseLanguage, countdown, duration, named, plural } from "../../../src/core/i18n.ts";
import { createStorage } from "../../../src/core/storage.ts";
import { memory } from "../memory.ts";

const place = (text: string) => new URL(text, "https://bar.example");

test("the base is the folder of the page, with and without trailing slash, also under a base path", () => {
  for (const [path, base, page] of [
    ["/v1/order", "/v1/", "order"],
    ["/v1/order/", "/v1/", "order"],
    ["/display?e=A", "/", "display"],
    ["/coffee/bar/barista/#e=A", "/coffee/bar/", "barista"],
    ["/v1/", "/v1/", "index"],
    ["/order/order", "/order/", "order"],
  ] as const) {
    const address = readAddress(place(path));
    assert.deepEqual([address.base, address.page], [base, page], path);
  }
});

test("parameters are read from query and fragment, and an id that no shop can have is ignored", () => {
  const address = readAddress(place("/v1/order?lang=es#e=BAR&t=CODE"));
  assert.deepEqual(address.params, { lang: "es", e: "BAR", t: "CODE" });
  assert.equal(address.shop, "BAR");
  assert.equal(readAddress(place("/v1/order?e=a%20b")).shop, undefined);
});

test("a secret leaves the address, the rest remains", () => {
  let replaced = "";
  const history = {
    replaceState: (_: unknown, __: string, url?: string | URL | null) => {
      replaced = String(url);
    },
  };
  dropSecrets(history, place("/v1/barista?lang=es&code=x#e=BAR&token=J.W.T"), ["token", "code"]);
  assert.equal(replaced, "/v1/barista?lang=es#e=BAR");
  assert.equal(pageAddress("/v1/", "order", { e: "BAR" }), "/v1/order#e=BAR");
});

test("the language is the one of the address, else the stored one, else the browser's first that exists", () => {
  assert.equal(chooseLanguage({ asked: "es", stored: "en", offered: ["pt-BR"] }), "es");
  assert.equal(chooseLanguage({ asked: "xx", stored: "pt-BR", offered: ["es"] }), "pt-BR");
  assert.equal(chooseLanguage({ offered: ["fr-FR", "pt-PT", "en"] }), "pt-BR");
  assert.equal(chooseLanguage({ offered: ["es-MX"] }), "es");
  assert.equal(chooseLanguage({ offered: ["de"] }), "en");
});

test("durations, countdowns, plurals and translated names are formatted", () => {
  assert.deepEqual([45, 125, 720, 3900].map(duration), ["45 s", "2 min 05 s", "12 min", "1 h 05 min"]);
  assert.equal(countdown(125), "2:05");
  assert.equal(plural("en", 1, { one: "# drink", other: "# drinks" }), "1 drink");
  assert.equal(plural("pt-BR", 0, { one: "# bebida", other: "# bebidas" }), "0 bebida");
  assert.equal(plural("es", 1_000_000, { one: "#", other: "# bebidas" }), "1.000.000 bebidas");
  assert.equal(named("es", { es: "Café" }, "Coffee"), "Café");
  assert.equal(named("pt-BR", { es: "Café" }, "Coffee"), "Coffee");
  assert.equal(named("en", { es: "Café" }, "Coffee"), "Coffee");
});

test("a guest keeps its secret for a day, longer while an order is open", async () => {
  const storage = createStorage("BAR", memory());
  const now = 1_000_000_000;
  const first = await guestSecret(storage, { now, keep: false });
  assert.ok(isGuest(first));
  const later = now + 25 * 3600_000;
  assert.equal(await guestSecret(storage, { now: now + 3600_000, keep: false }), first);
  assert.equal(await guestSecret(storage, { now: later, keep: true }), first);
  assert.notEqual(await guestSecret(storage, { now: later, keep: false }), first);
});

test("the unused bits of the last character of a guest secret are zero", async () => {
  const random = (bytes: Uint8Array) => void bytes.fill(255);
  const secret = await guestSecret(createStorage("BAR", memory()), { now: 1, keep: false, random });
  assert.equal(secret, `guest_${"_".repeat(42)}8`);
});

test("a browser that forbids storage keeps values in memory", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  const storage = createStorage("BAR", { getItem: refuse, setItem: refuse, removeItem: refuse });
  assert.equal(storage.write("a", { b: 1 }), false);
  assert.deepEqual(storage.read("a"), { b: 1 });
  storage.remove("a");
  assert.equal(storage.read("a"), undefined);
});
