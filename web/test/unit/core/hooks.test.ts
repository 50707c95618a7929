import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Component, type ComponentChildren, h } from "preact";
import { type Ref, useEffect, useRef } from "../../../src/core/hooks.ts";
import { signal } from "../../../src/core/signal.ts";
import { Place, settled, show } from "./place.ts";

let place = new Place();
let seen: string[] = [];

beforeEach(() => {
  place = new Place();
  seen = [];
});

/** A component whose effect records in `seen` when it runs and when it stops. */
function Watch({ name, dep }: { name: string; dep?: number }) {
  useEffect(
    () => {
      seen.push(`${name} runs`);
      return () => void seen.push(`${name} stops`);
    },
    dep === undefined ? undefined : [dep],
  );
  return h("p", null, name);
}

test("an effect runs after the first render, and again only with other dependencies", async () => {
  show(place, h(Watch, { name: "a", dep: 1 }));
  assert.deepEqual(seen, []);
  await settled();
  show(place, h(Watch, { name: "b", dep: 1 }));
  await settled();
  assert.deepEqual(seen, ["a runs"]);
  show(place, h(Watch, { name: "c", dep: 2 }));
  await settled();
  assert.deepEqual(seen, ["a runs", "a stops", "c runs"]);
});

test("an effect without dependencies runs after each render, and every earlier one stops", async () => {
  show(place, h(Watch, { name: "a" }));
  show(place, h(Watch, { name: "b" }));
  await settled();
  assert.deepEqual(seen, ["a runs", "a stops", "b runs"]);
});

test("an effect stops when its component is gone from the document", async () => {
  const there: number[] = [];
  const Leaving = () => {
    useEffect(() => () => there.push(place.childNodes.length), []);
    return h("p", null, "here");
  };
  show(place, h(Leaving, null));
  await settled();
  show(place, null);
  await settled();
  assert.deepEqual(there, [0]);
});

test("an effect of a component that is gone already does not run", async () => {
  show(place, h(Watch, { name: "a", dep: 1 }));
  show(place, null);
  await settled();
  assert.deepEqual(seen, []);
});

test("a component keeps each of its references, and a new component has its own", async () => {
  const tick = signal(0);
  const refs: Ref<number>[][] = [];
  const Two = () => {
    refs.push([useRef(tick.value), useRef(9)]);
    return null;
  };
  show(place, h(Two, { key: "one" }));
  tick.value = 1;
  await settled();
  show(place, h(Two, { key: "two" }));
  const [first, again, other] = refs;
  assert.ok(first?.[0] === again?.[0] && first?.[1] === again?.[1] && first?.[0] !== first?.[1]);
  assert.deepEqual(other, [{ current: 1 }, { current: 9 }]);
  assert.deepEqual(first, [{ current: 0 }, { current: 9 }]);
});

test("an error in an effect reaches the error boundary of its component", async () => {
  class Boundary extends Component<{ children: ComponentChildren }, { fault?: string }> {
    override componentDidCatch(error: Error) {
      this.setState({ fault: error.message });
    }
    override render() {
      return this.state.fault ?? this.props.children;
    }
  }
  const Faulty = () => {
    useEffect(() => {
      throw new Error("broken");
    }, []);
    return h("p", null, "here");
  };
  show(place, h(Boundary, null, h(Faulty, null)));
  await settled();
  assert.equal(place.text, "broken");
});
