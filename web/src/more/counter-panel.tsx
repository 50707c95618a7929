// The form for an order at the counter.

import type { Answer, Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { useEffect } from "../core/hooks.ts";
import { named } from "../core/i18n.ts";
import { drinkName } from "../core/order-text.ts";
import { type Signal, useSignal } from "../core/signal.ts";
import type { Accepted, MenuItem, Order } from "../core/types.ts";
import { Button, Notice } from "../core/views.tsx";
import { Failed, useStaff, useTexts } from "./context.tsx";
import { type Counter, createCounter } from "./counter.ts";

type State = { busy: boolean; failure?: Failure; orderId?: string; number?: number };

/** Reads the order until it has a number, at most ten times. */
async function numberOf(read: () => Promise<Answer<Order>>): Promise<number | undefined> {
  for (let tries = 0; tries < 10; tries++) {
    const answer = await read();
    if (answer.ok && answer.body.orderNumber) return answer.body.orderNumber;
    await new Promise((done) => setTimeout(done, 500));
  }
  return undefined;
}

let kept: Counter | undefined;

function useCounter() {
  const { api, eventId } = useStaff();
  const { storage } = usePage();
  const state = useSignal<State>({ busy: false });
  kept ??= createCounter({
    storage,
    send: ({ key, body }) =>
      api.call<Accepted>("POST", "orders", { query: { eventId }, headers: { "idempotency-key": key }, body }),
  });
  return {
    counter: kept,
    state,
    async run(ask: () => Promise<Answer<Accepted> | undefined>): Promise<void> {
      state.value = { busy: true };
      const answer = await ask();
      if (!answer?.ok) {
        state.value = { busy: false, ...(answer ? { failure: answer.failure } : {}) };
        return;
      }
      const { orderId } = answer.body;
      state.value = { busy: false, orderId };
      const number = await numberOf(() => api.call<Order>("GET", `orders/${orderId}`));
      if (state.value.orderId === orderId && number) state.value = { busy: false, orderId, number };
    },
  };
}

export function CounterPanel() {
  const texts = useTexts();
  const { language } = usePage();
  const menu = useStaff().shop.value?.menu ?? [];
  const { counter, state, run } = useCounter();
  const drink = useSignal<MenuItem | undefined>(undefined);
  const chosen = useSignal<Record<string, string>>({});
  const unanswered = counter.unanswered();
  useEffect(() => {
    if (unanswered) void run(() => counter.repeat());
  }, []);
  const { busy, failure, orderId, number } = state.value;
  const submit = (event: Event) => {
    event.preventDefault();
    const item = drink.value;
    if (!item || busy) return;
    const modifiers = (item.modifiers ?? []).flatMap(({ name, options }) =>
      options.filter((option) => option === chosen.value[name]),
    );
    void run(() => counter.order({ drink: item.drink, modifiers })).then(() => {
      chosen.value = {};
    });
  };
  return (
    <section class="stack" aria-labelledby="counter-title">
      <h2 id="counter-title">{texts.counter}</h2>
      <Failed failure={failure} />
      {orderId && <Notice>{number ? texts.ordered(`#${number}`) : texts.orderedSoon}</Notice>}
      {unanswered && !busy ? (
        <Notice kind="warning">
          <p>{texts.unanswered(drinkName(menu, language.value, unanswered.body.drink))}</p>
          <div class="row">
            <Button kind="main" onClick={() => run(() => counter.repeat())}>
              {texts.sendAgain}
            </Button>
            <Button
              onClick={() => {
                counter.forget();
                state.value = { busy: false };
              }}
            >
              {texts.forget}
            </Button>
          </div>
        </Notice>
      ) : (
        <form class="stack" onSubmit={submit}>
          <Drinks menu={menu} drink={drink} />
          {drink.value && <Options item={drink.value} chosen={chosen} />}
          <Button kind="main" type="submit" busy={busy} disabled={!drink.value}>
            {busy ? texts.sending : texts.order}
          </Button>
        </form>
      )}
    </section>
  );
}

function Drinks({ menu, drink }: { menu: MenuItem[]; drink: Signal<MenuItem | undefined> }) {
  const texts = useTexts();
  const { language } = usePage();
  return (
    <fieldset class="row">
      <legend>{texts.drink}</legend>
      {menu.map((item) => (
        <label key={item.drink} class="card row">
          <input
            type="radio"
            name="drink"
            disabled={item.available === false}
            checked={drink.value?.drink === item.drink}
            onChange={() => {
              drink.value = item;
            }}
          />
          {named(language.value, item.names, item.drink)}
          {item.available === false && ` (${texts.off})`}
        </label>
      ))}
    </fieldset>
  );
}

function Options({ item, chosen }: { item: MenuItem; chosen: Signal<Record<string, string>> }) {
  const texts = useTexts();
  const { language } = usePage();
  return (
    <div class="row">
      {(item.modifiers ?? []).map((modifier) => (
        <label key={`${item.drink} ${modifier.name}`} class="stack">
          {named(language.value, modifier.names, modifier.name)}
          <select
            onChange={(event) => {
              chosen.value = { ...chosen.value, [modifier.name]: event.currentTarget.value };
            }}
          >
            <option value="">{texts.none}</option>
            {modifier.options.map((option) => (
              <option key={option} value={option}>
                {named(language.value, modifier.optionNames?.[option], option)}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  );
}
