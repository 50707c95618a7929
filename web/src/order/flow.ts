// The customer's order, from the scan to the drink, as the bar's last answer or message shows it.
import type { Answer, Failure } from "../core/api.ts";
import { later } from "../core/clock.ts";
import { createLive, type Live } from "../core/live.ts";
import { messageOf } from "../core/messages.ts";
import { isFinal, newer, type OrderNews, rank } from "../core/orders.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Accepted, DrinkRequest, Menu, Order, OrderList, Scanned, Shop, Ticket } from "../core/types.ts";
import { type Choice, isOpen, type Kept, type Pocket, ring } from "./kept.ts";
import { APPEARS, isOver, pollInterval } from "./polling.ts";
import { repeats } from "./problems.ts";
import type { Presented, Surroundings, Trouble, View } from "./view.ts";

/** Age in ms from which the menu is read again while the person chooses. */
const MENU = 20_000;
/** Longest wait in ms for the socket before the first read, if the scan brought a ticket. */
const OPENS = 1500;

export class Flow {
  view: Signal<View> = signal({ kind: "starting" });
  kept: Signal<Kept | undefined> = signal(undefined);
  menu: Signal<Menu | undefined>;
  config: Signal<Presented | undefined> = signal(undefined);
  trouble: Signal<Trouble | undefined> = signal(undefined);
  cancelling: Signal<boolean> = signal(false);
  /** True while the question before a cancel is shown. */
  asking: Signal<boolean> = signal(false);
  poller: Poller;
  /** Server's time of the last read, or of the answer to the choice. */
  readAt = 0;
  #live: Live;
  /** Ticket of the scan, until it is used; `undefined` if the bar has no realtime. */
  #ticket: Ticket | undefined;
  #with: Surroundings;
  #cancelTimer = () => {};
  #failures = 0;
  /** True after a failed read, until a read succeeds or a cancel fails. */
  #lost = false;
  #changedAt = 0;
  #shopReadAt = 0;
  #sending: Promise<void> | undefined;

