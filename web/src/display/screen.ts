// State of the display: the last answers of the API.
import type { Api, Failure } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";
import type { QrCode, Shop } from "../core/types.ts";
import { type Access, createAccess } from "./access.ts";
import { type BoardState, callKey, type Entry, HIGHLIGHT, newCalls } from "./model.ts";

const BOARD = 5000;
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
  linked?: string | undefined;
  onCalls(entries: Entry[]): void;
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
  private restarted = true;
  private codeRead = Number.NEGATIVE_INFINITY;
  private settingsRead = Number.NEGATIVE_INFINITY;
  private renewed: string | undefined;

  constructor(settings: ScreenSettings) {
    this.s = settings;
    this.access = createAccess(settings);
    settings.api.use({ bearer: async () => this.access.secret() });
    this.poller = createPoller({
      read: () => this.read(),
      interval: () => (this.access.state.value.kind === "pairing" ? PAIRING : BOARD),
      clock: settings.clock,
    });
  }

  /** Once a second: asks for the next code when the shown one ends, ends highlights. */
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
    const answer = await this.get<BoardState>("board");
    if (!answer.ok && (answer.failure.status === 401 || answer.failure.status === 403)) {
      return this.access.refused(answer.failure);
    }
    if (!answer.ok && answer.failure.code !== "shop_not_found") return answer.failure;
    this.access.accepted();
    this.noShop.value = !answer.ok;
    if (!answer.ok) return undefined;
    const before = this.board.value;
    this.take(answer.body);
    const changed =
      before?.storeOpen !== answer.body.storeOpen || before?.storeFull !== answer.body.storeFull;
    return this.readCode(changed);
  }

  private get<T>(path: string, query: Record<string, string> = {}) {
    return this.s.api.call<T>("GET", path, { query: { eventId: this.s.shop, ...query } });
  }

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

  /** Name, colours and names of drinks. Without them the screen works too. */
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
