// Calls of the API. A request that fails returns a `Failure` and throws nothing.
import type { Clock } from "./clock.ts";
import type { Problem, ProblemCode } from "./types.ts";

export type FailureCode = ProblemCode | "offline" | "unreadable";
export type Failure = {
  /** `offline`: no answer. `unreadable`: an answer that is not the API's. */
  code: FailureCode;
  status: number;
  detail: string;
  /** Header `Retry-After`, in seconds. */
  retryAfter?: number;
  problem?: Problem;
};
export type Answer<T> =
  | { ok: true; status: number; body: T; etag?: string }
  | { ok: false; failure: Failure };

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Options = {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  /** The browser finishes the request even if the page is closed. */
  keepalive?: boolean;
  /** Sends the request without the credential. */
  anonymous?: boolean;
};
export type Credential = {
  bearer(): Promise<string | undefined>;
  /** Called after a 401. Returns true if there is another credential to try. */
  renew?(): Promise<boolean>;
};
export type Api = {
  base: string;
  use(credential: Credential): void;
  call<T>(method: Method, path: string, options?: Options): Promise<Answer<T>>;
};

const TIMEOUT = 12_000;

export type ApiSettings = { base: string; clock: Clock; fetch?: typeof fetch };

export function createApi({ base, clock, fetch: send = (...args) => fetch(...args) }: ApiSettings): Api {
  let credential: Credential = { bearer: async () => undefined };

  async function once<T>(method: Method, path: string, options: Options): Promise<Answer<T>> {
    const headers: Record<string, string> = { ...options.headers };
    const bearer = options.anonymous ? undefined : await credential.bearer();
    if (bearer) headers.authorization = `Bearer ${bearer}`;
    const request: RequestInit = { method, headers, cache: "no-store", credentials: "omit" };
    if (options.body instanceof Blob) request.body = options.body;
    else if (options.body !== undefined) {
      headers["content-type"] = "application/json";
      request.body = JSON.stringify(options.body);
    }
    if (options.keepalive) request.keepalive = true;
    else request.signal = AbortSignal.timeout(TIMEOUT);
    const sent = Date.now();
    const response = await send(base + path + queryText(options.query), request);
    if (!response.headers.has("age")) clock.observe(response.headers.get("date"), sent, Date.now());
    return read<T>(response);
  }

  return {
    base,
    use(next) {
      credential = next;
    },
    async call<T>(method: Method, path: string, options: Options = {}) {
      try {
        const answer = await once<T>(method, path, options);
        const refused = !answer.ok && answer.failure.status === 401 && !options.anonymous;
        return refused && (await credential.renew?.()) ? await once<T>(method, path, options) : answer;
      } catch (error) {
        return { ok: false, failure: { code: "offline", status: 0, detail: String(error) } };
      }
    },
  };
}

function queryText(query: Options["query"]): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const text = String(new URLSearchParams(given as [string, string][]));
  return text && `?${text}`;
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const { status, headers } = response;
  const text = await response.text();
  const body = parsed(text);
  const etag = headers.get("etag");
  if ((response.ok && (text === "" || body !== undefined)) || status === 304) {
    return { ok: true, status, body: body as T, ...(etag ? { etag } : {}) };
  }
  const retryAfter = Number.parseInt(headers.get("retry-after") ?? "", 10);
  const wait = retryAfter >= 0 ? { retryAfter } : {};
  const problem = body as Problem | undefined;
  if (!response.ok && typeof problem?.code === "string") {
    return { ok: false, failure: { code: problem.code, status, detail: problem.detail, problem, ...wait } };
  }
  return { ok: false, failure: { code: "unreadable", status, detail: text.slice(0, 200), ...wait } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True if the same request may succeed later. */
export const passing = ({ code, status }: Failure): boolean =>
  code === "offline" || code === "not_ready" || status === 429 || status >= 500;
