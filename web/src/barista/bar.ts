// State and commands of the barista's page.
import type { Answer, Api, Failure } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import { emptyFeed } from "../core/feed.ts";
import { listOrders } from "../core/list-orders.ts";
import { createLive, type Live } from "../core/live.ts";
import { messageOf } from "../core/messages.ts";
import { applyLists, type OrderFeed, type Orders, rank } from "../core/orders.ts";
import { paint } from "../core/paint.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import type { Session } from "../core/session.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";
import type { Call, Claim, Order, Shop, Ticket } from "../core/types.ts";
import {
  type Action,
  applyMessage,
  decide,
  fresh,
  known,
  lasting,
  missed,
  type Note,
  orderAfter,
  READY_FOR,
} from "./bench.ts";
import { createUndo, type Undo } from "./undo.ts";

export type BarSettings = {
  api: Api;
  clock: Clock;
  storage: Storage;
  session: Session;
  shop: string;
  /** Seconds in which a completion can be taken back. */
  undoFor(): number;
  onNew(ids: string[]): void;
  live?: typeof createLive;
  poller?: typeof createPoller;
};

const EVERY = 5000;
/** Milliseconds between two reads while the socket is open and the last read was not behind. */
const RARELY = 300_000;
/** Longest expected time from admission to completion: both waits, which take 20 minutes, and a
 * margin. Lists are limited by the time of admission. */
const LIFE = 25 * 60_000;
/** Storage key for the ids of the orders that this tablet showed last. */
const KNOWN = "known";
/** Key of the note about opening, closing or a new code. */
export const STORE = "store";
const TRIES = 4;
const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

export class Bar {
  shop: Signal<Shop | undefined> = signal(undefined);
  orders: Signal<Orders | undefined> = signal(undefined);
  /** Cancelled orders that this barista was making, until the barista closes the notice. */
  gone: Signal<readonly Order[]> = signal([]);
  notes: Signal<ReadonlyMap<string, Note>> = signal(new Map());
  busy: Signal<ReadonlyMap<string, Action>> = signal(new Map());
  /** Completions that can be taken back, with the device's time at which they are sent. */
  held: Signal<ReadonlyMap<string, number>> = signal(new Map());
  /** Orders that arrived after the last touch or key. */
  unseen: Signal<ReadonlySet<string>> = signal(new Set());
  forbidden = signal(false);
  me: Signal<string | undefined>;
  readonly poller: Poller;
  readonly undo: Undo;
  readonly api: Api;
  readonly eventId: string;
  readonly clock: Clock;
  #settings: BarSettings;
  #live: Live;
  #feed: OrderFeed = emptyFeed();
  #lost = false;
  #etag: string | undefined;
  #sending: Set<Promise<void>> = new Set();

  constructor(settings: BarSettings) {
    this.#settings = settings;
    this.api = settings.api;
    this.clock = settings.clock;
    this.eventId = settings.shop;
    this.me = signal(this.#whoAmI());
    const { clock } = settings;
    this.#live = (settings.live ?? createLive)({
      clock,
      ticket: () =>
        this.api.call<Ticket>("POST", "live", { query: { eventId: this.eventId, topic: "queue" } }),
      receive: (text) => this.#receive(text),
    });
    this.poller = (settings.poller ?? createPoller)({
      read: () => this.#read(),
      interval: () => (this.#live.open.value && !this.#feed.behind ? RARELY : EVERY),
      clock,
      live: this.#live,
    });
    this.undo = createUndo({
      send: (id, closing) => {
        const sending = this.#complete(id, closing).finally(() => this.#sending.delete(sending));
        this.#sending.add(sending);
      },
      time: () => settings.undoFor() * 1000,
      changed: (held) => {
        this.held.value = held;
      },
    });
  }

