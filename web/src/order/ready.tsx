// The drink is ready: the whole screen says so until the person confirms that they have it.

import { usePage } from "../core/app.tsx";
import { alertNow } from "../core/focus.ts";
import { useEffect, useRef } from "../core/hooks.ts";
import * as icons from "../core/icons.ts";
import type { Sound } from "../core/sound.ts";
import type { Order } from "../core/types.ts";
import { Button, Icon } from "../core/views.tsx";
import { useCustomer, useNames, useTexts } from "./context.ts";
import type { Flow } from "./flow.ts";
import { ring } from "./kept.ts";

/** Milliseconds between two rings, and number of repeated rings. */
const EVERY = 10_000;
const TIMES = 12;

function shake(): void {
  try {
    navigator.vibrate?.([400, 150, 400, 150, 800]);
  } catch {
    // The browser does not let this page vibrate.
  }
}

type Change = { flow: Flow; sound: Sound; order: Order; before: Order | undefined };

/** Rings once when the order becomes ready, and once at each call. */
export function ringing({ flow, sound, order, before }: Change): void {
  if (!flow.rings || (before && ring(before) === ring(order))) return;
  sound.chime(order.calledAt ? "call" : "ready");
  shake();
}

export function Ready({ order }: { order: Order }) {
  const { flow, sound } = useCustomer();
  const texts = useTexts();
  const names = useNames();
  const { language } = usePage();
  const ref = useRef<HTMLDialogElement | null>(null);
  const title = order.calledAt ? texts.state.called : texts.state.ready;
  useEffect(() => ref.current?.showModal(), []);
  useEffect(() => {
    alertNow(`${title} ${order.orderNumber ?? ""}`);
    let left = TIMES;
    const timer = setInterval(() => {
      sound.chime(order.calledAt ? "call" : "ready");
      shake();
      if (--left === 0) clearInterval(timer);
    }, EVERY);
    return () => clearInterval(timer);
  }, [order.calledAt, language.value]);
  const { drinkOrder } = order;
  return (
    <dialog ref={ref} class="ready" aria-labelledby="ready" onCancel={(event) => event.preventDefault()}>
      <div class="stack">
        <p class="sign" aria-hidden="true">
          <Icon path={order.calledAt ? icons.bell : icons.check} />
        </p>
        <h2 id="ready">{title}</h2>
        <p class="big number">
          <span class="visually-hidden">{texts.number}</span> {order.orderNumber}
        </p>
        {drinkOrder && <p>{names.drink(drinkOrder.drink)}</p>}
        <p>{texts.pickUp}</p>
        <Button kind="main" onClick={flow.collected}>
          {texts.gotIt}
        </Button>
      </div>
    </dialog>
  );
}
