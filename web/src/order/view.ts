// Views of the customer's page, and the objects and functions that its flow uses.
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
  /** `until`: server's time of the next attempt, or of the next code. */
  | { kind: "refused"; failure: Failure; code?: string; until?: number }
  | { kind: "account" }
  | { kind: "order" };

/** Name, look and links of a shop, which the answer to a scan has, too; other settings if known. */
export type Presented = Pick<Shop, "eventId" | "name" | "colours" | "logo" | "links"> & Partial<Shop>;

/**
 * A failed command: the choice or the cancel. The page repeats it at `until`, if set. `read`: a
 * scan was refused, because an order is open.
 */
export type Trouble = { what: "choice" | "cancel" | "read"; failure: Failure; until?: number };

export type Surroundings = {
  api: Api;
  clock: Clock;
  pocket: Pocket;
  shop: string;
  /** Called when the shop asks for an account, or the bar does not accept the access token. */
  needAccount(): void;
  /** Called with the order after each answer or message about it, and with the order before. */
  onChange(order: Order, before: Order | undefined): void;
  schedule?(run: () => void, ms: number): () => void;
  poller?: typeof createPoller;
  live?: typeof createLive;
};
