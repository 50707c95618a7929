// The socket of a page. It is opened with a ticket, again after each loss, and replaced before its
// time ends, unless a ticket is refused for good.
import type { Answer, Failure } from "./api.ts";
import { type Clock, later } from "./clock.ts";
import { type Signal, signal } from "./signal.ts";
import type { Ticket } from "./types.ts";

export type Socket = Pick<WebSocket, "close" | "send" | "onopen" | "onmessage" | "onclose">;
export type LiveSettings = {
  /** `POST /live`, or the ticket that another answer carried. */
  ticket(): Promise<Answer<Ticket>>;
  /** Called with the text of each message. */
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
/** A handshake that takes longer has failed. The backoff begins again after a socket that was open
 * for longer. */
const BRIEF = 10_000;
/** AWS closes a socket without traffic after ten minutes. */
const PING = 540_000;
/** A message that takes longer counts as missed. */
const SETTLES = 5000;
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
 * Milliseconds after which an open socket is replaced. Nothing is pushed after `until`. The share
 * is random, so that the screens of a hall do not replace their sockets at the same time.
 */
const renewal = ({ until }: Ticket, since: number, random: number): number =>
  Math.max(BRIEF, (Date.parse(until) - since) * (0.8 - 0.1 * random));

/**
 * Opens a socket, and then calls `closePrevious`. Returns a function that closes both without a
 * call of `ended`. If the browser refuses to open a socket, only `closePrevious` is returned.
 */
function attach(
  { connect = webSocket, schedule = later, receive }: LiveSettings,
  { url }: Ticket,
  closePrevious: () => void,
  opened: () => void,
  ended: () => void,
): () => void {
  let socket: Socket;
  try {
    socket = connect(url);
  } catch {
    return closePrevious;
  }
  let cancel = schedule(ended, BRIEF);
  const ping = () => {
    cancel = schedule(() => {
      socket.send('{"action":"ping"}');
      ping();
    }, PING);
  };
  socket.onopen = () => {
    closePrevious();
    cancel();
    ping();
    opened();
  };
  socket.onmessage = ({ data }) => receive(String(data));
  socket.onclose = ended;
  return () => {
    closePrevious();
    cancel();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  };
}

export function createLive(settings: LiveSettings): Live {
  const { clock, random = Math.random, schedule = later } = settings;
  const open = signal(false);
  // `attempt` numbers the attempts: a ticket of an earlier one is not used.
  let [pausing, wanted, since, attempt, failures] = [false, false, 0, 0, 0];
  let [cancel, close] = [nothing, nothing];

  function drop(): void {
    if (open.value && clock.now() - since > BRIEF) failures = 0;
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

  /** Opens a socket with a new ticket, and then closes the socket that was open before. */
  async function replace(): Promise<void> {
    const own = attempt;
    const answer = await settings.ticket();
    if (own !== attempt) return;
    if (!answer.ok) wanted = !never(answer.failure);
    if (!answer.ok) return wanted ? retry(answer.failure.retryAfter) : drop();
    const opened = () => {
      since = clock.now();
      cancel = schedule(replace, renewal(answer.body, since, random()));
      open.value = true;
    };
    close = attach(settings, answer.body, close, opened, () => retry());
  }

  function dial(): void {
    drop();
    void replace();
  }

  // The browser may not notice that the network under an open socket is gone.
  globalThis.addEventListener?.("offline", () => open.value && retry());
  return {
    open,
    start() {
      if (!wanted) dial();
      wanted = true;
    },
    stop() {
      wanted = false;
      drop();
    },
    wake: () => void (pausing && dial()),
    missed(at) {
      if (open.value && at > since + SETTLES && at < clock.now() - SETTLES) dial();
    },
  };
}
