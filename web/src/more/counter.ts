// An order at the counter. The request and its idempotency key are kept until an answer says
// whether there is an order.
import { type Answer, type Failure, passing } from "../core/api.ts";
import type { Storage } from "../core/storage.ts";
import type { Accepted, DrinkRequest } from "../core/types.ts";

export type Asked = { key: string; body: DrinkRequest };
export type CounterSettings = {
  storage: Storage;
  send(asked: Asked): Promise<Answer<Accepted>>;
  newKey?(): string;
  wait?(ms: number): Promise<void>;
};
export type Counter = {
  /** The request without an answer, of this visit or of an earlier one. */
  unanswered(): Asked | undefined;
  order(body: DrinkRequest): Promise<Answer<Accepted>>;
  /** Sends the request without an answer again. */
  repeat(): Promise<Answer<Accepted> | undefined>;
  forget(): void;
};

const KEY = "counter";
const TRIES = 5;

/** `crypto.randomUUID` is missing in an insecure context. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

export function createCounter(settings: CounterSettings): Counter {
  const { storage, send, newKey = randomKey, wait = pause } = settings;
  const unanswered = () => storage.read<Asked>(KEY);

  async function attempt(asked: Asked): Promise<Answer<Accepted>> {
    storage.write(KEY, asked);
    let answer = await send(asked);
    for (let tries = 1; tries < TRIES && waits(answer); tries++) {
      await wait((answer.failure.retryAfter ?? 1) * 1000);
      answer = await send(asked);
    }
    if (answer.ok || settles(answer.failure)) storage.remove(KEY);
    return answer;
  }

  return {
    unanswered,
    order: (body) => attempt({ key: newKey(), body }),
    async repeat() {
      const asked = unanswered();
      return asked && attempt(asked);
    },
    forget: () => storage.remove(KEY),
  };
}

const waits = (answer: Answer<Accepted>): answer is { ok: false; failure: Failure } =>
  !answer.ok && answer.failure.code === "not_ready";

/**
 * True if there is no order. After any other failure there may be one, and the request must be sent
 * again with the same key.
 */
function settles(failure: Failure): boolean {
  return (
    failure.status >= 400 && failure.status !== 401 && failure.code !== "unreadable" && !passing(failure)
  );
}
