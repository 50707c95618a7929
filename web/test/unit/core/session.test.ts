import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { afterSignIn, readAddress, signInAddress } from "../../../src/core/address.ts";
import type { Answer, Api } from "../../../src/core/api.ts";
import { createSession } from "../../../src/core/session.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Tokens } from "../../../src/core/tokens.ts";
import type { SignIn } from "../../../src/core/types.ts";
import { memory } from "../memory.ts";

const real = { fetch: globalThis.fetch, history: globalThis.history, location: globalThis.location };
afterEach(() => Object.assign(globalThis, real));

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = (claims: object) => `${part({ alg: "ES256" })}.${part(claims)}.x`;
const seconds = () => Math.floor(Date.now() / 1000);

type World = {
  issuer?: SignIn;
  tokens?: Tokens;
  token?: string;
  refresh?: () => Response | Promise<Response>;
};

function world({ issuer, tokens, token, refresh }: World) {
  const kept = new Map<string, string>();
  const storage = createStorage("", memory(kept));
  if (tokens) storage.write("session", tokens);
  let address = `/v1/barista#e=BAR${token ? `&token=${token}` : ""}`;
  const place = new URL(address, "https://bar.example");
  let asked = 0;
  const sent: { target: string; body: Record<string, string> }[] = [];
  Object.assign(globalThis, {
    location: place,
    history: { replaceState: (_: unknown, __: string, next: string) => (address = next) },
    fetch: async (_: string, { body, headers }: RequestInit) => {
      asked += 1;
      const target = new Headers(headers).get("x-amz-target")?.split(".")[1];
      if (target) sent.push({ target, body: JSON.parse(String(body)) });
      return (await refresh?.()) ?? Promise.reject(new TypeError("no network"));
    },
  });
  const call = async (): Promise<Answer<SignIn>> =>
    issuer
      ? { ok: true, status: 200, body: issuer }
      : { ok: false, failure: { code: "offline", status: 0, detail: "" } };
  const api = { base: "/v1/", use() {}, call } as unknown as Api;
  const tab = createStorage("", memory());
  const session = createSession({ api, storage, tab, address: readAddress(place) });
  return { session, storage, tab, address: () => address, asked: () => asked, sent };
}

const oidc: SignIn = {
  local: false,
  kind: "oidc",
  clientId: "bar",
  tokenEndpoint: "https://issuer.example/token",
};
const cognito: SignIn = {
  local: false,
  kind: "cognito",
  clientId: "bar",
  cognitoEndpoint: "https://pool.example/",
};
const local: SignIn = { local: true, kind: "local" };
const soon = () => Date.now() + 30_000;
const later = () => Date.now() + 3600_000;

test("a staff link signs in on a local bar, and its token leaves the address at once", async () => {
  const token = jwt({ sub: "bea", "cognito:groups": ["barista"], exp: seconds() + 3600 });
  const { session, address } = world({ issuer: local, token });
  const started = session.start();
  assert.equal(address(), "/v1/barista#e=BAR");
  await started;
  assert.equal(session.state.value.kind, "signedIn");
  assert.equal(await session.bearer(), token);
  assert.deepEqual([session.roles(), session.claims().sub], [{ admin: false, barista: true }, "bea"]);
});

test("the token of a link is refused where the issuer is not local", async () => {
  const { session, address } = world({ issuer: oidc, token: jwt({ sub: "eve" }) });
  await session.start();
  assert.deepEqual(session.state.value, { kind: "signedOut", why: "notLocal" });
  assert.equal(await session.bearer(), undefined);
  assert.equal(address(), "/v1/barista#e=BAR");
});

test("a link that cannot be checked, because nothing answers, says so and signs nobody in", async () => {
  const { session } = world({ token: jwt({ sub: "bea" }) });
  await session.start();
  assert.deepEqual(session.state.value, { kind: "signedOut", why: "offline" });
});

test("a session outlives its access token: the page replaces the token before its end, once for all requests", async () => {
  const answer = () => Response.json({ access_token: "second", expires_in: 3600 });
  const { session, storage, asked } = world({
    issuer: oidc,
    tokens: { access: "first", refresh: "again", until: soon() },
    refresh: answer,
  });
  await session.start();
  assert.deepEqual(await Promise.all([session.bearer(), session.bearer()]), ["second", "second"]);
  assert.equal(storage.read<Tokens>("session")?.refresh, "again");
  assert.equal(asked(), 1);
  assert.equal(await session.bearer(), "second");
});

test("a session survives a reload of the page", async () => {
  const { session } = world({ issuer: oidc, tokens: { access: "kept", until: later() } });
  await session.start();
  assert.equal(session.state.value.kind, "signedIn");
  assert.equal(await session.bearer(), "kept");
});

test("Cognito gives the next access token, and without another refresh token the session keeps its own", async () => {
  const { session, storage } = world({
    issuer: cognito,
    tokens: { access: "first", refresh: "again", until: soon() },
    refresh: () => Response.json({ AuthenticationResult: { AccessToken: "second", ExpiresIn: 3600 } }),
  });
  assert.equal(await session.bearer(), "second");
  assert.equal(storage.read<Tokens>("session")?.refresh, "again");
});

