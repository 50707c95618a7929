// Figures of the day, and its orders as CSV.

import type { Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { Columns } from "../core/frame.tsx";
import { useEffect } from "../core/hooks.ts";
import { clockTime, duration, number } from "../core/i18n.ts";
import { listOrders } from "../core/list-orders.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Order, OrderStatus } from "../core/types.ts";
import { Button, Fresh } from "../core/views.tsx";
import { Failed, type Staff, useStaff, useTexts } from "./context.tsx";
import { csv, fileName } from "./csv.ts";
import { endings, type Figures, figures, startOfDay } from "./figures.ts";

const STATUSES: OrderStatus[] = ["ADMITTED", "CREATED", "WAITING", "COMPLETED", "CANCELLED"];
type Day = { orders: Order[]; at: number };

/** Every order that was admitted since midnight. One that two lists contain is taken once. */
async function readDay({ api, eventId }: Staff, now: number): Promise<{ day: Day } | { failure: Failure }> {
  const orders = new Map<string, Order>();
  for (const status of STATUSES) {
    const answer = await listOrders(api, { eventId, status, since: startOfDay(now) });
    if (!answer.ok) return { failure: answer.failure };
    for (const order of answer.body) orders.set(order.orderId, order);
  }
  return { day: { orders: [...orders.values()], at: now } };
}

type State = { busy: boolean; day?: Day; failure?: Failure };
/** Kept while another view is shown. */
const state: Signal<State> = signal({ busy: false });

export function Today() {
  const texts = useTexts();
  const staff = useStaff();
  const { clock, language } = usePage();
  const { busy, day, failure } = state.value;
  const read = async () => {
    if (state.value.busy) return;
    state.value = { ...state.value, busy: true };
    const answer = await readDay(staff, clock.now());
    const kept = state.value.day;
    state.value = { busy: false, ...(kept ? { day: kept } : {}), ...answer };
  };
  useEffect(() => {
    void read();
  }, []);
  return (
    <div class="stack">
      <h2>{texts.figures}</h2>
      <div class="row">
        <Button busy={busy} onClick={read}>
          {texts.refresh}
        </Button>
        {day && <Button onClick={() => download(staff.eventId, day)}>{texts.download}</Button>}
        <span role="status">{day && texts.asOf(clockTime(language.value, day.at))}</span>
      </div>
      <Failed failure={failure} />
      {!day && busy && <Fresh freshness={{ kind: "starting", everySeconds: 0 }} />}
      {day && (day.orders.length === 0 ? <p>{texts.noOrders}</p> : <Numbers figures={figures(day.orders)} />)}
    </div>
  );
}

function download(shop: string, { orders, at }: Day): void {
  // Because of the byte order mark, spreadsheets read the file as UTF-8.
  const address = URL.createObjectURL(new Blob(["\uFEFF", csv(orders)], { type: "text/csv" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = fileName(shop, at);
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function Numbers({ figures: { orders, completed, open, wait, drinks, ended } }: { figures: Figures }) {
  const texts = useTexts();
  const { language } = usePage();
  const count = (n: number) => number(language.value, n);
  const facts: [string, string][] = [
    [texts.orders, count(orders)],
    [texts.completed, count(completed)],
    [texts.open, count(open)],
  ];
  if (wait) facts.push([texts.waitHalf, duration(wait.half)], [texts.waitMost, duration(wait.most)]);
  const reasons = endings
    .filter((name) => ended[name] > 0)
    .map((name) => [texts.ended[name], ended[name]] as const);
  return (
    <>
      <dl class="figures">
        {facts.map(([name, value]) => (
          <div key={name} class="card">
            <dt>{name}</dt>
            <dd class="number">{value}</dd>
          </div>
        ))}
      </dl>
      {wait && <p class="muted">{texts.waitNote}</p>}
      <Table
        title={texts.drinks}
        head={texts.drink}
        rows={drinks.map((row) => [row.drink, row.count] as const)}
      />
      <Table title={texts.endedTitle} head={texts.reason} rows={reasons} />
    </>
  );
}

type TableProps = { title: string; head: string; rows: readonly (readonly [string, number])[] };

function Table({ title, head, rows }: TableProps) {
  const texts = useTexts();
  const { language } = usePage();
  if (rows.length === 0) return null;
  return (
    <table>
      <caption>{title}</caption>
      <Columns titles={[head, texts.count]} />
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="number">{number(language.value, value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
