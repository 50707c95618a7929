// The last orders of this person, and what is stored.
import { usePage } from "../core/app.tsx";
import { clockTime } from "../core/i18n.ts";
import { useSignal } from "../core/signal.ts";
import type { Order, OrderStatus } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { useCustomer, useNames, useTexts } from "./context.ts";
import { type Messages, sentence } from "./texts.ts";

/** The last orders, read when the person opens the list. */
export function History() {
  const { flow } = useCustomer();
  const texts = useTexts();
  const orders = useSignal<Order[] | undefined>(undefined);
  const failed = useSignal<string | undefined>(undefined);
  const load = async () => {
    const answer = await flow.lastOrders();
    failed.value = answer.ok ? undefined : sentence(texts, answer.failure.code);
    if (answer.ok) orders.value = answer.body.orders;
  };
  return (
    <details onToggle={(event) => event.currentTarget.open && void load()}>
      <summary>{texts.mine}</summary>
      <div class="stack">
        {failed.value && <p class="late">{failed.value}</p>}
        {orders.value?.length === 0 && <p>{texts.noOrders}</p>}
        <ul class="stack">
          {orders.value?.map((order) => (
            <Row key={order.orderId} order={order} />
          ))}
        </ul>
      </div>
    </details>
  );
}

function statusOf(texts: Messages, status: OrderStatus): string {
  if (status === "CANCELLED") return texts.cancelled;
  if (status === "COMPLETED") return texts.steps.ready;
  return status === "WAITING" ? texts.steps.waiting : texts.noDrink;
}

function Row({ order }: { order: Order }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const names = useNames();
  const language = usePage().language.value;
  const { orderId, orderNumber, drinkOrder, status, createdAt } = order;
  const what = `${clockTime(language, Date.parse(createdAt))}${orderNumber ? ` #${orderNumber}` : ""}`;
  const current = flow.kept.value?.orderId === orderId;
  return (
    <li class="row">
      <Button onClick={() => flow.open(order)} aria-current={current}>
        {what}
      </Button>
      <span>
        {drinkOrder && names.drink(drinkOrder.drink)} <span class="muted">{statusOf(texts, status)}</span>
      </span>
    </li>
  );
}

export function Stored() {
  const { account, pocket } = useCustomer();
  const texts = useTexts();
  return (
    <footer class="stack">
      {!pocket.lasting && <p class="late">{texts.notKept}</p>}
      <p class="muted">{account.wanted.value ? texts.storedAccount : texts.stored}</p>
      {account.wanted.value && <Button onClick={account.signOut}>{texts.signOut}</Button>}
    </footer>
  );
}
