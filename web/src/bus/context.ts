// Values that the views of the bus page use: the architecture, the events, and the connection.
import type { Answer, Api, Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import type { Clock } from "../core/clock.ts";
import { createLive, type Live } from "../core/live.ts";
import { messageOf } from "../core/messages.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import type { Session } from "../core/session.ts";
import { shared } from "../core/shared.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Architecture, Ticket } from "../core/types.ts";
import { type EventEntry, orderOf, Player } from "./player.ts";
import { type Messages, messages } from "./texts.ts";

/** Milliseconds between two reads: the architecture may change while a learner builds it. */
const EVERY = 60_000;
const TICK = 100;

export class Watch {
  player = new Player();
  architecture: Signal<Architecture | undefined> = signal(undefined);
  failure: Signal<Failure | undefined> = signal(undefined);
  /** True if the stack has no realtime. */
  off = signal(false);
  /** The event whose JSON is shown. */
  opened: Signal<EventEntry | undefined> = signal(undefined);
  readonly poller: Poller;
  readonly session: Session;
  readonly clock: Clock;
  #api: Api;
  #shop: string;
  #live: Live;
  /** Server's time at which the open socket was lost. */
  #lostAt: number | undefined;
  #wasOpen = false;

  constructor({ api, clock, session, shop }: { api: Api; clock: Clock; session: Session; shop: string }) {
    this.#api = api;
    this.#shop = shop;
    this.session = session;
    this.clock = clock;
    this.#live = createLive({ clock, ticket: () => this.#ticket(), receive: (text) => this.#receive(text) });
    this.#live.open.subscribe((open) => this.#opened(open));
    this.poller = createPoller({ read: () => this.#read(), interval: () => EVERY, clock, live: this.#live });
    setInterval(() => this.player.tick(clock.now()), TICK);
  }

  async #ticket(): Promise<Answer<Ticket>> {
    const query = { eventId: this.#shop, topic: "bus" };
    const answer = await this.#api.call<Ticket>("POST", "live", { query });
    // The gateway of an emulator may refuse an unknown route with an answer that is not the API's.
    this.off.value = !answer.ok && ["route_not_found", "unreadable"].includes(answer.failure.code);
    return answer;
  }

  #receive(text: string): void {
    const message = messageOf(text);
    if (message?.kind !== "event") return;
    this.player.receive(message, this.clock.now());
    this.poller.updated();
  }

  #opened(open: boolean): void {
    const now = this.clock.now();
    if (open && this.#lostAt) this.player.gap(this.#lostAt, now);
    this.#lostAt = !open && this.#wasOpen ? now : undefined;
    this.#wasOpen = open;
  }

  async #read(): Promise<Failure | undefined> {
    const answer = await this.#api.call<Architecture>("GET", "architecture");
    this.failure.value = answer.ok ? undefined : answer.failure;
    if (answer.ok && JSON.stringify(answer.body) !== JSON.stringify(this.architecture.value))
      this.architecture.value = answer.body;
    return this.failure.value;
  }
}

export type Chosen = { orderId: string; name: string };

/**
 * Orders of the kept events; the order of the newest event comes first. An order is named by its
 * number, or by the end of its id if no event has the number.
 */
export function ordersOf(player: Player): Chosen[] {
  const names = new Map<string, string>();
  for (const entry of player.entries.value) {
    if (entry.kind !== "event") continue;
    const orderId = orderOf(entry);
    if (!orderId) continue;
    const { orderNumber } = entry.event.detail;
    const known = names.get(orderId);
    names.delete(orderId);
    names.set(orderId, typeof orderNumber === "number" ? `#${orderNumber}` : (known ?? orderId.slice(-6)));
  }
  return [...names].map(([orderId, name]) => ({ orderId, name })).reverse();
}

export const { give: giveWatch, use: useWatch } = shared<Watch>();
export const useTexts = (): Messages => messages[usePage().language.value];
