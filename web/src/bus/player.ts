// The events that the page has received, and the one that it shows: each event as it arrives, one
// by one in steps, or all kept events again, at the real speed or slower.
import type { BusEvent, EventMessage } from "../core/messages.ts";
import { type Signal, signal } from "../core/signal.ts";

/** An event and its time, or a period without connection. */
export type Entry =
  | { kind: "event"; at: number; producer: string; event: BusEvent }
  | { kind: "gap"; at: number; until: number };
export type EventEntry = Entry & { kind: "event" };
type Received = Pick<EventMessage, "event" | "producer">;

/** `live`: each event as it arrives. `paused`: one event. `replay`: all kept events again. */
export type Mode = "live" | "paused" | "replay";
export type Shown = {
  mode: Mode;
  /** Speed of a replay: 1, 0.5 or 0.25 of the real one. */
  speed: number;
  /** The event that is shown. */
  current: EventEntry | undefined;
  /** Server's time since which `current` is shown, in ms. */
  since: number;
  /** Order whose events are shown; `undefined`: those of all orders. */
  orderId: string | undefined;
};

/** Largest number of events and gaps that are kept. */
const MOST = 500;
export const MINUTES = 10;
const KEPT = MINUTES * 60_000;
/** Shortest time in ms for which an event is shown, at real speed. */
export const SHOWN = 1200;
/** Largest number of events that wait to be shown. Older ones are skipped. */
const QUEUE = 8;
/** Longest time in ms for which a replay shows an event, at real speed. */
const LONGEST = 4000;

export const orderOf = ({ event }: EventEntry): string | undefined =>
  typeof event.detail.orderId === "string" ? event.detail.orderId : undefined;

const timeOf = (event: BusEvent): number => {
  const exact = Date.parse(String(event.detail.at));
  return Number.isNaN(exact) ? Date.parse(event.time) : exact;
};

export class Player {
  entries: Signal<readonly Entry[]> = signal([]);
  shown: Signal<Shown> = signal({ mode: "live", speed: 1, current: undefined, since: 0, orderId: undefined });
  #waiting: EventEntry[] = [];

  /** The events to step through: all, or those of the chosen order. */
  get followed(): EventEntry[] {
    const { orderId } = this.shown.value;
    return this.entries.value.filter(
      (entry): entry is EventEntry => entry.kind === "event" && (!orderId || orderOf(entry) === orderId),
    );
  }

  #set(change: Partial<Shown>): void {
    this.shown.value = { ...this.shown.value, ...change };
  }

  /** Takes an event that arrived, perhaps twice, late or in another order. */
  receive({ event, producer = event.source }: Received, now: number): void {
    const known = this.entries.value.some((entry) => entry.kind === "event" && entry.event.id === event.id);
    if (known) return;
    const entry: EventEntry = { kind: "event", at: timeOf(event), producer, event };
    this.#keep(entry, now);
    const { mode, orderId } = this.shown.value;
    if (mode !== "live" || (orderId && orderOf(entry) !== orderId)) return;
    this.#waiting = [...this.#waiting, entry].slice(-QUEUE);
    this.tick(now);
  }

  /** Records that the socket was closed between two times. */
  gap(at: number, until: number): void {
    this.#keep({ kind: "gap", at, until }, until);
  }

  #keep(entry: Entry, now: number): void {
    const young = this.entries.value.filter(({ at }) => now - at < KEPT);
    this.entries.value = [...young, entry].toSorted((a, b) => a.at - b.at).slice(-MOST);
  }

  /** Shows the next event, if the current one was shown long enough. Called repeatedly. */
  tick(now: number): void {
    const { mode, current, since } = this.shown.value;
    if (mode === "paused" || (current && now - since < this.#length())) return;
    if (mode === "live") {
      const next = this.#waiting.shift();
      if (next) this.#set({ current: next, since: now });
      return;
    }
    const next = this.#beside(1);
    if (next) this.#set({ current: next, since: now });
    else this.live();
  }

  /** Milliseconds for which the current event is shown. */
  #length(): number {
    const { mode, current, speed } = this.shown.value;
    const next = mode === "replay" ? this.#beside(1) : undefined;
    if (!current || !next) return SHOWN;
    return Math.min(LONGEST, Math.max(SHOWN, next.at - current.at)) / speed;
  }

  /** The event after (1) or before (-1) the current one. */
  #beside(step: 1 | -1): EventEntry | undefined {
    const { current } = this.shown.value;
    const all = this.followed;
    if (!current) return step < 0 ? all.at(-1) : all[0];
    const at = all.findIndex(({ event }) => event.id === current.event.id);
    if (at >= 0) return all[at + step];
    // The current event is of another order: its neighbours in time.
    const later = all.findIndex((entry) => entry.at >= current.at);
    if (step > 0) return all[later];
    return later < 0 ? all.at(-1) : all[later - 1];
  }

  canStep = (step: 1 | -1): boolean => this.#beside(step) !== undefined;

  pause(): void {
    this.#waiting = [];
    this.#set({ mode: "paused" });
  }

  step(step: 1 | -1, now: number): void {
    const next = this.#beside(step);
    this.pause();
    if (next) this.#set({ current: next, since: now });
  }

  show(entry: EventEntry, now: number): void {
    this.pause();
    this.#set({ current: entry, since: now });
  }

  /** Shows the last event, and each one that follows when it arrives. */
  live(): void {
    this.#waiting = [];
    this.#set({ mode: "live", current: this.followed.at(-1) });
  }

  replay(speed: number, now: number): void {
    const [first] = this.followed;
    if (first) this.#set({ mode: "replay", speed, current: first, since: now });
  }

  filter(orderId: string | undefined): void {
    this.#waiting = [];
    this.#set({ orderId });
    const { mode, current } = this.shown.value;
    if (mode === "live" || (current && orderId && orderOf(current) !== orderId))
      this.#set({ current: this.followed.at(-1) });
  }
}
