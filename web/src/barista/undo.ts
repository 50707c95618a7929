// Completions that can still be taken back: the bar has no recall, so they are sent later.

export type UndoSettings = {
  /** `closing`: the page goes away, nobody reads the answer. */
  send(orderId: string, closing: boolean): void;
  /** Milliseconds. */
  time(): number;
  changed(held: ReadonlyMap<string, number>): void;
  now?(): number;
  schedule?(run: () => void, ms: number): () => void;
};
export type Undo = {
  hold(orderId: string): void;
  /** False if it was sent already. */
  takeBack(orderId: string): boolean;
  /** Sends everything that is held. */
  flush(closing?: boolean): void;
};

function timer(run: () => void, ms: number): () => void {
  const handle = setTimeout(run, ms);
  return () => clearTimeout(handle);
}

export function createUndo(settings: UndoSettings): Undo {
  const { send, changed, time, now = Date.now, schedule = timer } = settings;
  const held = new Map<string, { cancel: () => void; until: number }>();
  const tell = () => changed(new Map([...held].map(([id, { until }]) => [id, until])));
  const release = (id: string, closing: boolean) => {
    const entry = held.get(id);
    if (!entry) return;
    entry.cancel();
    held.delete(id);
    tell();
    send(id, closing);
  };
  return {
    hold(id) {
      for (const other of [...held.keys()]) if (other !== id) release(other, false);
      if (held.has(id)) return;
      held.set(id, { cancel: schedule(() => release(id, false), time()), until: now() + time() });
      tell();
    },
    takeBack(id) {
      held.get(id)?.cancel();
      const was = held.delete(id);
      if (was) tell();
      return was;
    },
    flush(closing = false) {
      for (const id of [...held.keys()]) release(id, closing);
    },
  };
}
