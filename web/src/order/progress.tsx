// The order after the choice: number, drink, steps, position and waiting time, or its end.
import { usePage } from "../core/app.tsx";
import { clockTime, plural } from "../core/i18n.ts";
import * as icons from "../core/icons.ts";
import { reasonText } from "../core/reasons.ts";
import { coreTexts } from "../core/texts.ts";
import type { Order } from "../core/types.ts";
import { Button, Dialog, Icon, Notice } from "../core/views.tsx";
import { useCustomer, useNames, useTexts } from "./context.ts";
import { Wait } from "./entry.tsx";
import { repeats, stepOf } from "./problems.ts";
import { endOf, stageOf } from "./stage.ts";
import { fill, sentence } from "./texts.ts";
import type { Trouble } from "./view.ts";

const STEPS = ["ordered", "waiting", "making", "ready"] as const;

function Steps({ stage }: { stage: "waiting" | "making" | "ready" }) {
  const texts = useTexts();
  const at = STEPS.indexOf(stage);
  return (
    <ol class="steps">
      {STEPS.map((step, index) => {
        const done = index < at || stage === "ready";
        return (
          <li key={step} class={done ? "done" : ""} aria-current={index === at ? "step" : undefined}>
            {done && <Icon path={icons.check} />} {texts.steps[step]}
            {done && <span class="visually-hidden">, {texts.done}</span>}
          </li>
        );
      })}
    </ol>
  );
}

export function DrinkOf({ order }: { order: Order }) {
  const names = useNames();
  const { drinkOrder } = order;
  if (!drinkOrder) return null;
  const { drink, modifiers } = drinkOrder;
  return (
    <p>
      <strong>{names.drink(drink)}</strong>
      {modifiers.map((option) => `, ${names.option(drink, option)}`)}
    </p>
  );
}

export function Progress({ order }: { order: Order }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const language = usePage().language.value;
  const stage = stageOf(order);
  if (stage === "ended") return <Ended order={order} />;
  const shown = stage === "making" || stage === "ready" ? stage : "waiting";
  const { position, waitingSeconds } = order;
  const queue = [
    ...(position === undefined || stage !== "waiting"
      ? []
      : [position ? plural(language, position, texts.ahead) : texts.next]),
    ...(waitingSeconds === undefined
      ? []
      : [plural(language, Math.max(1, Math.ceil(waitingSeconds / 60)), texts.about)]),
  ];
  // No message says how the queue moves, so the time of the last read is shown beside the position.
  if (queue[0] && flow.poller.freshness.value.kind === "live") queue.push(clockTime(language, flow.readAt));
  return (
    <>
      <p class="muted">{texts.number}</p>
      <p class="big number" data-number>
        {order.orderNumber}
      </p>
      <DrinkOf order={order} />
      <p role="status">
        <strong>{stage === "ready" ? texts.state.collected : texts.state[shown]}</strong>
      </p>
      <Steps stage={shown} />
      {stage !== "ready" && queue.length > 0 && <p data-ahead>{queue.join(" · ")}</p>}
    </>
  );
}

function Ended({ order }: { order: Order }) {
  const texts = useTexts();
  const reason = order.closedBy === "barista" && reasonText(usePage().language.value, order.reason);
  return (
    <Notice kind="warning">
      <h2>{endOf(order, texts)}</h2>
      {reason && <p>{fill(texts.reason, reason)}</p>}
      <DrinkOf order={order} />
    </Notice>
  );
}

/** A command that failed, or a scan that was refused because this order is open. */
export function TroubleNotice({ trouble }: { trouble: Trouble }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const { tryAgain } = coreTexts[usePage().language.value];
  const { failure, until, what } = trouble;
  const cancel = what === "cancel";
  const late = cancel && failure.code === "wrong_status";
  const problem = sentence(texts, failure.code);
  const unsent = cancel && repeats(failure.code);
  return (
    <Notice kind="error">
      <p>
        <strong>{late ? texts.tooLate : unsent ? texts.notCancelled : problem}</strong>
      </p>
      {unsent && <p>{problem}</p>}
      {until !== undefined && <p>{texts.notSent}</p>}
      {!cancel && <p>{texts.step[stepOf(failure.code)]}</p>}
      {until !== undefined && <Wait until={until} />}
      {until !== undefined && <Button onClick={flow.wake}>{tryAgain}</Button>}
      {cancel && !late && (
        <div class="row">
          <Button kind="danger" onClick={() => (flow.asking.value = true)}>
            {texts.cancel}
          </Button>
          <Button onClick={flow.keep}>{texts.keep}</Button>
        </div>
      )}
    </Notice>
  );
}

/** The button that cancels the order. It asks first, because a cancel cannot be undone. */
export function Cancel({ choosing }: { choosing: boolean }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const { asking } = flow;
  const busy = flow.cancelling.value;
  const no = () => {
    asking.value = false;
  };
  return (
    <>
      <Button kind={choosing ? undefined : "danger"} busy={busy} onClick={() => (asking.value = true)}>
        {busy ? texts.cancelling : choosing ? texts.leave : texts.cancel}
      </Button>
      {asking.value && (
        <Dialog title={texts.cancelTitle} onClose={no}>
          <p>{texts.cancelAsk}</p>
          <p>{texts.cancelAgain}</p>
          <div class="row">
            <Button onClick={no}>{texts.cancelNo}</Button>
            <Button kind="danger" onClick={flow.cancel}>
              {texts.cancelYes}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
