// Parts of the display, as functions of the last answers and the server's time in ms.
import { apply, type Feed, type Kind, read } from "../core/feed.ts";
import type { Freshness } from "../core/freshness.ts";
import type { CodeMessage, NumberMessage } from "../core/messages.ts";
import type { Board, BoardEntry, QrCode } from "../core/types.ts";

export type Entry = BoardEntry;
export type BoardState = Omit<Board, "eventId">;

/** Milliseconds for which a code is valid after its window. */
const GRACE = 15_000;
const WINDOW = 300_000;
/** Milliseconds for which a number is highlighted after it became ready or was called. */
export const HIGHLIGHT = 10_000;
/** Age of the last answer in ms from which the lists are not shown, unless the socket is open. */
const STALE = 300_000;
/** Age in ms from which calls are not announced after a reload: people probably saw them before. */
const MISSED = 60_000;
export const PAGE_TIME = 8000;

export type CodeKind = "starting" | "noShop" | "closed" | "full" | "usedUp" | "noCode" | "code";
export type Known = {
  board: BoardState | undefined;
  code: QrCode | undefined;
  noShop: boolean;
  codeFailed: boolean;
};

export function codeKind({ board, code, noShop, codeFailed }: Known, now: number): CodeKind {
  if (noShop) return "noShop";
  if (!board) return "starting";
  if (!board.storeOpen) return "closed";
  if (board.storeFull) return "full";
  const valid = code && now < Date.parse(code.expiresAt) + GRACE;
  if (!valid) return code || codeFailed ? "noCode" : "starting";
  if (!code.svg) return "noCode";
  return code.availableTokens === 0 ? "usedUp" : "code";
}

/** Part of the window that is left, 0 to 1. */
export const remaining = (expiresAt: string, now: number): number =>
  Math.min(1, Math.max(0, (Date.parse(expiresAt) - now) / WINDOW));

const calledAt = (entry: Entry): number =>
  Math.max(Date.parse(entry.since), Date.parse(entry.calledAt ?? entry.since));

/** Key of a call: the number, and the time at which it became ready or was last called. */
export const callKey = (entry: Entry): string => `${entry.number} ${calledAt(entry)}`;

/** `seen`: keys of the calls that the screen knows. `restarted`: the page was just loaded. */
export type News = { seen: ReadonlySet<string>; restarted: boolean; now: number };

/** Ready numbers whose last call this screen must announce now. */
export function newCalls(ready: readonly Entry[], { seen, restarted, now }: News): Entry[] {
  return ready.filter((entry) => !seen.has(callKey(entry)) && (!restarted || now - calledAt(entry) < MISSED));
}

/**
 * Milliseconds for which a ready number is shown. `clear`: the parameter of the address, in minutes
 * from 1 to 10; with any other value, ten minutes.
 */
export function clearTime(clear: string | undefined): number {
  const minutes = Number.parseInt(clear ?? "", 10);
  return (minutes >= 1 && minutes <= 10 ? minutes : 10) * 60_000;
}

export type Lists = { making: Entry[]; ready: Entry[] };

/**
 * One entry per number. Of the ready numbers, those that are highlighted come first, then the last
 * called. `clear`: milliseconds for which a ready number is shown. `called`: keys of the
 * highlighted calls.
 */
export function lists(board: BoardState, clear: number, called: ReadonlySet<string>, now: number): Lists {
  const unique = (entries: readonly Entry[]) => [...new Map(entries.map((e) => [e.number, e])).values()];
  const rank = (entry: Entry) => (called.has(callKey(entry)) ? 0 : 1);
  const ready = unique(board.ready)
    .filter((entry) => now - calledAt(entry) < clear)
    .sort((a, b) => rank(a) - rank(b) || calledAt(b) - calledAt(a) || b.number - a.number);
  const numbers = new Set(ready.map(({ number }) => number));
  const making = unique(board.making)
    .filter(({ number }) => !numbers.has(number))
    .sort((a, b) => a.number - b.number);
  return { making, ready };
}

