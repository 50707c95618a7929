// Completions that can still be taken back. The API cannot undo one, so each is sent after a delay.
import { later } from "../core/clock.ts";

export type UndoSettings = {
  /** `closing`: the page is hidden or closed, and the request must outlive it. */
  send(orderId: string, closing: boolean): void;
  /** Milliseconds for which a completion is held. */
  time(): number;
  /** Called with the held completions: by order id, the device's time at which each is sent. */
  changed(held: ReadonlyMap<string, number>): void;
  now?(): number;
  schedule?(run: () => void, ms: number): () => void;
};
export type Undo = {
  /** Holds a completion, and sends the others at once. */
  hold(orderId: string): void;
  /**
   * Takes back a held completion. Returns false if it was sent already, or if a tap (`by`) follows
   * the completion as fast as a double tap.
   */
  takeBack(orderId: string, by?: "tap"): boolean;
  /** Sends everything that is held. */
  flush(closing?: boolean): void;
};

/** Milliseconds in which a second tap is ignored: “Undo” and “Done” are at the same place. */
const DOUBLE_TAP = 700;

export function createUndo(settings: UndoSettings): Undo {
  const { send, changed, time, now = Date.now, schedule = later } = settings;
  const held = new Map<string, { cancel: () => void; until: number; since: number }>();
  let takenBack: { id: string; at: number } | undefined;
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
      if (held.has(id) || (takenBack?.id === id && now() - takenBack.at < DOUBLE_TAP)) return;
      const since = now();
      held.set(id, { cancel: schedule(() => release(id, false), time()), until: since + time(), since });
      tell();
    },
    takeBack(id, by) {
      const entry = held.get(id);
      if (!entry || (by && now() - entry.since < DOUBLE_TAP)) return false;
      if (by) takenBack = { id, at: now() };
      entry.cancel();
      held.delete(id);
      tell();
      return true;
    },
    flush(closing = false) {
      for (const id of [...held.keys()]) release(id, closing);
    },
  };
}
