import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { readAddress } from "../../../src/core/address.ts";
import type { Session } from "../../../src/core/session.ts";
import { type FlowState, SignInFlow } from "../../../src/core/sign-in-flow.ts";
import { createStorage } from "../../../src/core/storage.ts";
import type { Tokens } from "../../../src/core/tokens.ts";
import type { SignIn } from "../../../src/core/types.ts";
import { memory } from "../memory.ts";

const real = { fetch: globalThis.fetch, history: globalThis.history, location: globalThis.location };
afterEach(() => Object.assign(globalThis, real));

const cognito: SignIn = {
  local: false,
  kind: "cognito",
  clientId: "bar",
  cognitoEndpoint: "https://pool.example/",
  issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool",
};
const oidc: SignIn = {
  local: false,
  kind: "oidc",
  clientId: "bar",
  authorizationEndpoint: "https://issuer.example/authorize?audience=bar",
  tokenEndpoint: "https://issuer.example/token",
};

type Sent = { address: string; target: string | null; body: Record<string, unknown> };

/** A sign-in on the index page, whose address is `at`. The issuer gives `answers` in turn. */
function world(issuer: SignIn | undefined, answers: Response[], at = "/v1/#e=BAR&sign-in=barista") {
  const sent: Sent[] = [];
  const taken: Tokens[] = [];
  const kept = new Map<string, string>();
  const storage = createStorage("", memory(kept));
  const place = Object.assign(new URL(at, "https://bar.example"), { assign: (to: string) => (left = to) });
  let left = "";
  Object.assign(globalThis, {
    location: place,
    history: { replaceState() {} },
    fetch: async (address: string, { body, headers }: RequestInit) => {
      const text = String(body);
      const fields = text.startsWith("{") ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
      sent.push({ address, target: new Headers(headers).get("x-amz-target"), body: fields });
      return answers.shift() ?? Promise.reject(new TypeError("no network"));
    },
  });
  const session = {
    issuer: async () => issuer,
    take: (tokens: Tokens) => taken.push(tokens),
  } as unknown as Session;
  const flow = new SignInFlow({ session, storage, address: readAddress(place) });
  return { flow, sent, taken, storage, left: () => left };
}

const challenge = () => Response.json({ ChallengeName: "EMAIL_OTP", Session: "s1", ChallengeParameters: {} });
const refused = (type: string) => Response.json({ __type: `x#${type}` }, { status: 400 });

test("a code by e-mail signs in; after a wrong code the page asks again, without a new e-mail", async () => {
  const { flow, sent, taken } = world(cognito, [
    challenge(),
    refused("CodeMismatchException"),
    Response.json({ AuthenticationResult: { AccessToken: "a", RefreshToken: "r", ExpiresIn: 3600 } }),
  ]);
  await flow.start();
  assert.deepEqual(flow.state.value, { kind: "form", issuer: cognito });
  await flow.begin("bea@bar.example");
  await flow.answer("999999");
  const { kind, why } = flow.state.value as FlowState & { kind: "codeSent" };
  assert.deepEqual([kind, why], ["codeSent", "wrongCode"]);
  await flow.answer(" 123456 ");
  assert.deepEqual([taken[0]?.access, taken[0]?.refresh], ["a", "r"]);
  assert.deepEqual(
    sent.map(({ target }) => target?.split(".")[1]),
    ["InitiateAuth", "RespondToAuthChallenge", "RespondToAuthChallenge"],
  );
  assert.deepEqual(sent[2]?.body.ChallengeResponses, {
    USERNAME: "bea@bar.example",
    EMAIL_OTP_CODE: "123456",
  });
});

test("an expired code, a refusal and a lost network lead back to the form, which says why", async () => {
  for (const [answer, why] of [
    [refused("ExpiredCodeException"), "expiredCode"],
    [refused("NotAuthorizedException"), "refused"],
  ] as const) {
    const { flow, taken } = world(cognito, [challenge(), answer]);
    await flow.begin("bea@bar.example");
    await flow.answer("123456");
    assert.deepEqual(flow.state.value, { kind: "form", issuer: cognito, why });
    assert.equal(taken.length, 0);
  }
  const lost = world(cognito, []);
  await lost.flow.begin("bea@bar.example");
  assert.deepEqual(lost.flow.state.value, { kind: "form", issuer: cognito, why: "offline" });
  const unknown = world(undefined, []);
  await unknown.flow.start();
  assert.deepEqual(unknown.flow.state.value, { kind: "form", why: "offline" });
});

test("another issuer: the page leaves with PKCE, and the code is exchanged with the verifier", async () => {
  const before = world(oidc, []);
  await before.flow.begin();
  const leaving = new URL(before.left());
  const state = leaving.searchParams.get("state");
  assert.equal(leaving.searchParams.get("audience"), "bar");
  assert.equal(leaving.searchParams.get("code_challenge_method"), "S256");
  assert.equal(leaving.searchParams.get("redirect_uri"), "https://bar.example/v1/");
  const pending = before.storage.read<{ verifier: string }>("signing-in");
  const tokens = Response.json({ access_token: "a", refresh_token: "r", expires_in: 60 });
  const { flow, sent, taken, storage } = world(oidc, [tokens], `/v1/?code=c1&state=${state}`);
  storage.write("signing-in", pending);
  await flow.start();
  assert.equal(taken[0]?.access, "a");
  assert.equal(sent[0]?.body.code_verifier, pending?.verifier);
  assert.equal(storage.read("signing-in"), undefined);
});

