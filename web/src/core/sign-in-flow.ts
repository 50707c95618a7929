// Ways in which a person signs in: a code by e-mail, a password or a new account (Cognito), or the
// issuer's own page (OIDC).
import { type Address, dropSecrets } from "./address.ts";
import {
  answerCode,
  askCode,
  type Challenge,
  choosePassword,
  type NewPassword,
  signInWithPassword,
  signUp,
} from "./cognito.ts";
import { PENDING, type Pending } from "./leaving.ts";
import { authorisationAddress, challengeOf, randomText } from "./pkce.ts";
import type { Session } from "./session.ts";
import { type Signal, signal } from "./signal.ts";
import type { Storage } from "./storage.ts";
import { exchange, type Result, type TokenFailure, type Tokens } from "./tokens.ts";
import type { SignIn } from "./types.ts";

type Why = TokenFailure["kind"];
export type FlowState =
  | { kind: "loading" }
  | { kind: "form"; issuer?: SignIn; why?: Why }
  | { kind: "codeSent"; issuer: SignIn; challenge: Challenge; why?: Why }
  | { kind: "newPassword"; issuer: SignIn; challenge: NewPassword; why?: Why };

export type FlowSettings = { session: Session; storage: Storage; address: Address };

export class SignInFlow {
  state: Signal<FlowState> = signal({ kind: "loading" });
  #settings: FlowSettings;

  constructor(settings: FlowSettings) {
    this.#settings = settings;
  }

  #form(issuer: SignIn | undefined, why: Why | undefined): void {
    this.state.value = { kind: "form", ...(issuer ? { issuer } : {}), ...(why ? { why } : {}) };
  }

  #take(result: Result<Tokens>): boolean {
    if (result.ok) this.#settings.session.take(result.value);
    return result.ok;
  }

  /** Shows the form; or finishes the sign-in, if the person returns from the issuer's page. */
  async start(): Promise<void> {
    const { address, session, storage } = this.#settings;
    const { code, state } = address.params;
    dropSecrets(history, location, ["code", "state", "session_state", "iss"]);
    const issuer = await session.issuer();
    if (!issuer || !state) return this.#form(issuer, issuer ? undefined : "offline");
    const pending = storage.read<Pending>(PENDING);
    storage.remove(PENDING);
    if (!code || pending?.state !== state) return this.#form(issuer, "refused");
    const result = await exchange(issuer, code, pending.verifier, ownAddress());
    if (!this.#take(result) && !result.ok) this.#form(issuer, result.failure.kind);
  }

  /** Lets Cognito send a code to `email`, or opens the page of an issuer that is not Cognito. */
  async begin(email?: string): Promise<void> {
    const issuer = await this.#settings.session.issuer();
    if (!issuer) return this.#form(issuer, "offline");
    if (issuer.kind === "oidc") return this.#leave(issuer);
    const asked = await askCode(issuer, email ?? "");
    if (!asked.ok) return this.#form(issuer, asked.failure.kind);
    this.state.value = { kind: "codeSent", issuer, challenge: asked.value };
  }

  /** Creates an account, if the user pool lets anybody do so. */
  async signUp(email: string): Promise<void> {
    const issuer = await this.#settings.session.issuer();
    if (!issuer) return this.#form(issuer, "offline");
    const asked = await signUp(issuer, email);
    if (!asked.ok) return this.#form(issuer, asked.failure.kind);
    this.state.value = { kind: "codeSent", issuer, challenge: asked.value };
  }

  async password(email: string, password: string): Promise<void> {
    const issuer = await this.#settings.session.issuer();
    if (!issuer) return this.#form(issuer, "offline");
    const result = await signInWithPassword(issuer, email, password);
    if (!result.ok) return this.#form(issuer, result.failure.kind);
    if ("user" in result.value) this.state.value = { kind: "newPassword", issuer, challenge: result.value };
    else this.#settings.session.take(result.value);
  }

  async newPassword(password: string): Promise<void> {
    const now = this.state.value;
    if (now.kind !== "newPassword") return;
    const result = await choosePassword(now.issuer, now.challenge, password);
    if (result.ok) return this.#settings.session.take(result.value);
    const { kind } = result.failure;
    if (kind === "weakPassword" || kind === "offline") this.state.value = { ...now, why: kind };
    else this.#form(now.issuer, kind);
  }

  async #leave(issuer: SignIn): Promise<void> {
    const verifier = randomText();
    const pending: Pending = { state: randomText(), verifier, hash: location.hash };
    this.#settings.storage.write(PENDING, pending);
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
    const result = await answerCode(now.issuer, now.challenge, code.trim());
    if (result.ok) {
      if ("email" in result.value) this.state.value = { ...now, challenge: result.value };
      else this.#settings.session.take(result.value);
      return;
    }
    const { kind } = result.failure;
    if (kind === "expiredCode" || kind === "refused") this.#form(now.issuer, kind);
    else this.state.value = { ...now, why: kind };
  }

  /** Shows the form again. */
  back = (): void => {
    void this.#settings.session.issuer().then((issuer) => this.#form(issuer, undefined));
  };
}

const ownAddress = (): string => location.origin + location.pathname;
