// The lanes, and how many of each drink are to be made.

import { usePage } from "../core/app.tsx";
import { announce } from "../core/focus.ts";
import { useEffect } from "../core/hooks.ts";
import { numberOf } from "../core/order-text.ts";
import type { Order } from "../core/types.ts";
import { counts, digitOf, keyed, type Lanes, lanes } from "./bench.ts";
import { Card } from "./card.tsx";
import { type Desk, useDesk, useNames, useTexts } from "./context.ts";
import type { Messages } from "./texts.ts";

export function Queue() {
  const texts = useTexts();
  const names = useNames();
  const desk = useDesk();
  const { clock } = usePage();
  const { bar } = desk;
  const orders = bar.orders.value;
  const rows = lanes(orders ?? new Map(), bar.me.value, clock.now());
  const all = counts([...rows.waiting, ...rows.making]);
  useKeys(desk, rows, texts);
  return (
    <>
      {all.length > 0 && (
        <section class="row" aria-label={texts.toMake}>
          <strong>{texts.toMake}</strong>
          <ul class="row">
            {all.map(({ drink, count }) => (
              <li key={drink} class="card tally">
                <span class="number">{count}</span> {names.drink(drink)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="lanes" aria-busy={!orders}>
        <Lane name="waiting" orders={rows.waiting} rows={rows} />
        <Lane name="making" orders={rows.making} rows={rows} />
        <Lane name="ready" orders={rows.ready} rows={rows} />
      </div>
    </>
  );
}

function Lane({ name, orders, rows }: { name: keyof Lanes; orders: Order[]; rows: Lanes }) {
  const texts = useTexts();
  return (
    <section class="stack" aria-labelledby={`lane-${name}`} data-lane={name}>
      <h2 id={`lane-${name}`}>
        {texts[name]} <span class="number">({orders.length})</span>
      </h2>
      {orders.length === 0 && <p class="muted">{texts.empty[name]}</p>}
      <ul class="stack">
        {orders.map((order) => (
          <Card key={order.orderId} order={order} digit={digitOf(rows, order.orderId)} />
        ))}
      </ul>
    </section>
  );
}

/**
 * The keys 1 to 9 focus an order. Enter claims or completes it. Backspace undoes its completion or
 * gives it back.
 */
function useKeys({ bar, prefs }: Desk, rows: Lanes, texts: Messages): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = target.closest("input, select, textarea, dialog, button, a");
      if (!prefs.value.keys || event.ctrlKey || event.metaKey || event.altKey) return;
      const chosen = /^[1-9]$/.test(event.key) && !target.closest("input, select, textarea, dialog");
      const order = chosen ? keyed(rows, Number(event.key)) : undefined;
      if (order) document.getElementById(`order-${order.orderId}`)?.focus();
      else if (!typing) {
        const say = (of: Order) => announce(texts.undone(numberOf(of)));
        step({ bar, rows, say }, target.id.replace("order-", ""), event);
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
}

type Keys = { bar: Desk["bar"]; rows: Lanes; say(undone: Order): void };

function step({ bar, rows, say }: Keys, id: string, event: KeyboardEvent): void {
  const order = [...rows.making, ...rows.waiting].find((candidate) => candidate.orderId === id);
  if (!order || (event.key !== "Enter" && event.key !== "Backspace")) return;
  event.preventDefault();
  const mine = order.baristaUserId && order.baristaUserId === bar.me.value;
  if (event.key === "Backspace") {
    if (bar.undo.takeBack(id)) say(order);
    else if (mine) void bar.command(order, "unmake");
  } else if (mine) {
    bar.complete(order);
  } else if (!order.baristaUserId) {
    void bar.command(order, "make").then(() => document.getElementById(`order-${id}`)?.focus());
  }
}
