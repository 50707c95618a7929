import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Fragment, h } from "preact";
import { useEffect } from "../../../src/core/hooks.ts";
import { type Signal, signal, useSignal } from "../../../src/core/signal.ts";
import { Place, settled, show } from "./place.ts";

let place = new Place();
let renders: string[] = [];

function Reader({ name, of }: { name: string; of: Signal<number> }) {
  renders.push(name);
  return h("p", null, `${name} ${of.value}. `);
}

beforeEach(() => {
  place = new Place();
  renders = [];
});

test("a component that has read a value renders again when it changes, and no other", async () => {
  const [one, two] = [signal(1), signal(2)];
  const Outer = () => {
    renders.push("outer");
    return h("main", null, h(Reader, { name: "one", of: one }), h(Reader, { name: "two", of: two }));
  };
  show(place, h(Outer, null));
  assert.equal(place.text, "one 1. two 2. ");
  renders = [];
  one.value = 3;
  one.value = 4;
  await settled();
  assert.equal(place.text, "one 4. two 2. ");
  assert.deepEqual(renders, ["one"]);
  one.value = 4;
  await settled();
  assert.deepEqual(renders, ["one"]);
});

test("a component that reads other values after a change follows those", async () => {
  const first = signal(true);
  const [one, two] = [signal(1), signal(2)];
  const Either = () => h(Fragment, null, `${first.value ? one.value : two.value}`);
  show(place, h(Either, null));
  first.value = false;
  await settled();
  two.value = 5;
  await settled();
  assert.equal(place.text, "5");
});

test("a parent renders a reader again only with other properties", async () => {
  const [outer, inner] = [signal(0), signal(0)];
  const Parent = () =>
    h("main", null, `${outer.value}: `, h(Reader, { name: outer.value < 2 ? "a" : "b", of: inner }));
  show(place, h(Parent, null));
  outer.value = 1;
  await settled();
  assert.deepEqual([place.text, renders], ["1: a 0. ", ["a"]]);
  outer.value = 2;
  await settled();
  assert.deepEqual([place.text, renders], ["2: b 0. ", ["a", "b"]]);
});

test("a reader that a parent renders with the change renders once", async () => {
  const one = signal(1);
  const Parent = () => h("main", null, h(Reader, { name: `${one.value}`, of: one }));
  show(place, h(Parent, null));
  one.value = 2;
  await settled();
  assert.deepEqual([place.text, renders], ["2 2. ", ["1", "2"]]);
});

test("a removed component is no reader", async () => {
  const one = signal(1);
  show(place, h(Reader, { name: "one", of: one }));
  show(place, null);
  one.value = 2;
  await settled();
  assert.deepEqual([place.text, renders], ["", ["one"]]);
});

test("an effect reads a value without following it", async () => {
  const one = signal(1);
  const Effect = () => {
    renders.push("effect");
    useEffect(() => void one.value, []);
    return null;
  };
  show(place, h(Effect, null));
  await settled();
  one.value = 2;
  await settled();
  assert.deepEqual(renders, ["effect"]);
});

test("a component keeps its own signal", async () => {
  const outer = signal("a");
  let own: Signal<number> | undefined;
  const Counter = ({ name }: { name: string }) => {
    own = useSignal(0);
    return h("p", null, `${name}${own.value}`);
  };
  const Parent = () => h(Counter, { name: outer.value });
  show(place, h(Parent, null));
  if (own) own.value++;
  await settled();
  outer.value = "b";
  await settled();
  assert.equal(place.text, "b1");
});

test("subscribers get the value at once, then each change, until they leave", () => {
  const one = signal(1);
  const seen: number[] = [];
  const leave = one.subscribe((value) => seen.push(value));
  one.value = 2;
  one.value = 2;
  one.value = 3;
  leave();
  one.value = 4;
  assert.deepEqual(seen, [1, 2, 3]);
});