/** A number and its list. */
export type Place = Entry & { list: NumberMessage["list"] };
export type Places = Feed<number, Place>;

const STEPS = { making: 0, ready: 1, none: 2 };
const places: Kind<Place> = {
  join(known, next) {
    const later = calledAt(next) - calledAt(known) || (known.calledAt && !next.calledAt ? -1 : 0);
    const ahead = STEPS[next.list] - STEPS[known.list] || later;
    return ahead < 0 ? known : next;
  },
  ended: ({ list }) => list === "none",
};

/** The feed after a read, with the changes that newer messages reported. */
export function readBoard(feed: Places, { making, ready }: BoardState, sentAt: number): Places {
  const listed = (list: Place["list"], entries: readonly Entry[]) =>
    entries.map((entry) => [entry.number, { ...entry, list }] as const);
  return read(feed, [...listed("making", making), ...listed("ready", ready)], sentAt, places);
}

/** The feed after a message; `undefined` if the message says too little and a read is needed. */
export function applyNumber(feed: Places, message: NumberMessage): Places | undefined {
  const { number, list, drink, since = message.at, calledAt: called } = message;
  return apply(feed, number, Date.parse(message.at), (known) => {
    const name = drink ?? known?.drink ?? (list === "none" ? "" : undefined);
    if (name === undefined) return undefined;
    // A message about a call lacks the time of the completion, so the known one is kept.
    const start = message.since || known?.list !== "ready" ? since : known.since;
    const next: Place = { number, list, drink: name, since: start, ...(called ? { calledAt: called } : {}) };
    return known ? places.join(known, next) : next;
  });
}

/** The lists of the board, as a read gives them. */
export function boardLists({ items }: Places): Pick<BoardState, "making" | "ready"> {
  const of = (list: Place["list"]) =>
    [...items.values()].filter((place) => place.list === list).map(({ list: _, ...entry }) => entry);
  return { making: of("making"), ready: of("ready") };
}

/**
 * The code after a message about the number of drinks that it still allows. A message changes
 * nothing if it is about another code, or if the number in it is not smaller.
 */
export function applyCode(code: QrCode, { endsAt, availableTokens }: CodeMessage): QrCode {
  const same = Date.parse(endsAt) === Date.parse(code.expiresAt);
  return same && availableTokens < code.availableTokens ? { ...code, availableTokens } : code;
}

export type PageOf<T> = { shown: T[]; page: number; pages: number };

/** The page for this moment. `held`: it is the first one, because a number there is highlighted. */
export function pageOf<T>(entries: readonly T[], capacity: number, now: number, held = false): PageOf<T> {
  const size = Math.max(1, capacity);
  const pages = Math.max(1, Math.ceil(entries.length / size));
  const index = held ? 0 : Math.floor(now / PAGE_TIME) % pages;
  return { shown: entries.slice(index * size, (index + 1) * size), page: index + 1, pages };
}

export const isStale = ({ kind, at }: Freshness, now: number): boolean =>
  kind !== "live" && at !== undefined && now - at > STALE;

export const secondsUntil = (instant: string, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(instant) - now) / 1000));

/** Whole minutes, at least one. */
export const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));

const SHIFTS = [0, 1, 2, 1, 0, -1, -2, -1];

/**
 * Steps by which the picture is moved in this minute, against burn-in. The style sheet has the size
 * of a step.
 */
export function shift(now: number): { x: number; y: number } {
  const minute = Math.floor(now / 60_000);
  const at = (step: number) => SHIFTS[step % SHIFTS.length] ?? 0;
  return { x: at(minute), y: at(minute + 2) };
}

/** Address for people who type: without scheme and code. */
export function typedAddress(url: string): string {
  const { host, pathname, hash } = new URL(url);
  const shop = new URLSearchParams(hash.slice(1)).get("e");
  return host + pathname + (shop ? `#e=${shop}` : "");
}

/** "ABC DEF" of "ABCDEF". */
export const spaced = (code: string): string => code.replace(/(...)(?=.)/g, "$1 ");
