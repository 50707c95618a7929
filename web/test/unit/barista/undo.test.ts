import assert from "node:assert/strict";
import { test } from "node:test";
import { createUndo } from "../../../src/barista/undo.ts";

function bench() {
  const sent: [string, boolean][] = [];
  let held: string[] = [];
  const timers = new Map<number, () => void>();
  let last = 0;
  let time = 1000;
  const undo = createUndo({
    send: (id, closing) => sent.push([id, closing]),
    time: () => 5000,
    changed: (map) => {
      held = [...map.keys()];
    },
    now: () => time,
    schedule(run, ms) {
      assert.equal(ms, 5000);
      last += 1;
      const at = last;
      timers.set(at, run);
      return () => timers.delete(at);
    },
  });
  const elapse = () => {
    for (const [at, run] of [...timers]) {
      timers.delete(at);
      run();
    }
  };
  const pass = (ms: number) => {
    time += ms;
  };
  return { undo, sent, elapse, pass, held: () => held, timers };
}

test("a completion is sent after its time, once", () => {
  const { undo, sent, elapse, held } = bench();
  undo.hold("a");
  undo.hold("a");
  assert.deepEqual([sent, held()], [[], ["a"]]);
  elapse();
  elapse();
  assert.deepEqual([sent, held()], [[["a", false]], []]);
});

test("what was taken back is never sent", () => {
  const { undo, sent, elapse, held } = bench();
  undo.hold("a");
  assert.equal(undo.takeBack("a"), true);
  elapse();
  undo.flush(true);
  assert.deepEqual([sent, held()], [[], []]);
  assert.equal(undo.takeBack("a"), false);
});

test("a completion that was taken back and held again has its whole time, and one timer", () => {
  const { undo, timers } = bench();
  undo.hold("a");
  undo.hold("a");
  assert.deepEqual([...timers.keys()], [1]);
  undo.takeBack("a");
  undo.hold("a");
  assert.deepEqual([...timers.keys()], [2]);
});

test("the next completion sends the one before it at once", () => {
  const { undo, sent, held } = bench();
  undo.hold("a");
  undo.hold("b");
  assert.deepEqual([sent, held()], [[["a", false]], ["b"]]);
});

test("a page that closes sends what it holds, and says that it closes", () => {
  const { undo, sent, elapse } = bench();
  undo.hold("a");
  undo.flush(true);
  elapse();
  assert.deepEqual(sent, [["a", true]]);
});

test("the second tap of a double tap neither takes back nor completes again; a key takes back at once", () => {
  const { undo, held, pass } = bench();
  undo.hold("a");
  pass(600);
  assert.equal(undo.takeBack("a", "tap"), false);
  assert.deepEqual(held(), ["a"]);
  pass(200);
  assert.equal(undo.takeBack("a", "tap"), true);
  undo.hold("a");
  assert.deepEqual(held(), []);
  pass(700);
  undo.hold("a");
  assert.equal(undo.takeBack("a"), true);
  undo.hold("b");
  assert.deepEqual(held(), ["b"]);
});
