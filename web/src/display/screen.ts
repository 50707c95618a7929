// State of the display, from the last answers and newer messages of the API.
import type { Answer, Api, Failure } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import { emptyFeed } from "../core/feed.ts";
import { createLive, type Live } from "../core/live.ts";
import { messageOf, type NumberMessage, type ShopMessage } from "../core/messages.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";
import type { QrCode, Shop, Ticket } from "../core/types.ts";
import { type Access, createAccess } from "./access.ts";
import {
  applyCode,
  applyNumber,
  type BoardState,
  boardLists,
  callKey,
  type Entry,
  HIGHLIGHT,
  newCalls,
  type Places,
  readBoard,
} from "./model.ts";

const BOARD = 5000;
/**
 * Milliseconds between two reads while the socket is open. The poller spreads intervals by a fifth,
 * so at least five minutes pass.
 */
const RARELY = 375_000;
const PAIRING = 3000;
const CODE = 10_000;
const SETTINGS = 60_000;

export type ScreenSettings = {
  api: Api;
  clock: Clock;
  storage: Storage;
  shop: string;
  /** Address of this page, for the QR code. */
  page: string;
  /** The secret in the address of the page. */
  linked?: string | undefined;
  onCalls(entries: Entry[]): void;
  live?: typeof createLive;
  poller?: typeof createPoller;
};

export class Screen {
  readonly board: Signal<BoardState | undefined> = signal(undefined);
  readonly code: Signal<QrCode | undefined> = signal(undefined);
  readonly codeFailed = signal(false);
  readonly noShop = signal(false);
  readonly settings: Signal<Shop | undefined> = signal(undefined);
  /** Key of a call, and the time until which it is highlighted. */
  readonly called: Signal<ReadonlyMap<string, number>> = signal(new Map());
  readonly access: Access;
  readonly poller: Poller;
  private readonly s: ScreenSettings;
  private readonly live: Live;
  private places: Places = emptyFeed();
  /** Number of scans since the last read: the order of each takes capacity. */
  private scans = 0;
  private versions = { version: 0, codeVersion: 0 };
  private restarted = true;
  private codeRead = Number.NEGATIVE_INFINITY;
  private settingsRead = Number.NEGATIVE_INFINITY;
  private renewed: string | undefined;

  constructor(settings: ScreenSettings) {
    this.s = settings;
    this.access = createAccess(settings);
    settings.api.use({ bearer: async () => this.access.secret() });
    const { clock } = settings;
    this.live = (settings.live ?? createLive)({
      clock,
      ticket: () => this.ticket(),
      receive: (text) => this.receive(text),
    });
    // No message was received about settings that changed before the socket opened.
    this.live.open.subscribe(() => {
      this.settingsRead = Number.NEGATIVE_INFINITY;
    });
    this.poller = (settings.poller ?? createPoller)({
      read: () => this.read(),
      interval: () => this.interval(),
      clock,
      live: this.live,
    });
    this.access.state.subscribe(({ kind }) => (kind === "active" ? this.live.start() : this.live.stop()));
  }

  private interval(): number {
    if (this.access.state.value.kind === "pairing") return PAIRING;
    return this.live.open.value && !this.places.behind ? RARELY : BOARD;
  }

  private async ticket(): Promise<Answer<Ticket>> {
    if (this.access.state.value.kind !== "active")
      return { ok: false, failure: { code: "unauthenticated", status: 401, detail: "not paired yet" } };
    const query = { eventId: this.s.shop, topic: "board" };
    return this.s.api.call<Ticket>("POST", "live", { query });
  }

  private receive(text: string): void {
    const message = messageOf(text);
    const board = this.board.value;
    if (!message || message.kind === "stale" || !board) return void this.poller.now();
    if (message.kind === "number") this.receiveNumber(board, message);
    else if (message.kind === "shop") this.receiveShop(message);
    else if (message.kind === "code" && this.code.value) {
      this.code.value = applyCode(this.code.value, message);
      this.scans++;
      this.poller.updated();
      this.checkCapacity();
    }
  }