test("an answer with another state, or without a code, is refused and nothing is exchanged", async () => {
  for (const query of ["code=c1&state=other", "error=access_denied&state=mine"]) {
    const { flow, sent, storage } = world(oidc, [], `/v1/?${query}`);
    storage.write("signing-in", { state: "mine", verifier: "v", hash: "" });
    await flow.start();
    assert.deepEqual(flow.state.value, { kind: "form", issuer: oidc, why: "refused" });
    assert.equal(sent.length, 0);
  }
});

const verifier = () =>
  Response.json({
    ChallengeName: "PASSWORD_VERIFIER",
    ChallengeParameters: {
      SALT: "f00d",
      SRP_B: "abcdef01",
      SECRET_BLOCK: "c2VjcmV0",
      USER_ID_FOR_SRP: "user-1",
    },
  });
const result = () =>
  Response.json({ AuthenticationResult: { AccessToken: "a", RefreshToken: "r", ExpiresIn: 900 } });

test("a password is proved and never sent", async () => {
  const { flow, sent, taken } = world(cognito, [verifier(), result()]);
  await flow.start();
  await flow.password("bea@bar.example", "correct horse Battery 7");
  assert.equal(taken[0]?.access, "a");
  assert.equal(sent[0]?.body.AuthFlow, "USER_SRP_AUTH");
  const responses = sent[1]?.body.ChallengeResponses as Record<string, string>;
  assert.deepEqual(Object.keys(responses).sort(), [
    "PASSWORD_CLAIM_SECRET_BLOCK",
    "PASSWORD_CLAIM_SIGNATURE",
    "TIMESTAMP",
    "USERNAME",
  ]);
  assert.ok(!JSON.stringify(sent).includes("Battery"));
});

test("a wrong password leads back to the form, which says so", async () => {
  const { flow, taken } = world(cognito, [verifier(), refused("NotAuthorizedException")]);
  await flow.password("bea@bar.example", "wrong");
  assert.deepEqual(flow.state.value, { kind: "form", issuer: cognito, why: "refused" });
  assert.equal(taken.length, 0);
});

test("a password that an admin chose is replaced; one that is too simple is asked for again", async () => {
  const required = Response.json({ ChallengeName: "NEW_PASSWORD_REQUIRED", Session: "s2" });
  const { flow, sent, taken } = world(cognito, [
    verifier(),
    required,
    refused("InvalidPasswordException"),
    result(),
  ]);
  await flow.password("bea@bar.example", "Temporary 12 chars");
  assert.equal(flow.state.value.kind, "newPassword");
  await flow.newPassword("simple");
  const { kind, why } = flow.state.value as FlowState & { kind: "newPassword" };
  assert.deepEqual([kind, why], ["newPassword", "weakPassword"]);
  await flow.newPassword("correct horse Battery 7");
  assert.equal(taken[0]?.access, "a");
  assert.deepEqual(sent.at(-1)?.body, {
    ClientId: "bar",
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: "s2",
    ChallengeResponses: { USERNAME: "user-1", NEW_PASSWORD: "correct horse Battery 7" },
  });
});

test("a new account is confirmed by the code, which also signs in", async () => {
  const { flow, sent, taken } = world(cognito, [
    Response.json({ CodeDeliveryDetails: { Destination: "c***@x" } }),
    Response.json({ Session: "s3" }),
    result(),
  ]);
  await flow.signUp("cy@x.example");
  const { challenge } = flow.state.value as FlowState & { kind: "codeSent" };
  assert.equal(challenge.destination, "c***@x");
  await flow.answer("123456");
  assert.equal(taken[0]?.access, "a");
  assert.deepEqual(
    sent.map(({ target, body }) => [target?.split(".")[1], body.Session]),
    [
      ["SignUp", undefined],
      ["ConfirmSignUp", undefined],
      ["InitiateAuth", "s3"],
    ],
  );
});

test("a sign-in that fails after the confirmation of a new account succeeds on the next try", async () => {
  const { flow, sent, taken } = world(cognito, [
    Response.json({}),
    Response.json({ Session: "s3" }),
    refused("TooManyRequestsException"),
    refused("NotAuthorizedException"),
    challenge(),
    result(),
  ]);
  await flow.signUp("cy@x.example");
  await flow.answer("123456");
  const { kind, why } = flow.state.value as FlowState & { kind: "codeSent" };
  assert.deepEqual([kind, why], ["codeSent", "tooMany"]);
  await flow.answer("123456");
  await flow.answer("654321");
  assert.equal(taken[0]?.access, "a");
  assert.deepEqual(
    sent.map(({ target }) => target?.split(".")[1]),
    ["SignUp", "ConfirmSignUp", "InitiateAuth", "ConfirmSignUp", "InitiateAuth", "RespondToAuthChallenge"],
  );
});

test("if a pool sends another code after the confirmation, the page asks for it; a known address leads back to the form", async () => {
  const { flow, taken } = world(cognito, [Response.json({}), Response.json({}), challenge(), result()]);
  await flow.signUp("cy@x.example");
  await flow.answer("123456");
  assert.equal(flow.state.value.kind, "codeSent");
  await flow.answer("123456");
  assert.equal(taken[0]?.access, "a");
  const known = world(cognito, [refused("UsernameExistsException")]);
  await known.flow.signUp("cy@x.example");
  assert.deepEqual(known.flow.state.value, { kind: "form", issuer: cognito, why: "exists" });
});
