// The question before an order is cancelled.
import { numberOf } from "../core/order-text.ts";
import { useSignal } from "../core/signal.ts";
import type { Order } from "../core/types.ts";
import { Button, Dialog } from "../core/views.tsx";
import { useDesk, useTexts } from "./context.ts";

export function CancelDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const texts = useTexts();
  const { bar } = useDesk();
  const reason = useSignal(texts.reasons[0] ?? "");
  const other = useSignal(false);
  const choose = (text: string, isOther: boolean) => {
    reason.value = text;
    other.value = isOther;
  };
  const option = (text: string, isOther: boolean, checked: boolean) => (
    <label key={text} class="row">
      <input
        type="radio"
        name="reason"
        checked={checked}
        onChange={() => choose(isOther ? "" : text, isOther)}
      />
      {text}
    </label>
  );
  const send = () => {
    onClose();
    void bar.command(order, "cancel", { reason: reason.value.trim() });
  };
  return (
    <Dialog title={texts.cancelOrder(numberOf(order))} onClose={onClose}>
      <p>{texts.cancelAsk}</p>
      <fieldset class="stack">
        <legend>{texts.reason}</legend>
        {texts.reasons.map((text) => option(text, false, !other.value && reason.value === text))}
        {option(texts.otherReason, true, other.value)}
      </fieldset>
      {other.value && (
        <input
          aria-label={texts.otherReason}
          maxLength={200}
          value={reason.value}
          onInput={(event) => {
            reason.value = event.currentTarget.value;
          }}
        />
      )}
      <div class="row spread">
        <Button onClick={onClose}>{texts.keep}</Button>
        <Button kind="danger" onClick={send}>
          {texts.cancelOrder(numberOf(order))}
        </Button>
      </div>
    </Dialog>
  );
}
