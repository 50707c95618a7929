import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi, type Options } from "../../../src/core/api.ts";
import { createClock } from "../../../src/core/clock.ts";

type Sent = { address: string; request: RequestInit };

function setup(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  const send = async (address: string | URL | Request, request: RequestInit = {}) => {
    sent.push({ address: String(address), request });
    const answer = answers.shift();
    if (!answer || answer instanceof Error) throw answer ?? new Error("no answer left");
    return answer;
  };
  const api = createApi({ base: "/v1/", clock: createClock(), fetch: send as typeof fetch });
  return { api, sent };
}

const problem = (status: number, code: string, headers = {}) =>
  new Response(JSON.stringify({ type: "about:blank", title: "t", status, code, detail: "d" }), {
    status,
    headers,
  });

const header = (sent: Sent | undefined, name: string) => new Headers(sent?.request.headers).get(name);

test("an answer has body and etag; the call has query, body and credential", async () => {
  const { api, sent } = setup(new Response('{"a":1}', { headers: { etag: '"3"' } }));
  api.use({ bearer: async () => "secret" });
  const options: Options = { query: { eventId: "BAR", nothing: undefined }, body: { drink: "Café" } };
  const answer = await api.call<{ a: number }>("POST", "orders", options);
  assert.deepEqual(answer, { ok: true, status: 200, body: { a: 1 }, etag: '"3"' });
  assert.equal(sent[0]?.address, "/v1/orders?eventId=BAR");
  assert.equal(sent[0]?.request.body, '{"drink":"Café"}');
  assert.equal(header(sent[0], "authorization"), "Bearer secret");
});

test("a problem keeps its code and the seconds to wait", async () => {
  const { api } = setup(problem(429, "no_tokens", { "retry-after": "42" }));
  const answer = await api.call("POST", "qr-code");
  assert.ok(!answer.ok);
  assert.equal(answer.failure.code, "no_tokens");
  assert.equal(answer.failure.retryAfter, 42);
});

test("a proxy's page is the failure unreadable, with an error status and with 200", async () => {
  for (const response of [new Response("<h1>502</h1>", { status: 502 }), new Response("<h1>Log in</h1>")]) {
    const answer = await setup(response).api.call("GET", "config");
    assert.ok(!answer.ok);
    assert.equal(answer.failure.code, "unreadable");
  }
});

test("a credential that cannot be read or renewed is a failure, not an exception", async () => {
  for (const credential of [
    { bearer: () => Promise.reject(new Error("storage is blocked")) },
    { bearer: async () => "old", renew: () => Promise.reject(new Error("storage is blocked")) },
  ]) {
    const { api } = setup(problem(401, "unauthenticated"));
    api.use(credential);
    const answer = await api.call("GET", "board");
    assert.ok(!answer.ok);
    assert.deepEqual([answer.failure.code, answer.failure.detail], ["offline", "Error: storage is blocked"]);
  }
});

test("a failed fetch is the failure offline", async () => {
  const answer = await setup(new TypeError("Failed to fetch")).api.call("GET", "config");
  assert.ok(!answer.ok);
  assert.equal(answer.failure.code, "offline");
});

test("an answer without a body is accepted", async () => {
  const answer = await setup(new Response(null, { status: 204 })).api.call("DELETE", "displays/x");
  assert.ok(answer.ok);
});

test("after a 401 the call is repeated once with the new credential", async () => {
  const { api, sent } = setup(problem(401, "unauthenticated"), problem(401, "unauthenticated"));
  let token = "old";
  api.use({
    bearer: async () => token,
    renew: async () => {
      token = "new";
      return true;
    },
  });
  const answer = await api.call("GET", "orders");
  assert.ok(!answer.ok);
  assert.deepEqual(
    sent.map((s) => header(s, "authorization")),
    ["Bearer old", "Bearer new"],
  );
});
