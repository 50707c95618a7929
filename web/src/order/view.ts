// What the phone shows, and what it needs around it.
import type { Api, Failure } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import type { createLive } from "../core/live.ts";
import type { createPoller } from "../core/poller.ts";
import type { Order, Shop } from "../core/types.ts";
import type { Pocket } from "./kept.ts";

export type View =
  | { kind: "starting" }
  /** Nothing to show yet: the person scans or types a code. */
  | { kind: "entry" }
  | { kind: "scanning" }
  /** `until`: server's time at which the same request, or the next code, is worth a try. */
  | { kind: "refused"; failure: Failure; code?: string; until?: number }
  | { kind: "account" }
  | { kind: "order" };

/** Name, look and links of a shop; the answer of a scan has no settings. */
export type Presented = Pick<Shop, "eventId" | "name" | "colours" | "logo" | "links"> & Partial<Shop>;

/** A command that was refused, or is tried again at `until`. */
export type Trouble = { what: "choice" | "cancel" | "read"; failure: Failure; until?: number };

export type Surroundings = {
  api: Api;
  clock: Clock;
  pocket: Pocket;
  shop: string;
  /** The shop asks for an account. */
  needAccount(): void;
  /** An order moved on, or its number is called. */
  onChange(order: Order, before: Order | undefined): void;
  schedule?(run: () => void, ms: number): () => void;
  poller?: typeof createPoller;
  live?: typeof createLive;
};
