// Authorisation code with PKCE (RFC 7636), for issuers other than Cognito.

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

export const randomText = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Needs a secure context, in which `crypto.subtle` exists. */
export async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

export type Authorisation = {
  endpoint: string;
  clientId: string;
  redirect: string;
  state: string;
  challenge: string;
  scope: string | undefined;
};

export function authorisationAddress(authorisation: Authorisation): string {
  const { endpoint, clientId, redirect, state, challenge, scope } = authorisation;
  const address = new URL(endpoint);
  const params = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirect,
    scope: scope || "openid offline_access",
    state,
    code_challenge: challenge,
    code_challenge_method: "S256",
  };
  for (const [name, value] of Object.entries(params)) address.searchParams.set(name, value);
  return address.href;
}
