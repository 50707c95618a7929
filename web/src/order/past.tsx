// The last orders of this person, and what is stored.
import { useSignal } from "@preact/signals";
import { usePage } from "../core/app.tsx";
import { clockTime } from "../core/i18n.ts";
import type { Order } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { useCustomer, useNames, useTexts } from "./context.ts";

/** Asked for when the person opens it. */
export function History() {
  const { flow } = useCustomer();
  const texts = useTexts();
  const orders = useSignal<Order[] | undefined>(undefined);
  const failed = useSignal<string | undefined>(undefined);
  const load = async () => {
    const answer = await flow.lastOrders();
    failed.value = answer.ok ? undefined : (texts.problem[answer.failure.code] ?? texts.problem.internal);
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
        {drinkOrder && names.drink(drinkOrder.drink)} <span class="muted">{texts.statuses[status]}</span>
      </span>
    </li>
  );
}

export function Stored() {
  const { account, signOut, pocket } = useCustomer();
  const texts = useTexts();
  return (
    <footer class="stack">
      {!pocket.lasting && <p class="late">{texts.notKept}</p>}
      <p class="muted">{account.value ? texts.storedAccount : texts.stored}</p>
      {account.value && <Button onClick={signOut}>{texts.signOut}</Button>}
    </footer>
  );
}
