// Access and refresh tokens, as each kind of issuer gives them.
import type { SignIn } from "./types.ts";

export type Tokens = {
  access: string;
  refresh?: string;
  /** Device's time in ms at which the access token ends. */
  until: number;
};
export type TokenFailure = {
  /** `refused`: the issuer refused the request for a reason that has no other kind here. */
  kind: "offline" | "refused" | "wrongCode" | "expiredCode" | "tooMany" | "exists" | "weakPassword";
  detail: string;
};
export type Result<T> = { ok: true; value: T } | { ok: false; failure: TokenFailure };

export type Json = Record<string, unknown>;
export type CognitoAnswer = {
  Session?: string;
  ChallengeName?: string;
  ChallengeParameters?: Record<string, string>;
  CodeDeliveryDetails?: { Destination?: string };
  AuthenticationResult?: { AccessToken: string; RefreshToken?: string; ExpiresIn: number };
  __type?: string;
  message?: string;
};

const COGNITO: Record<string, TokenFailure["kind"]> = {
  CodeMismatchException: "wrongCode",
  ExpiredCodeException: "expiredCode",
  TooManyRequestsException: "tooMany",
  LimitExceededException: "tooMany",
  TooManyFailedAttemptsException: "tooMany",
  UsernameExistsException: "exists",
  InvalidPasswordException: "weakPassword",
};

export const refused = (detail: string): { ok: false; failure: TokenFailure } => ({
  ok: false,
  failure: { kind: "refused", detail },
});

async function send<T>(address: string, request: RequestInit): Promise<Result<{ status: number; body: T }>> {
  try {
    const response = await fetch(address, {
      ...request,
      method: "POST",
      // The browser opens another page at once after a sign-out; the request must still finish.
      keepalive: true,
      signal: AbortSignal.timeout(12_000),
    });
    return { ok: true, value: { status: response.status, body: (await response.json()) as T } };
  } catch (error) {
    return { ok: false, failure: { kind: "offline", detail: String(error) } };
  }
}

export async function cognito(signIn: SignIn, action: string, body: Json): Promise<Result<CognitoAnswer>> {
  const sent = await send<CognitoAnswer>(signIn.cognitoEndpoint ?? "", {
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify({ ClientId: signIn.clientId, ...body }),
  });
  if (!sent.ok) return sent;
  const { status, body: answer } = sent.value;
  if (status < 400) return { ok: true, value: answer };
  const type = answer.__type?.split("#").pop() ?? "";
  if (status >= 500) return { ok: false, failure: { kind: "offline", detail: type } };
  return { ok: false, failure: { kind: COGNITO[type] ?? "refused", detail: answer.message ?? type } };
}

/** `refresh`: the refresh token to keep if the answer has none. */
export function tokensOf(answer: CognitoAnswer, refresh: string | undefined): Result<Tokens> {
  const given = answer.AuthenticationResult;
  if (!given) return refused(answer.ChallengeName ?? "no token");
  const next = given.RefreshToken ?? refresh;
  const until = Date.now() + given.ExpiresIn * 1000;
  return { ok: true, value: { access: given.AccessToken, until, ...(next ? { refresh: next } : {}) } };
}

type OAuthAnswer = { access_token?: string; refresh_token?: string; expires_in?: number; error?: string };

async function oauth(signIn: SignIn, form: Record<string, string>): Promise<Result<Tokens>> {
  const body = new URLSearchParams({ client_id: signIn.clientId ?? "", ...form });
  const sent = await send<OAuthAnswer>(signIn.tokenEndpoint ?? "", { body });
  if (!sent.ok) return sent;
  const { access_token: access, refresh_token, expires_in = 300, error } = sent.value.body;
  if (!access) {
    if (sent.value.status >= 500) return { ok: false, failure: { kind: "offline", detail: error ?? "" } };
    return refused(error ?? "no token");
  }
  const refresh = refresh_token ?? form.refresh_token;
  return {
    ok: true,
    value: { access, until: Date.now() + expires_in * 1000, ...(refresh ? { refresh } : {}) },
  };
}

export const exchange = (signIn: SignIn, code: string, verifier: string, redirect: string) =>
  oauth(signIn, { grant_type: "authorization_code", code, code_verifier: verifier, redirect_uri: redirect });

export async function refreshed(signIn: SignIn, refresh: string): Promise<Result<Tokens>> {
  if (signIn.kind !== "cognito")
    return oauth(signIn, { grant_type: "refresh_token", refresh_token: refresh });
  // A pool that rotates refresh tokens refuses the flow REFRESH_TOKEN_AUTH.
  const sent = await cognito(signIn, "GetTokensFromRefreshToken", { RefreshToken: refresh });
  return sent.ok ? tokensOf(sent.value, refresh) : sent;
}

/** Revokes a refresh token, if the issuer is Cognito: nobody gets an access token with it then. */
export async function revoke(signIn: SignIn, refresh: string): Promise<void> {
  if (signIn.kind === "cognito") await cognito(signIn, "RevokeToken", { Token: refresh });
}

/** Claims of an access token, which decide what a page shows. Only the API verifies the token. */
export function claimsOf(access: string): Json {
  try {
    const part = access.split(".")[1] ?? "";
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) =>
      c.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return {};
  }
}