  constructor(surroundings: Surroundings) {
    this.#with = surroundings;
    this.menu = signal(surroundings.pocket.menu());
    const { clock } = surroundings;
    this.#live = (surroundings.live ?? createLive)({
      clock,
      ticket: () => this.#askTicket(),
      receive: (text) => this.#receive(text),
    });
    this.poller = (surroundings.poller ?? createPoller)({
      read: () => this.#read(),
      interval: () => pollInterval(this.#pollState()),
      clock,
      live: this.#live,
    });
  }

  /** Continues a kept or open order, or begins one with `code`; else shows the view `entry`. */
  async start(code?: string): Promise<void> {
    const { pocket, clock } = this.#with;
    pocket.clean(clock.now());
    const known = code ? pocket.byCode(code) : pocket.current();
    if (code && !known) return this.scan(code);
    if (known) return this.#show(known);
    const found = await this.#findOpen();
    if (found) return this.#show(pocket.put(found.orderId, { order: found }, clock.now()));
    this.view.value = { kind: "entry" };
    await this.readShop();
  }

  scan = async (code: string): Promise<void> => {
    const { api, shop } = this.#with;
    this.#stopRetry();
    this.trouble.value = undefined;
    if (this.view.value.kind !== "refused") this.view.value = { kind: "scanning" };
    const query = { eventId: shop, token: code };
    const answer = await api.call<Scanned>("POST", "qr-code", { query });
    if (answer.ok) this.#scanned(code, answer.body);
    else await this.#refused(code, answer.failure);
  };

  #scanned(code: string, scanned: Scanned): void {
    const { pocket, clock, shop } = this.#with;
    const { orderId } = scanned;
    this.#failures = 0;
    this.#ticket = scanned.live;
    this.#present({ ...scanned, eventId: shop });
    const now = clock.now();
    this.#show(pocket.put(orderId, pocket.get(orderId) ? { code } : { code, at: now }, now), true);
  }

  async #refused(code: string, failure: Failure): Promise<void> {
    // Every guest secret is accepted, so `unauthenticated` is about an access token that has ended.
    if (failure.code === "account_needed" || failure.code === "unauthenticated") {
      this.view.value = { kind: "account" };
      return this.#with.needAccount();
    }
    // The answer to an earlier scan may be lost, or an order may be open since an earlier visit.
    if (failure.code === "invalid_code" || failure.code === "customer_limit") {
      const open = await this.#findOpen();
      if (open) {
        this.#show(this.#with.pocket.put(open.orderId, { order: open }, this.#with.clock.now()));
        if (failure.code === "customer_limit") this.trouble.value = { what: "read", failure };
        return;
      }
    }
    const until = this.#until(failure);
    this.view.value = { kind: "refused", failure, code, ...(until ? { until } : {}) };
    if (repeats(failure.code)) this.#retryAt(until, () => void this.scan(code));
    void this.readShop();
  }

  /** Server's time of the next try: after `Retry-After` and, if the page repeats it, a backoff. */
  #until({ code, retryAfter }: Failure): number | undefined {
    const now = this.#with.clock.now();
    if (!repeats(code)) return retryAfter === undefined ? undefined : now + retryAfter * 1000;
    this.#failures += 1;
    const pause = Math.min(10_000, 1000 * 2 ** this.#failures) * (0.8 + 0.4 * Math.random());
    return now + Math.max((retryAfter ?? 0) * 1000, pause);
  }

  #retryAt(until: number | undefined, run: () => void): void {
    this.#stopRetry();
    if (until === undefined) return;
    const { schedule = later, clock } = this.#with;
    this.#cancelTimer = schedule(run, Math.max(0, until - clock.now()));
  }

  #stopRetry(): void {
    this.#cancelTimer();
    this.#cancelTimer = () => {};
  }

  /** Sends a waiting request at once: after a tap, or when the page is online or visible again. */
  wake = (): void => {
    const view = this.view.value;
    if (view.kind === "refused" && view.code && repeats(view.failure.code)) void this.scan(view.code);
    else if (this.trouble.value?.until) void this.#sendKept();
  };

  async #findOpen(): Promise<Order | undefined> {
    const answer = await this.lastOrders();
    return answer.ok ? answer.body.orders.find((order) => !isFinal(order)) : undefined;
  }

  /** Reads the last ten orders, newest first. */
  lastOrders = (): Promise<Answer<OrderList>> =>
    this.#with.api.call<OrderList>("GET", "myOrders", { query: { eventId: this.#with.shop, maxItems: 10 } });

  /** Reads name, look, links and menu of the shop, and whether it is open. */
  async readShop(): Promise<void> {
    this.#shopReadAt = this.#with.clock.now();
    const query = { eventId: this.#with.shop };
    const answer = await this.#with.api.call<Shop>("GET", "config", { query, anonymous: true });
    if (answer.ok) this.#present(answer.body);
  }

  #present(shop: Presented & Pick<Shop, "menu">): void {
    this.#shopReadAt = this.#with.clock.now();
    this.#with.pocket.keepMenu(shop.menu);
    this.config.value = shop;
    this.menu.value = shop.menu;
  }

  get order(): Order | undefined {
    return this.kept.value?.order;
  }

  /** True while the drink is ready and the person has not said that they have it. */
  get rings(): boolean {
    const { order, seen } = this.kept.value ?? {};
    const at = order && ring(order);
    return at !== undefined && !(seen && Date.parse(seen) >= Date.parse(at));
  }

  /** `presented`: the settings of the shop are known from the answer to the scan. */
  #show(kept: Kept, presented = false): void {
    this.kept.value = kept;
    this.view.value = { kind: "order" };
    this.trouble.value = undefined;
    this.cancelling.value = false;
    this.asking.value = false;
    this.#changedAt = this.#with.clock.now();
    this.poller.stop();
    this.poller.start(this.#ticket ? OPENS : 0);
    if (kept.sent && isOpen(kept)) void this.#sendKept();
    if (!presented) void this.readShop();
  }

  /** Shows one of the last orders. If this phone did not keep it, only a new call rings. */
  open = (order: Order): void => {
    const { pocket } = this.#with;
    const seen = pocket.get(order.orderId) ? {} : { seen: ring(order) };
    this.#show(pocket.put(order.orderId, { order, ...seen }, Date.parse(order.createdAt)));
  };

  #put(change: Parameters<Pocket["put"]>[1]): void {
    const kept = this.kept.value;
    if (kept) this.kept.value = this.#with.pocket.put(kept.orderId, change, kept.at);
  }

  #pollState() {
    const [kept, cancelling, changedAt] = [this.kept.value, this.cancelling.value, this.#changedAt];
    const [live, now] = [this.#live.open.value, this.#with.clock.now()];
    return { kept, now, live, cancelling, rings: this.rings, changedAt };
  }

  async #askTicket(): Promise<Answer<Ticket>> {
    const [given, { api, shop, clock }] = [this.#ticket, this.#with];
    this.#ticket = undefined;
    if (given && clock.secondsUntil(given.expiresAt)) return { ok: true, status: 201, body: given };
    return api.call<Ticket>("POST", "live", { query: { eventId: shop, topic: "customer" } });
  }

  #receive(text: string): void {
    const message = messageOf(text);
    if (message?.kind !== "order" || message.order.orderId !== this.order?.orderId) return;
    this.#apply(message.order);
    this.poller.updated();
  }

  async #read(): Promise<Failure | undefined> {
    const kept = this.kept.value;
    if (!kept || isOver(this.#pollState())) return void this.poller.stop();
    const answer = await this.#with.api.call<Order>("GET", `orders/${kept.orderId}`);
    // The page shows another order now.
    if (this.kept.value?.orderId !== kept.orderId) return undefined;
    if (answer.ok) {
      const { status, updatedAt } = answer.body;
      const withoutMessage = rank(status) > Math.max(1, rank(kept.order?.status ?? "ADMITTED"));
      this.readAt = this.#with.clock.now();
      this.#apply(answer.body);
      if (withoutMessage) this.#live.missed(Date.parse(updatedAt));
      this.#back();
    } else return this.#unread(kept, answer.failure);
    return undefined;
  }

  /** The first successful read after a failed one removes the note about a cancel not sent. */
  #back(): void {
    const trouble = this.trouble.value;
    if (this.#lost && trouble?.what === "cancel" && repeats(trouble.failure.code)) this.keep();
    this.#lost = false;
  }

  #unread(kept: Kept, failure: Failure): Failure | undefined {
    const { clock, pocket } = this.#with;
    this.#lost = true;
    if (failure.code === "order_not_found") {
      if (!kept.order && clock.now() - kept.at < APPEARS) return undefined;
      this.#leave({ kind: "refused", failure });
      pocket.drop(kept.orderId);
    } else if (failure.code === "unauthenticated") {
      this.#leave({ kind: "account" });
    } else if (failure.code === "forbidden") {
      this.#leave({ kind: "refused", failure });
    }
    return failure;
  }

  #apply(news: OrderNews): void {
    const before = this.kept.value?.order;
    const order = before ? newer(before, news) : (news as Order);
    const moved = before?.status !== order.status || before.baristaUserId !== order.baristaUserId;
    if (moved) this.#changedAt = this.#with.clock.now();
    const chosen = order.status !== "CREATED" && order.status !== "ADMITTED";
    this.#put(chosen ? { order, sent: undefined, draft: undefined } : { order });
    if (chosen && this.trouble.value?.what === "choice") this.trouble.value = undefined;
    if (isFinal(order)) this.cancelling.value = false;
    this.#with.onChange(order, before);
    // A drink may sell out while the person chooses.
    if (!chosen && this.#with.clock.now() - this.#shopReadAt > MENU) void this.readShop();
    if (isOver(this.#pollState())) this.poller.stop();
  }

  #leave(view: View): void {
    this.poller.stop();
    this.#stopRetry();
    this.kept.value = undefined;
    this.trouble.value = undefined;
    this.view.value = view;
  }

  draft = (draft: Choice | undefined): void => this.#put({ draft });

  choose = (choice: DrinkRequest): Promise<void> => {
    this.#put({ sent: choice });
    return this.#sendKept();
  };

  /** Sends the choice until the bar accepts or refuses it. */
  #sendKept(): Promise<void> {
    this.#sending ??= this.#sendOnce().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendOnce(): Promise<void> {
    this.#stopRetry();
    const { orderId, sent, at } = this.kept.value ?? {};
    if (!orderId || !sent) return;
    const answer = await this.#with.api.call<Accepted>("PUT", `orders/${orderId}`, { body: sent });
    if (this.kept.value?.orderId !== orderId) return;
    if (answer.ok) return this.#accepted(answer.body);
    const { failure } = answer;
    const early = this.#early(failure, at);
    if (early || repeats(failure.code)) {
      const until = early ? this.#with.clock.now() + 1000 : this.#until(failure);
      const quiet = early && ++this.#failures < 6;
      if (!quiet && until) this.trouble.value = { what: "choice", failure, until };
      this.#retryAt(until, () => void this.#sendKept());
    } else {
      await this.#choiceRefused(failure);
    }
  }

  /** True if the bar may not have recorded the order of the scan yet: a repetition may succeed. */
  #early({ code }: Failure, at = 0): boolean {
    return code === "not_ready" || (code === "order_not_found" && this.#with.clock.now() - at < APPEARS);
  }

  /** The answer to a choice has the position; the order may have moved on already. */
  #accepted(answer: Accepted): void {
    this.#failures = 0;
    this.trouble.value = undefined;
    this.#changedAt = this.readAt = this.#with.clock.now();
    if (this.order) this.#put({ order: { ...answer, ...this.order } });
    this.#reread();
  }

  /** Without a socket, a read has to show the effect of a command. */
  #reread(): void {
    if (this.#live.open.value) this.poller.updated();
    else void this.poller.now();
  }

  async #choiceRefused(failure: Failure): Promise<void> {
    this.#failures = 0;
    this.#put({ sent: undefined });
    this.trouble.value = { what: "choice", failure };
    if (failure.code === "invalid_drink") await this.readShop();
    await this.poller.now();
  }

  /** Removes the note about a failed cancel. The order stays. */
  keep = (): void => {
    this.trouble.value = undefined;
  };

  cancel = async (): Promise<void> => {
    this.asking.value = false;
    if (this.cancelling.value) return;
    this.cancelling.value = true;
    this.trouble.value = undefined;
    this.#put({ sent: undefined });
    await this.#sendCancel(0);
  };

  async #sendCancel(tries: number): Promise<void> {
    this.#stopRetry();
    const { orderId, at } = this.kept.value ?? {};
    if (!orderId) return;
    const query = { action: "cancel" };
    const answer = await this.#with.api.call<Accepted>("PUT", `orders/${orderId}`, { query });
    if (this.kept.value?.orderId !== orderId) return;
    if (!answer.ok) {
      const { failure } = answer;
      // The bar has not recorded the order yet, and accepts the cancel when it has.
      if (this.#early(failure, at) && tries < 10) {
        return this.#retryAt(this.#with.clock.now() + 1000, () => void this.#sendCancel(tries + 1));
      }
      this.cancelling.value = false;
      this.trouble.value = { what: "cancel", failure };
      this.#lost = false;
      return this.poller.now();
    }
    // The button stays busy until the order shows its end.
    this.#reread();
  }

  /** The person has the drink. Only a call that is made after this tap rings. */
  collected = (): void => {
    const at = this.order && ring(this.order);
    if (!at) return;
    const tap = Math.max(this.#with.clock.now(), Date.parse(at));
    this.#put({ seen: new Date(tap).toISOString() });
  };

  /** Orders again: with the same code after a cancelled order, else with another code. */
  again = (): void => {
    const kept = this.kept.value;
    this.#leave({ kind: "entry" });
    if (kept?.code && kept.order?.status === "CANCELLED") void this.scan(kept.code);
    else void this.readShop();
  };
}
