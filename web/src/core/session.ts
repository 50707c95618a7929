// The session of an account. It outlives the access token and a reload of the page.
import { type Signal, signal } from "@preact/signals";
import { type Address, dropSecrets } from "./address.ts";
import type { Api, Credential } from "./api.ts";
import { alone } from "./guest.ts";
import { PENDING, type Pending } from "./leaving.ts";
import { authorisationAddress, challengeOf, randomText } from "./pkce.ts";
import type { Storage } from "./storage.ts";
import {
  answerCode,
  askCode,
  type Challenge,
  claimsOf,
  exchange,
  type Result,
  refreshed,
  type TokenFailure,
  type Tokens,
} from "./tokens.ts";
import type { SignIn } from "./types.ts";

export type SessionState =
  | { kind: "loading" }
  | { kind: "signedOut"; signIn?: SignIn; why?: TokenFailure["kind"] | "notLocal" | "ended" }
  | { kind: "codeSent"; signIn: SignIn; challenge: Challenge; why?: TokenFailure["kind"] }
  | { kind: "signedIn"; signIn?: SignIn };

export type Session = Credential & {
  state: Signal<SessionState>;
  /** Reads `GET /sign-in`, and takes a token or a code out of the address. */
  start(): Promise<void>;
  /** Sends a code to the address (Cognito), or leaves for the issuer's page. */
  begin(email?: string): Promise<void>;
  answer(code: string): Promise<void>;
  signOut(): void;
  /** Claims of the access token: `sub`, `email`, groups. */
  claims(): Record<string, unknown>;
  roles(): { barista: boolean; admin: boolean };
};

/** `storage`: that of all shops, because an account is the same in each. */
export type SessionSettings = { api: Api; storage: Storage; address: Address };

/** An access token is replaced this long before its end. */
const EARLY = 60_000;
const TOKENS = "session";

type Why = (SessionState & { kind: "signedOut" })["why"];

class AccountSession implements Session {
  state = signal<SessionState>({ kind: "loading" });
  #api: Api;
  #storage: Storage;
  #address: Address;
  #signIn: SignIn | undefined;

  constructor({ api, storage, address }: SessionSettings) {
    this.#api = api;
    this.#storage = storage;
    this.#address = address;
  }

  #tokens = () => this.#storage.read<Tokens>(TOKENS);
  #known = () => (this.#signIn ? { signIn: this.#signIn } : {});

  #out(why?: Why): void {
    this.#storage.remove(TOKENS);
    this.state.value = { kind: "signedOut", ...this.#known(), ...(why ? { why } : {}) };
  }

  #take(result: Result<Tokens>): boolean {
    if (!result.ok) return false;
    this.#storage.write(TOKENS, result.value);
    this.state.value = { kind: "signedIn", ...this.#known() };
    return true;
  }

  async #load(): Promise<SignIn | undefined> {
    if (this.#signIn) return this.#signIn;
    const answer = await this.#api.call<SignIn>("GET", "sign-in", { anonymous: true });
    if (answer.ok) this.#signIn = answer.body;
    return this.#signIn;
  }

  async start(): Promise<void> {
    const { token, code, state } = this.#address.params;
    dropSecrets(history, location, ["token", "code", "state", "session_state", "iss"]);
    if (!token && !code && this.#tokens()) this.state.value = { kind: "signedIn" };
    const issuer = await this.#load();
    if (issuer && token) this.#local(token, issuer);
    else if (issuer && code && state) await this.#finishRedirect(issuer, code);
    else if (this.#tokens()) this.state.value = { kind: "signedIn", ...this.#known() };
    else this.#out(issuer ? undefined : "offline");
  }

  #local(token: string, issuer: SignIn): void {
    if (issuer.local) {
      const until = Number(claimsOf(token).exp) * 1000 || Date.now() + 3600_000;
      this.#take({ ok: true, value: { access: token, until } });
    } else {
      this.#out("notLocal");
    }
  }

  async #finishRedirect(issuer: SignIn, code: string): Promise<void> {
    const pending = this.#storage.read<Pending>(PENDING);
    this.#storage.remove(PENDING);
    if (!pending || pending.state !== this.#address.params.state) {
      this.#out("refused");
      return;
    }
    const result = await exchange(issuer, code, pending.verifier, ownAddress());
    if (!this.#take(result) && !result.ok) this.#out(result.failure.kind);
  }

  async bearer(): Promise<string | undefined> {
    const held = this.#tokens();
    if (held && held.until - EARLY <= Date.now()) await this.#renew(undefined);
    return this.#tokens()?.access;
  }

  renew = (): Promise<boolean> => this.#renew(this.#tokens()?.access);

  /** One tab at a time: an issuer may accept a refresh token once. */
  #renew(spent: string | undefined): Promise<boolean> {
    return alone("bar:session", async () => {
      const held = this.#tokens();
      if (!held) return false;
      if (held.access !== spent && held.until - EARLY > Date.now()) return true;
      if (!held.refresh) {
        if (spent || held.until <= Date.now()) this.#out("ended");
        return false;
      }
      const issuer = await this.#load();
      if (!issuer) return false;
      const result = await refreshed(issuer, held.refresh);
      if (!result.ok && result.failure.kind === "refused") this.#out("ended");
      return this.#take(result);
    });
  }

  async begin(email?: string): Promise<void> {
    const issuer = await this.#load();
    if (!issuer) return this.#out("offline");
    if (issuer.kind === "oidc") return this.#leave(issuer);
    const asked = await askCode(issuer, email ?? "");
    if (!asked.ok) return this.#out(asked.failure.kind);
    this.state.value = { kind: "codeSent", signIn: issuer, challenge: asked.value };
  }

  async #leave(issuer: SignIn): Promise<void> {
    const verifier = randomText();
    const pending: Pending = { state: randomText(), verifier, hash: location.hash };
    this.#storage.write(PENDING, pending);
    location.assign(
      authorisationAddress({
        endpoint: issuer.authorizationEndpoint ?? "",
        scope: issuer.scope,
        clientId: issuer.clientId ?? "",
        redirect: ownAddress(),
        state: pending.state,
        challenge: await challengeOf(verifier),
      }),
    );
  }

  async answer(code: string): Promise<void> {
    const now = this.state.value;
    if (now.kind !== "codeSent") return;
    const result = await answerCode(now.signIn, now.challenge, code.trim());
    if (this.#take(result) || result.ok) return;
    const { kind } = result.failure;
    if (kind === "expiredCode" || kind === "refused") this.#out(kind);
    else this.state.value = { ...now, why: kind };
  }

  signOut = (): void => this.#out();
  claims = () => claimsOf(this.#tokens()?.access ?? "");

  roles(): { barista: boolean; admin: boolean } {
    const claims = this.claims();
    const groups = [claims["cognito:groups"], claims.groups].flat();
    const admin = groups.includes("admin");
    return { admin, barista: admin || groups.includes("barista") };
  }
}

export const createSession = (settings: SessionSettings): Session => new AccountSession(settings);

const ownAddress = (): string => location.origin + location.pathname;
