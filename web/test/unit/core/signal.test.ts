import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type ComponentChild, createContext, Fragment, h, render } from "preact";
import { useContext, useEffect } from "preact/hooks";
import { type Signal, signal, useSignal } from "../../../src/core/signal.ts";

/** As much of a document as Preact needs to render text into elements. */
class Place {
  nodeType = 1;
  namespaceURI = "http://www.w3.org/1999/xhtml";
  attributes = [];
  data = "";
  parentNode: Place | null = null;
  childNodes: Place[] = [];
  ownerDocument = {
    createElementNS: () => new Place(),
    createTextNode: (data: string) => Object.assign(new Place(), { nodeType: 3, data }),
  };
  get firstChild(): Place | null {
    return this.childNodes[0] ?? null;
  }
  get nextSibling(): Place | null {
    const { childNodes = [] } = this.parentNode ?? {};
    return childNodes[childNodes.indexOf(this) + 1] ?? null;
  }
  insertBefore(child: Place, before: Place | null) {
    child.remove();
    const at = before ? this.childNodes.indexOf(before) : this.childNodes.length;
    this.childNodes.splice(at, 0, child);
    child.parentNode = this;
  }
  remove() {
    const { parentNode } = this;
    if (parentNode) parentNode.childNodes = parentNode.childNodes.filter((child) => child !== this);
    this.parentNode = null;
  }
  get text(): string {
    return this.data + this.childNodes.map(({ text }) => text).join("");
  }
}

let place = new Place();
let renders: string[] = [];

const show = (view: ComponentChild) => render(view, place as never);
const rendered = () => new Promise((done) => setTimeout(done, 0));

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
  show(h(Outer, null));
  assert.equal(place.text, "one 1. two 2. ");
  renders = [];
  one.value = 3;
  one.value = 4;
  await rendered();
  assert.equal(place.text, "one 4. two 2. ");
  assert.deepEqual(renders, ["one"]);
  one.value = 4;
  await rendered();
  assert.deepEqual(renders, ["one"]);
});

test("a component that reads other values after a change follows those", async () => {
  const first = signal(true);
  const [one, two] = [signal(1), signal(2)];
  const Either = () => h(Fragment, null, `${first.value ? one.value : two.value}`);
  show(h(Either, null));
  first.value = false;
  await rendered();
  two.value = 5;
  await rendered();
  assert.equal(place.text, "5");
});

test("a parent renders a reader again only with other properties", async () => {
  const [outer, inner] = [signal(0), signal(0)];
  const Parent = () =>
    h("main", null, `${outer.value}: `, h(Reader, { name: outer.value < 2 ? "a" : "b", of: inner }));
  show(h(Parent, null));
  outer.value = 1;
  await rendered();
  assert.deepEqual([place.text, renders], ["1: a 0. ", ["a"]]);
  outer.value = 2;
  await rendered();
  assert.deepEqual([place.text, renders], ["2: b 0. ", ["a", "b"]]);
});

test("a reader that a parent renders with the change renders once", async () => {
  const one = signal(1);
  const Parent = () => h("main", null, h(Reader, { name: `${one.value}`, of: one }));
  show(h(Parent, null));
  one.value = 2;
  await rendered();
  assert.deepEqual([place.text, renders], ["2 2. ", ["1", "2"]]);
});

test("a removed component is no reader", async () => {
  const one = signal(1);
  show(h(Reader, { name: "one", of: one }));
  show(null);
  one.value = 2;
  await rendered();
  assert.deepEqual([place.text, renders], ["", ["one"]]);
});

test("what runs after a render, or as an event, reads without following", async () => {
  const one = signal(1);
  const Effect = () => {
    renders.push("effect");
    useEffect(() => void one.value, []);
    return null;
  };
  show(h(Effect, null));
  await new Promise((done) => setTimeout(done, 100));
  one.value = 2;
  await rendered();
  assert.deepEqual(renders, ["effect"]);
});

test("a reader follows its context", async () => {
  const Context = createContext("");
  const one = signal(1);
  const outer = signal("a");
  const Inner = () => h("p", null, `${useContext(Context)}${one.value}`);
  const Middle = () => h(Inner, null);
  const Outer = () => h(Context.Provider, { value: outer.value }, h(Middle, null));
  show(h(Outer, null));
  outer.value = "b";
  await rendered();
  assert.equal(place.text, "b1");
});

test("a component keeps its own signal", async () => {
  const outer = signal("a");
  let own: Signal<number> | undefined;
  const Counter = ({ name }: { name: string }) => {
    own = useSignal(0);
    return h("p", null, `${name}${own.value}`);
  };
  const Parent = () => h(Counter, { name: outer.value });
  show(h(Parent, null));
  if (own) own.value++;
  await rendered();
  outer.value = "b";
  await rendered();
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