  #whoAmI(): string | undefined {
    const { sub } = this.#settings.session.claims();
    return typeof sub === "string" ? sub : undefined;
  }

  /** Sends held completions when the page is hidden or closed. Called once. */
  listen(): void {
    document.addEventListener("visibilitychange", () => document.hidden && this.undo.flush(true));
    addEventListener("pagehide", () => this.undo.flush(true));
  }

  start(): void {
    this.me.value = this.#whoAmI() ?? this.me.value;
    this.poller.start();
  }

  stop(): void {
    this.poller.stop();
  }

  /** Sends all held completions before the session ends. */
  async signOut(): Promise<void> {
    this.undo.flush();
    await Promise.all(this.#sending);
    this.#settings.session.signOut();
  }

  /**
   * The first successful read after a failed one removes the notes about failures that have passed,
   * such as a lost connection, unless a note was made after the failed read.
   */
  async #read(): Promise<Failure | undefined> {
    const failure = await this.#readBar();
    if (!failure && this.#lost) this.notes.value = lasting(this.notes.value);
    this.#lost = !!failure;
    return failure;
  }

  async #readBar(): Promise<Failure | undefined> {
    const { api, eventId } = this;
    const sentAt = this.clock.now();
    const since = new Date(sentAt - READY_FOR - LIFE).toISOString();
    const [waiting, done] = await Promise.all([
      listOrders(api, { eventId, status: "WAITING" }),
      listOrders(api, { eventId, status: "COMPLETED", order: "newest", since }, 300),
      this.readShop(),
    ]);
    for (const answer of [waiting, done]) {
      if (!answer.ok) {
        this.forbidden.value = answer.failure.code === "forbidden";
        return answer.failure;
      }
    }
    if (waiting.ok && done.ok) this.#takeLists([waiting.body, done.body], sentAt);
    this.forbidden.value = false;
    return undefined;
  }

  #takeLists(lists: Order[][], sentAt: number): void {
    const before = this.orders.value;
    this.#take(applyLists(this.#feed, lists, sentAt));
    const withoutMessage = lists.flat().filter(({ orderId, status }) => {
      const shown = before?.get(orderId);
      return rank(status) > (shown ? rank(shown.status) : 0);
    });
    for (const { updatedAt } of before ? withoutMessage : []) this.#live.missed(Date.parse(updatedAt));
  }

  #receive(text: string): void {
    const message = messageOf(text);
    if (message?.kind === "shop" && message.version > (this.shop.value?.version ?? 0)) void this.readShop();
    if (message?.kind !== "order") return;
    const feed = this.orders.value && applyMessage(this.#feed, message);
    if (!feed) return void this.poller.now();
    this.#take(feed);
    this.poller.updated();
  }

  #take(feed: OrderFeed): void {
    const before = this.orders.value;
    this.#feed = feed;
    this.orders.value = feed.items;
    for (const order of missed(before, feed.items, this.me.value, this.held.value)) void this.#miss(order);
    const { storage } = this.#settings;
    const shown = before ? [...before.keys()] : storage.read<string[]>(KNOWN);
    storage.write(KNOWN, [...feed.items.keys()]);
    const arrived = fresh(shown, feed.items);
    if (arrived.length === 0) return;
    this.unseen.value = new Set([...this.unseen.value, ...arrived]);
    this.#settings.onNew(arrived);
  }

  async readShop(): Promise<Failure | undefined> {
    const headers = this.#etag ? { "if-none-match": this.#etag } : {};
    const options = { query: { eventId: this.eventId }, headers, anonymous: true };
    const answer = await this.api.call<Shop>("GET", "config", options);
    if (!answer.ok) return answer.failure;
    if (answer.status !== 304) this.takeShop(answer);
    return undefined;
  }

  /** Takes the shop from an answer, unless a later edit is known. */
  takeShop(answer: Answer<Shop>): void {
    if (!answer.ok || answer.body.version < (this.shop.value?.version ?? 0)) return;
    this.#etag = answer.etag;
    this.shop.value = answer.body;
    paint(answer.body);
  }

  /**
   * Shows the notice about an order that this barista was making, if the order was cancelled. Reads
   * the order if the feed lacks it.
   */
  async #miss({ orderId }: Order): Promise<void> {
    let ended = this.orders.value?.get(orderId);
    if (!ended) {
      const answer = await this.api.call<Order>("GET", `orders/${orderId}`);
      if (answer.ok) ended = answer.body;
    }
    if (ended?.status !== "CANCELLED") return;
    this.undo.takeBack(orderId);
    this.note(orderId);
    this.gone.value = [...this.gone.value.filter((order) => order.orderId !== orderId), ended];
  }

  dismiss(orderId: string): void {
    this.gone.value = this.gone.value.filter((order) => order.orderId !== orderId);
  }

  note(id: string, note?: Note): void {
    const notes = new Map(this.notes.value);
    // Earlier failed reads no longer count: the note stays until a later read fails and another one
    // succeeds.
    if (note) this.#lost = false;
    if (note) notes.set(id, note);
    else notes.delete(id);
    this.notes.value = notes;
  }

  #setBusy(id: string, action?: Action): void {
    const busy = new Map(this.busy.value);
    if (action) busy.set(id, action);
    else busy.delete(id);
    this.busy.value = busy;
  }

  seen(): void {
    if (this.unseen.value.size > 0) this.unseen.value = new Set();
  }

  /**
   * Sends all held completions. Then sends the command, unless a command or a completion of this
   * order is under way. `from`: version of the claim that is taken over.
   */
  async command(
    order: Order,
    action: Exclude<Action, "complete">,
    more: { from?: number; reason?: string } = {},
  ) {
    this.undo.flush();
    if (this.busy.value.has(order.orderId)) return;
    await this.#run(order, action, more, false);
  }

  complete(order: Order): void {
    if (this.busy.value.has(order.orderId)) return;
    this.note(order.orderId);
    this.undo.hold(order.orderId);
  }

  async #complete(id: string, closing: boolean): Promise<void> {
    const order = this.orders.value?.get(id);
    if (order) await this.#run(order, "complete", {}, closing);
  }

  async #run(order: Order, action: Action, more: { from?: number; reason?: string }, keepalive: boolean) {
    const id = order.orderId;
    this.#setBusy(id, action);
    this.note(id);
    const answer = await this.#send(id, action, more, keepalive);
    const current = this.orders.value?.get(id) ?? order;
    if (answer.ok && (action === "complete" || action === "cancel")) this.#decide(current, action);
    else {
      const { order: next, note } = orderAfter(current, answer);
      this.#know(next);
      if (note) this.note(id, note);
      if (answer.ok && action === "make" && next.baristaUserId) this.me.value = next.baristaUserId;
    }
    this.#setBusy(id);
    // While the socket is open, messages report the effect.
    if (!answer.ok || !this.#live.open.value) void this.poller.now();
  }

  #decide(order: Order, action: "complete" | "cancel"): void {
    this.#know(decide(order, action, this.clock.now()));
  }

  #know(order: Order): void {
    this.#feed = known(this.#feed, order, this.clock.now());
    this.orders.value = this.#feed.items;
  }

  async #send(id: string, action: Action, more: { from?: number; reason?: string }, keepalive: boolean) {
    const body = action === "cancel" && more.reason ? { body: { reason: more.reason } } : {};
    const options = { query: { action, from: more.from }, keepalive, ...body };
    const path = `orders/${id}`;
    let answer = await this.api.call<Claim | Call>("PUT", path, options);
    for (let tries = 1; tries < TRIES && !answer.ok && answer.failure.code === "not_ready"; tries++) {
      await pause(answer.failure.retryAfter ?? 1);
      answer = await this.api.call("PUT", path, options);
    }
    return answer;
  }

  async setStore(state: "open" | "closed", newCode?: true): Promise<void> {
    this.undo.flush();
    const query = { eventId: this.eventId, state, newCode };
    const answer = await this.api.call<Shop>("PUT", "store", { query });
    this.takeShop(answer);
    this.note(STORE, answer.ok ? undefined : answer.failure);
    if (!answer.ok) void this.poller.now();
  }
}
