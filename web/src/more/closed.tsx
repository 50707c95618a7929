// The last orders that were closed, and who closed them.

import type { Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import type { Clock } from "../core/clock.ts";
import { Columns } from "../core/frame.tsx";
import { useEffect } from "../core/hooks.ts";
import { clockTime, type Language } from "../core/i18n.ts";
import { listOrders } from "../core/list-orders.ts";
import { createLive } from "../core/live.ts";
import { messageOf } from "../core/messages.ts";
import { drinkName, numberOf, shortName } from "../core/order-text.ts";
import { createPoller, type Poller } from "../core/poller.ts";
import { reasonText } from "../core/reasons.ts";
import { signal } from "../core/signal.ts";
import type { Order, OrderStatus, Ticket } from "../core/types.ts";
import { Fresh } from "../core/views.tsx";
import { Failed, type Staff, useStaff, useTexts } from "./context.tsx";
import { ending, lastClosed } from "./figures.ts";

const SHOWN = 20;
/** Lists are sorted by admission: the last closed orders are probably among the newest 60. */
const READ = 60;
const EVERY = 10_000;
/** Milliseconds between two reads while the socket is open. */
const RARELY = 300_000;

const orders = signal<Order[] | undefined>(undefined);
const failure = signal<Failure | undefined>(undefined);

async function read({ api, eventId }: Staff): Promise<Failure | undefined> {
  const newest = (status: OrderStatus) => listOrders(api, { eventId, status, order: "newest" }, READ);
  const answers = await Promise.all([newest("COMPLETED"), newest("CANCELLED")]);
  failure.value = answers.map((answer) => (answer.ok ? undefined : answer.failure)).find(Boolean);
  if (!failure.value)
    orders.value = lastClosed(
      answers.flatMap((answer) => (answer.ok ? answer.body : [])),
      SHOWN,
    );
  return failure.value;
}

export function Closed() {
  const texts = useTexts();
  const staff = useStaff();
  const { clock } = usePage();
  const poller = usePoller(() => follow(staff, clock));
  return (
    <div class="stack">
      <div class="row spread">
        <h2>{texts.closedOrders}</h2>
        <Fresh freshness={poller.freshness.value} />
      </div>
      <Failed failure={failure.value} />
      {orders.value?.length === 0 && <p>{texts.noneClosed}</p>}
      {orders.value && orders.value.length > 0 && <Table orders={orders.value} />}
    </div>
  );
}

/** Reads repeatedly, and at once when a message says that an order has ended. */
function follow(staff: Staff, clock: Clock): Poller {
  const query = { eventId: staff.eventId, topic: "queue" };
  const live = createLive({
    clock,
    ticket: () => staff.api.call<Ticket>("POST", "live", { query }),
    receive(text) {
      const message = messageOf(text);
      if (message?.kind === "order" && ["COMPLETED", "CANCELLED"].includes(message.order.status))
        void poller.now();
    },
  });
  const interval = () => (live.open.value ? RARELY : EVERY);
  const poller = createPoller({ read: () => read(staff), interval, clock, live });
  return poller;
}

let kept: Poller | undefined;
function usePoller(make: () => Poller): Poller {
  kept ??= make();
  const poller = kept;
  useEffect(() => {
    poller.start();
    return () => poller.stop();
  }, [poller]);
  return poller;
}

function Table({ orders: rows }: { orders: Order[] }) {
  const texts = useTexts();
  const { language } = usePage();
  const menu = useStaff().shop.value?.menu ?? [];
  return (
    <table>
      <Columns titles={[texts.number, texts.drink, texts.end, texts.time]} />
      <tbody>
        {rows.map((order) => (
          <tr key={order.orderId}>
            <th scope="row">{numberOf(order)}</th>
            <td>{order.drinkOrder && drinkName(menu, language.value, order.drinkOrder.drink)}</td>
            <td>{endText(texts, language.value, order)}</td>
            <td class="number">{clockTime(language.value, Date.parse(order.updatedAt))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/**
 * Text about the end of an order. It names the barista if one completed or cancelled the order, and
 * the reason if a person cancelled it.
 */
function endText(texts: ReturnType<typeof useTexts>, language: Language, order: Order): string {
  const who = order.baristaUserId ? ` (${shortName(order.baristaUserId)})` : "";
  if (order.status === "COMPLETED") return texts.completed + who;
  const by = texts.ended[ending(order)];
  if (order.closedBy !== "barista" && order.closedBy !== "customer") return by;
  const reason = reasonText(language, order.reason);
  return by + (order.closedBy === "barista" ? who : "") + (reason ? `: ${reason}` : "");
}
