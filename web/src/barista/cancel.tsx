// The question before an order is cancelled.

import { usePage } from "../core/app.tsx";
import { numberOf } from "../core/order-text.ts";
import { reasons } from "../core/reasons.ts";
import { useSignal } from "../core/signal.ts";
import type { Order } from "../core/types.ts";
import { Button, Dialog } from "../core/views.tsx";
import { useDesk, useTexts } from "./context.ts";

export function CancelDialog({ order, onClose }: { order: Order; onClose: () => void }) {
  const texts = useTexts();
  const { bar } = useDesk();
  const { language } = usePage();
  /** One of `reasons` in English, or "other"; empty before the choice. */
  const chosen = useSignal("");
  const written = useSignal("");
  const other = chosen.value === "other";
  const reason = (other ? written.value : chosen.value).trim();
  const option = (value: string, text: string) => (
    <label key={value} class="row">
      <input
        type="radio"
        name="reason"
        checked={chosen.value === value}
        onChange={() => {
          chosen.value = value;
        }}
      />
      {text}
    </label>
  );
  const send = () => {
    onClose();
    void bar.command(order, "cancel", { reason });
  };
  return (
    <Dialog title={texts.cancelOrder(numberOf(order))} onClose={onClose}>
      <p>{texts.cancelAsk}</p>
      <fieldset class="stack">
        <legend>{texts.reason}</legend>
        {Object.values(reasons).map((texts) => option(texts.en, texts[language.value]))}
        {option("other", texts.otherReason)}
      </fieldset>
      {other && (
        <label class="stack">
          {texts.writtenReason}
          <input
            maxLength={200}
            value={written.value}
            onInput={(event) => {
              written.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      <div class="row spread">
        <Button onClick={onClose}>{texts.keep}</Button>
        <Button kind="danger" disabled={!reason} onClick={send}>
          {texts.cancelOrder(numberOf(order))}
        </Button>
      </div>
    </Dialog>
  );
}