  private receiveNumber(board: BoardState, message: NumberMessage): void {
    const places = applyNumber(this.places, message);
    // An order that ends may make room.
    if (!places || (board.storeFull && message.list !== "making")) return void this.poller.now();
    this.places = places;
    const lists = boardLists(places);
    this.take({ ...board, ...lists });
    this.poller.updated();
    if (lists.making.length > board.making.length) this.checkCapacity();
  }

  private receiveShop({ version, codeVersion }: ShopMessage): void {
    if (version <= this.versions.version) return;
    if (codeVersion > this.versions.codeVersion) this.codeRead = Number.NEGATIVE_INFINITY;
    this.versions = { version, codeVersion };
    this.settingsRead = Number.NEGATIVE_INFINITY;
    void this.poller.now();
  }

  /** No message says that the shop is full, so the board is read once it may be full. */
  private checkCapacity(): void {
    const { making = [], storeFull } = this.board.value ?? {};
    const most = this.settings.value?.maxOrdersInQueue ?? 1;
    if (!storeFull && making.length + this.scans >= most) void this.poller.now();
  }

  /** Called once a second: asks for the next code when the shown one ends, and ends highlights. */
  tick(): void {
    const now = this.s.clock.now();
    const code = this.code.value;
    if (code && now >= Date.parse(code.expiresAt) && this.renewed !== code.expiresAt) {
      this.renewed = code.expiresAt;
      this.codeRead = Number.NEGATIVE_INFINITY;
      void this.poller.now();
    }
    const left = [...this.called.value].filter(([, until]) => until > now);
    if (left.length < this.called.value.size) this.called.value = new Map(left);
  }

  private async read(): Promise<Failure | undefined> {
    void this.readSettings();
    if (!this.access.secret()) {
      const failure = await this.access.ask();
      if (failure) return failure;
    }
    const sentAt = this.s.clock.now();
    const answer = await this.get<BoardState>("board");
    if (!answer.ok && (answer.failure.status === 401 || answer.failure.status === 403)) {
      return this.access.refused(answer.failure);
    }
    if (!answer.ok && answer.failure.code !== "shop_not_found") return answer.failure;
    this.access.accepted();
    this.noShop.value = !answer.ok;
    if (!answer.ok) return undefined;
    const before = this.board.value;
    this.scans = 0;
    this.places = readBoard(this.places, answer.body, sentAt);
    this.take({ ...answer.body, ...boardLists(this.places) });
    const changed =
      before?.storeOpen !== answer.body.storeOpen || before?.storeFull !== answer.body.storeFull;
    return this.readCode(changed);
  }

  private get<T>(path: string, query: Record<string, string> = {}) {
    return this.s.api.call<T>("GET", path, { query: { eventId: this.s.shop, ...query } });
  }

  /** `changed`: the shop opened, closed, became full or has room again, so the code is read now. */
  private async readCode(changed: boolean): Promise<Failure | undefined> {
    const now = this.s.clock.now();
    if (!changed && now - this.codeRead < CODE - BOARD / 2) return undefined;
    const answer = await this.get<QrCode>("qr-code", { page: this.s.page });
    this.codeFailed.value = !answer.ok;
    if (!answer.ok) return answer.failure;
    this.codeRead = now;
    this.code.value = answer.body;
    return undefined;
  }

  /** Reads name, look and menu of the shop. The display also works without them. */
  private async readSettings(): Promise<void> {
    const now = this.s.clock.now();
    if (now - this.settingsRead < SETTINGS) return;
    this.settingsRead = now;
    const answer = await this.s.api.call<Shop>("GET", "config", {
      query: { eventId: this.s.shop },
      anonymous: true,
    });
    if (answer.ok) this.settings.value = answer.body;
    else this.settingsRead = Number.NEGATIVE_INFINITY;
  }

  private take(board: BoardState): void {
    const now = this.s.clock.now();
    const seen = new Set(this.s.storage.read<string[]>("calls"));
    const news = newCalls(board.ready, { seen, restarted: this.restarted, now });
    this.restarted = false;
    this.board.value = board;
    this.s.storage.write("calls", board.ready.map(callKey));
    if (news.length === 0) return;
    const until = now + HIGHLIGHT;
    this.called.value = new Map([...this.called.value, ...news.map((e) => [callKey(e), until] as const)]);
    this.s.onCalls(news);
  }
}
