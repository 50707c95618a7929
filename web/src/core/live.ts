// The socket of a page. It is opened with a ticket, and again after each loss and before its time
// ends, unless a ticket is refused for good.
import type { Answer, Failure } from "./api.ts";
import { type Clock, later } from "./clock.ts";
import { type Signal, signal } from "./signal.ts";
import type { Ticket } from "./types.ts";

export type Socket = Pick<WebSocket, "close" | "send" | "onopen" | "onmessage" | "onclose">;
export type LiveSettings = {
  /** `POST /live`, or the ticket that another answer carried. */
  ticket(): Promise<Answer<Ticket>>;
  /** Receives the text of each message. */
  receive(text: string): void;
  clock: Clock;
  connect?(url: string): Socket;
  random?(): number;
  schedule?(run: () => void, ms: number): () => void;
};
export type Live = {
  /** True while the socket is open. */
  open: Signal<boolean>;
  start(): void;
  stop(): void;
  /** Ends the pause before the next attempt, because the page is visible or online again. */
  wake(): void;
  /** Call it if a read shows a change, made at `at`, of which no message came. Replaces the socket
   * if it was open at `at`. */
  missed(at: number): void;
};

export const LONGEST = 30_000;
/** A handshake that takes longer has failed. */
const HANDSHAKE = 10_000;
/** The backoff begins again after a socket that lived longer. */
const LIVED = 10_000;
/** AWS closes a socket without traffic after ten minutes. */
const PING = 540_000;
/** A message that takes longer counts as missed. */
const SETTLES = 5000;
/**
 * Nothing is pushed after the socket's time, so the page replaces it before: at most this long, and
 * at a random time, so that the screens of a hall do not reconnect together. An access token is
 * renewed in its last minute, so the next ticket does not end with the same token.
 */
const EARLY = 50_000;
/** After these refusals the page asks for no other ticket. A shop that does not exist yet may be
 * created later. */
const never = ({ code, status }: Failure): boolean =>
  [401, 403, 404, 409].includes(status) && code !== "shop_not_found";

/** Milliseconds to the next attempt, spread for phones that lost their sockets together. */
export const backoff = (failures: number, random: number): number =>
  Math.min(LONGEST, 2000 * 2 ** Math.min(failures, 5)) * (0.1 + 0.9 * random);

const nothing = () => {};
const webSocket = (url: string): Socket => new WebSocket(url);

/**
 * Opens a socket. Returns the function that closes it without a call of `ended`; `undefined` if the
 * browser refuses to open it.
 */
function attach(
  { connect = webSocket, schedule = later, receive }: LiveSettings,
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
  socket.onmessage = ({ data }) => receive(String(data));
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
  // `attempt` numbers the attempts: a ticket of an earlier one is not used.
  let [wanted, pausing, failures, attempt, since, until] = [false, false, 0, 0, 0, 0];
  let [cancel, close] = [nothing, nothing];

  function drop(): void {
    if (open.value && clock.now() - since > LIVED) failures = 0;
    attempt++;
    cancel();
    close();
    close = nothing;
    pausing = open.value = false;
  }

  function retry(atLeast = 0): void {
    drop();
    pausing = true;
    cancel = schedule(dial, Math.max(atLeast * 1000, backoff(failures++, random())));
  }

  function opened(): void {
    since = clock.now();
    cancel = schedule(dial, Math.max(LIVED, until - since - EARLY * (1 - random() / 2)));
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

  // The browser may not notice that the network under an open socket is gone.
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
