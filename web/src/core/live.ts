// The socket of a page: opened with a ticket, opened again after each loss and before its end.
import type { Answer, Failure } from "./api.ts";
import { type Clock, later } from "./clock.ts";
import { type Signal, signal } from "./signal.ts";
import type { Ticket } from "./types.ts";

export type Socket = Pick<WebSocket, "close" | "send" | "onopen" | "onmessage" | "onclose">;
export type LiveSettings = {
  /** `POST /live`, or the ticket that another answer carried. */
  ticket(): Promise<Answer<Ticket>>;
  /** Text of a message. */
  hear(text: string): void;
  clock: Clock;
  connect?(url: string): Socket;
  random?(): number;
  schedule?(run: () => void, ms: number): () => void;
};
export type Live = {
  /** True while messages arrive. */
  open: Signal<boolean>;
  start(): void;
  stop(): void;
  /** At once instead of after the pause: the page is visible again, or online. */
  wake(): void;
  /** A read shows what happened at this time and no message said: another socket, if it is deaf. */
  missed(at: number): void;
};

export const LONGEST = 30_000;
/** A handshake that takes longer has failed. */
const HANDSHAKE = 10_000;
/** A socket that lived for this long was no failure. */
const LIVED = 10_000;
/** AWS closes a socket without traffic after ten minutes. */
const PING = 540_000;
/** A message takes at most this long. */
const SETTLES = 5000;
/** Nothing is pushed after the ticket's end: the next socket is opened before. */
const EARLY = 30_000;
/** A page that is refused polls for good, and does not ask again; a shop may be opened later. */
const never = ({ code, status }: Failure): boolean =>
  [401, 403, 404, 409].includes(status) && code !== "shop_not_found";

/** Milliseconds to the next attempt. The spread keeps 1,000 phones that were cut together apart. */
export const backoff = (failures: number, random: number): number =>
  Math.min(LONGEST, 2000 * 2 ** Math.min(failures, 5)) * (0.1 + 0.9 * random);

const nothing = () => {};
const webSocket = (url: string): Socket => new WebSocket(url);

/** Returns what closes the socket, which then says nothing; none if the page may not open it. */
function attach(
  { connect = webSocket, schedule = later, hear }: LiveSettings,
  { url }: Ticket,
  opened: () => void,
  ended: () => void,
): (() => void) | undefined {
  let socket: Socket;
  try {
    socket = connect(url);
  } catch {
    return undefined;
  }
  let cancel = schedule(ended, HANDSHAKE);
  const ping = () => {
    cancel = schedule(() => {
      socket.send('{"action":"ping"}');
      ping();
    }, PING);
  };
  socket.onopen = () => {
    cancel();
    ping();
    opened();
  };
  socket.onmessage = ({ data }) => hear(String(data));
  socket.onclose = ended;
  return () => {
    cancel();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

export function createLive(settings: LiveSettings): Live {
  const { clock, random = Math.random, schedule = later } = settings;
  const open = signal(false);
  // Attempts have numbers: the ticket of an earlier one is not used.
  let [wanted, pausing, failures, attempt, since, until] = [false, false, 0, 0, 0, 0];
  let [cancel, close] = [nothing, nothing];

  function drop(): void {
    attempt++;
    cancel();
    close();
    close = nothing;
    pausing = open.value = false;
  }

  function retry(atLeast = 0): void {
    if (open.value && clock.now() - since > LIVED) failures = 0;
    drop();
    pausing = true;
    cancel = schedule(dial, Math.max(atLeast * 1000, backoff(failures++, random())));
  }

  function opened(): void {
    since = clock.now();
    cancel = schedule(dial, Math.max(LIVED, until - since - EARLY));
    open.value = true;
  }

  async function dial(): Promise<void> {
    drop();
    const own = attempt;
    const answer = await settings.ticket();
    if (own !== attempt) return;
    wanted = answer.ok || !never(answer.failure);
    if (answer.ok) {
      until = Date.parse(answer.body.until);
      close = attach(settings, answer.body, opened, () => retry()) ?? nothing;
    } else if (wanted) retry(answer.failure.retryAfter);
  }

  // A socket may outlive the network unnoticed.
  globalThis.addEventListener?.("offline", () => open.value && retry());
  return {
    open,
    start() {
      if (!wanted) void dial();
      wanted = true;
    },
    stop() {
      [wanted, failures] = [false, 0];
      drop();
    },
    wake: () => void (pausing && dial()),
    missed(at) {
      if (open.value && at > since + SETTLES && at < clock.now() - SETTLES) void dial();
    },
  };
}
