// The session of an account. It outlives the access token and a reload of the page.
import { type Address, dropSecrets } from "./address.ts";
import type { Api, Credential } from "./api.ts";
import { alone } from "./guest.ts";
import { type Signal, signal } from "./signal.ts";
import type { Storage } from "./storage.ts";
import { claimsOf, refreshed, revoke, type Tokens } from "./tokens.ts";
import type { SignIn } from "./types.ts";

/**
 * `offline`: the bar does not answer. `notLocal`: the link works on a local bar only. `ended`: the
 * token is not accepted any more, and the issuer gives no new one.
 */
export type WhySignedOut = "offline" | "notLocal" | "ended";
export type SessionState =
  | { kind: "loading" }
  | { kind: "signedOut"; why?: WhySignedOut }
  | { kind: "signedIn" };

export type Session = Credential & {
  state: Signal<SessionState>;
  /** Reads the kept tokens. Removes a token from the address, and uses it if the bar is local. */
  start(): Promise<void>;
  /** Returns the answer to `GET /sign-in`; `undefined` if the request fails. */
  issuer(): Promise<SignIn | undefined>;
  take(tokens: Tokens): void;
  /** Also revokes the refresh token, if the issuer is Cognito. */
  signOut(): Promise<void>;
  /** Claims of the access token, such as `sub` and groups. */
  claims(): Record<string, unknown>;
  roles(): { barista: boolean; admin: boolean };
};

/**
 * `storage`: that of all shops, because an account is the same in each. `tab`: storage until the
 * tab is closed. It has the tokens of an admin, so that a tablet keeps none of them.
 */
export type SessionSettings = { api: Api; storage: Storage; tab: Storage; address: Address };

/** Milliseconds before its end at which an access token is replaced. */
const EARLY = 60_000;
/** Key of the tokens in both storages. */
export const TOKENS = "session";

class AccountSession implements Session {
  state = signal<SessionState>({ kind: "loading" });
  #api: Api;
  #storage: Storage;
  #tab: Storage;
  #address: Address;
  #issuer: SignIn | undefined;

  constructor({ api, storage, tab, address }: SessionSettings) {
    this.#api = api;
    this.#storage = storage;
    this.#tab = tab;
    this.#address = address;
  }

  #tokens = () => this.#tab.read<Tokens>(TOKENS) ?? this.#storage.read<Tokens>(TOKENS);

  #forget(): void {
    this.#tab.remove(TOKENS);
    this.#storage.remove(TOKENS);
  }

  #out(why?: WhySignedOut): void {
    this.#forget();
    this.state.value = { kind: "signedOut", ...(why ? { why } : {}) };
  }

  take(tokens: Tokens): void {
    this.#forget();
    const { admin } = rolesOf(claimsOf(tokens.access));
    (admin ? this.#tab : this.#storage).write(TOKENS, tokens);
    this.state.value = { kind: "signedIn" };
  }

  async issuer(): Promise<SignIn | undefined> {
    if (this.#issuer) return this.#issuer;
    const answer = await this.#api.call<SignIn>("GET", "sign-in", { anonymous: true });
    if (answer.ok) this.#issuer = answer.body;
    return this.#issuer;
  }

  async start(): Promise<void> {
    const { token } = this.#address.params;
    if (token) {
      dropSecrets(history, location, ["token"]);
      const issuer = await this.issuer();
      if (issuer?.local) this.take(local(token));
      else if (!this.#tokens()) this.#out(issuer ? "notLocal" : "offline");
    }
    if (this.#tokens()) this.state.value = { kind: "signedIn" };
    else if (this.state.value.kind === "loading") this.#out();
  }

  async bearer(): Promise<string | undefined> {
    const held = this.#tokens();
    if (held && held.until - EARLY <= Date.now()) await this.#renew(undefined);
    return this.#tokens()?.access;
  }

  renew = (): Promise<boolean> => this.#renew(this.#tokens()?.access);

  /**
   * Renews the tokens in one tab at a time, because an issuer may accept a refresh token only once.
   * `spent`: the access token that the API refused; `undefined` if the token only ends soon.
   */
  #renew(spent: string | undefined): Promise<boolean> {
    return alone("bar:session", async () => {
      const held = this.#tokens();
      if (!held) return false;
      if (held.access !== spent && held.until - EARLY > Date.now()) return true;
      if (!held.refresh) {
        if (spent || held.until <= Date.now()) this.#out("ended");
        return false;
      }
      const issuer = await this.issuer();
      if (!issuer) return false;
      const result = await refreshed(issuer, held.refresh);
      if (result.ok) this.take(result.value);
      else if (result.failure.kind === "refused") this.#out("ended");
      return result.ok;
    });
  }

  signOut = async (): Promise<void> => {
    const refresh = this.#tokens()?.refresh;
    this.#out();
    const issuer = refresh && (await this.issuer());
    if (refresh && issuer) await revoke(issuer, refresh);
  };
  claims = () => claimsOf(this.#tokens()?.access ?? "");

  roles = () => rolesOf(this.claims());
}

function rolesOf(claims: Record<string, unknown>): { barista: boolean; admin: boolean } {
  const groups = [claims["cognito:groups"], claims.groups].flat();
  const admin = groups.includes("admin");
  return { admin, barista: admin || groups.includes("barista") };
}

/** The tokens of a staff link, which has no refresh token. */
function local(access: string): Tokens {
  return { access, until: Number(claimsOf(access).exp) * 1000 || Date.now() + 3600_000 };
}

export const createSession = (settings: SessionSettings): Session => new AccountSession(settings);