test("a 401 asks for another token, though the old one has not ended by the device's clock", async () => {
  const { session } = world({
    issuer: oidc,
    tokens: { access: "first", refresh: "again", until: later() },
    refresh: () => Response.json({ access_token: "second", refresh_token: "next", expires_in: 3600 }),
  });
  assert.equal(await session.renew?.(), true);
  assert.equal(await session.bearer(), "second");
});

test("without network the session goes on; a refusal of the issuer ends it, and the state says so", async () => {
  const tokens = { access: "first", refresh: "again", until: soon() };
  const offline = world({ issuer: oidc, tokens });
  await offline.session.start();
  assert.equal(await offline.session.bearer(), "first");
  assert.equal(offline.session.state.value.kind, "signedIn");
  const refused = world({
    issuer: oidc,
    tokens,
    refresh: () => Response.json({ error: "invalid_grant" }, { status: 400 }),
  });
  await refused.session.start();
  assert.equal(await refused.session.bearer(), undefined);
  assert.deepEqual(refused.session.state.value, { kind: "signedOut", why: "ended" });
});

test("a local token that has ended ends the session", async () => {
  const { session } = world({ issuer: local, tokens: { access: "old", until: Date.now() - 1 } });
  await session.start();
  assert.equal(await session.bearer(), undefined);
  assert.deepEqual(session.state.value, { kind: "signedOut", why: "ended" });
});

test("the sign-in leads back to the page that asked, with its parameters and to no other place", () => {
  const of = (text: string) => readAddress(new URL(text, "https://bar.example"));
  const there = signInAddress(of("/v1/barista?view=admin#e=BAR&token=x"));
  assert.equal(there, "/v1/#view=admin&e=BAR&sign-in=barista");
  assert.equal(afterSignIn(of(there)), "/v1/barista?view=admin#e=BAR");
  assert.equal(afterSignIn(of(signInAddress(of("/v1/order#e=BAR&t=CODE")))), "/v1/order#e=BAR&t=CODE");
  assert.equal(afterSignIn(of("/v1/#sign-in=//evil.example&e=BAR")), undefined);
  assert.equal(afterSignIn(of("/v1/#sign-in=barista&view=x")), "/v1/barista");
});

const held = (claims: object, seconds_ = 900): Tokens => ({
  access: jwt({ sub: "ada", exp: seconds() + seconds_, ...claims }),
  refresh: "r1",
  until: Date.now() + seconds_ * 1000,
});

test("a refresh token is used once: the next one replaces it (rotation)", async () => {
  let turn = 1;
  const { session, storage, sent } = world({
    issuer: cognito,
    tokens: held({}, 30),
    refresh: () => {
      turn += 1;
      const AuthenticationResult = { AccessToken: jwt({ turn }), RefreshToken: `r${turn}`, ExpiresIn: 30 };
      return Response.json({ AuthenticationResult });
    },
  });
  await session.start();
  await session.bearer();
  await session.bearer();
  assert.deepEqual(
    sent.map(({ target, body }) => [target, body.RefreshToken]),
    [
      ["GetTokensFromRefreshToken", "r1"],
      ["GetTokensFromRefreshToken", "r2"],
    ],
  );
  assert.equal(storage.read<Tokens>("session")?.refresh, "r3");
});

test("signing out revokes the refresh token at the user pool, and forgets everything first", async () => {
  const { session, storage, sent } = world({
    issuer: cognito,
    tokens: held({ "cognito:groups": ["barista"] }),
    refresh: () => new Response(null, { status: 200 }),
  });
  await session.start();
  const ended = session.signOut();
  assert.equal(storage.read("session"), undefined);
  assert.equal(session.state.value.kind, "signedOut");
  await ended;
  assert.deepEqual(sent, [{ target: "RevokeToken", body: { ClientId: "bar", Token: "r1" } }]);
});

test("the tokens of an admin are kept for this tab alone, those of a barista on the tablet", async () => {
  for (const [group, expected] of [
    ["admin", ["tab"]],
    ["barista", ["storage"]],
  ] as const) {
    const { session, storage, tab } = world({ issuer: cognito });
    session.take(held({ "cognito:groups": [group] }));
    const kept = Object.entries({ storage, tab }).flatMap(([name, one]) =>
      one.read("session") ? [name] : [],
    );
    assert.deepEqual(kept, expected, group);
    assert.ok(await session.bearer());
  }
});

test("after an admin signs in where a barista was, and signs out, no session of either is kept", async () => {
  const { session, storage, tab } = world({
    issuer: cognito,
    tokens: held({ "cognito:groups": ["barista"] }),
  });
  await session.start();
  session.take(held({ "cognito:groups": ["admin"] }));
  assert.equal(storage.read("session"), undefined);
  assert.deepEqual(session.roles(), { admin: true, barista: true });
  await session.signOut();
  assert.deepEqual([storage.read("session"), tab.read("session")], [undefined, undefined]);
});
