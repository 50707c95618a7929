// This screen's right to read the board, by a link with a secret or a code that an admin enters.
import type { Api, Failure } from "../core/api.ts";
import type { Clock } from "../core/clock.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";
import type { Pairing } from "../core/types.ts";

const KEY = "display";
const SECRET = /^display_[A-Za-z0-9_-]{43}$/;

type Kept = { secret: string; pairing?: { code: string; expiresAt: string } };
export type AccessState =
  | { kind: "starting" }
  /** `ended`: this screen had access before. */
  | { kind: "pairing"; ended: boolean; code?: string; expiresAt?: string; failure?: Failure }
  | { kind: "active" };

export type Access = {
  state: Signal<AccessState>;
  secret(): string | undefined;
  /** Asks the API for a secret and the pairing code that activates it. */
  ask(): Promise<Failure | undefined>;
  /** Called when the API accepted the secret. */
  accepted(): void;
  /**
   * Called when the API did not accept the secret. Shows the pairing code as long as it is valid.
   * Else gives the secret up and asks for another one; for a paired screen, only after the second
   * refusal.
   */
  refused(failure: Failure): Promise<Failure | undefined>;
  /** True if the secret survives a reload. */
  kept(): boolean;
};
export type AccessSettings = {
  api: Api;
  clock: Clock;
  storage: Storage;
  shop: string;
  /** The secret in the address of the page. */
  linked?: string | undefined;
};

export function createAccess({ api, clock, storage, shop, linked }: AccessSettings): Access {
  const state = signal<AccessState>({ kind: "starting" });
  let stored = true;
  let refusals = 0;
  let ended = false;

  const keep = (kept: Kept) => {
    stored = storage.write(KEY, kept);
  };
  if (linked && SECRET.test(linked)) keep({ secret: linked });
  const current = () => storage.read<Kept>(KEY);

  async function ask(): Promise<Failure | undefined> {
    const answer = await api.call<Pairing>("POST", "displays/pair", {
      query: { eventId: shop },
      anonymous: true,
    });
    if (!answer.ok) {
      state.value = { kind: "pairing", ended, failure: answer.failure };
      return answer.failure;
    }
    const { secret, pairingCode: code, expiresAt } = answer.body;
    keep({ secret, pairing: { code, expiresAt } });
    state.value = { kind: "pairing", ended, code, expiresAt };
    return undefined;
  }

  async function refused(failure: Failure): Promise<Failure | undefined> {
    const { pairing } = current() ?? {};
    if (pairing && clock.secondsUntil(pairing.expiresAt) > 0) {
      state.value = { kind: "pairing", ended, ...pairing };
      return undefined;
    }
    // One refusal may be a fault; the secret of a working screen is given up after the second.
    if (!pairing && ++refusals < 2) return failure;
    ended ||= !pairing;
    refusals = 0;
    storage.remove(KEY);
    state.value = { kind: "pairing", ended };
    return ask();
  }

  return {
    state,
    secret: () => current()?.secret,
    ask,
    refused,
    accepted() {
      refusals = 0;
      ended = false;
      const kept = current();
      if (kept?.pairing) keep({ secret: kept.secret });
      if (state.value.kind !== "active") state.value = { kind: "active" };
    },
    kept: () => stored,
  };
}
