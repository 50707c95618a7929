import assert from "node:assert/strict";
import { test } from "node:test";
import { createUndo } from "../../../src/barista/undo.ts";

function bench() {
  const sent: [string, boolean][] = [];
  let held: string[] = [];
  const timers = new Map<number, () => void>();
  let last = 0;
  const undo = createUndo({
    send: (id, closing) => sent.push([id, closing]),
    time: () => 5000,
    changed: (map) => {
      held = [...map.keys()];
    },
    now: () => 1000,
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
  return { undo, sent, elapse, held: () => held, timers };
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

test("a completion that was taken back and given again has its whole time, and one timer", () => {
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
