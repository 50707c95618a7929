// The card of one order.
import { usePage } from "../core/app.tsx";
import { announce } from "../core/focus.ts";
import { duration, type Language } from "../core/i18n.ts";
import * as icons from "../core/icons.ts";
import { numberOf, shortName } from "../core/order-text.ts";
import { useSignal } from "../core/signal.ts";
import { problemText } from "../core/staff-texts.ts";
import type { Order } from "../core/types.ts";
import { AgeMark, ageKind, Button, Icon, useSecond } from "../core/views.tsx";
import type { Note } from "./bench.ts";
import { CancelDialog } from "./cancel.tsx";
import { useDesk, useNames, useTexts, useTime } from "./context.ts";

export function noteText(
  texts: ReturnType<typeof useTexts>,
  language: Language,
  time: (instant: string) => string,
  note: Note,
): string {
  if (note.code === "claimed_by_another" && note.by && note.since) {
    return texts.note.claimed_by_another(shortName(note.by), time(note.since));
  }
  const own = texts.note[note.code as keyof typeof texts.note];
  return typeof own === "string" ? own : problemText(language, note.code);
}

type CardProps = { order: Order; digit?: number | undefined };

export function Card({ order, digit }: CardProps) {
  useSecond();
  const texts = useTexts();
  const names = useNames();
  const { clock } = usePage();
  const { bar, prefs } = useDesk();
  const cancelling = useSignal(false);
  const { orderId, drinkOrder, status } = order;
  const seconds = clock.ageSeconds(order.updatedAt);
  const limits = { waiting: prefs.value.long * 60, late: prefs.value.late * 60 };
  const queued = status === "WAITING";
  const isNew = bar.unseen.value.has(orderId);
  return (
    <li
      id={`order-${orderId}`}
      tabIndex={-1}
      data-order={order.orderNumber}
      class={`card order stack ${queued ? ageKind(seconds, limits) : "fresh"} ${isNew ? "new" : ""}`}
    >
      {isNew && <strong class="badge">{texts.isNew}</strong>}
      <div class="top">
        <h3>
          <span class="big number">{numberOf(order)}</span> {drinkOrder && names.drink(drinkOrder.drink)}
        </h3>
        {digit && prefs.value.keys && <kbd>{digit}</kbd>}
        {queued && !bar.held.value.has(orderId) && (
          <button
            type="button"
            class="quiet"
            aria-label={texts.cancelOrder(numberOf(order))}
            onClick={() => {
              cancelling.value = true;
            }}
          >
            <Icon path={icons.cross} />
          </button>
        )}
      </div>
      {drinkOrder && drinkOrder.modifiers.length > 0 && <p>{names.options(drinkOrder)}</p>}
      {queued && <AgeMark seconds={seconds} limits={limits} words={texts.age} />}
      <Holder order={order} />
      <NoteLine order={order} />
      <Actions order={order} />
      {cancelling.value && (
        <CancelDialog
          order={order}
          onClose={() => {
            cancelling.value = false;
          }}
        />
      )}
    </li>
  );
}

function Holder({ order }: { order: Order }) {
  useSecond();
  const texts = useTexts();
  const time = useTime();
  const { clock } = usePage();
  const { bar } = useDesk();
  if (order.status === "COMPLETED") {
    const at = order.calledAt;
    return (
      <p class="muted">
        {time(order.updatedAt)}
        {at && ` · ${texts.called(time(at))}`}
      </p>
    );
  }
  if (!order.baristaUserId) return null;
  const who = order.baristaUserId === bar.me.value ? texts.you : shortName(order.baristaUserId);
  const since = order.claimedAt && texts.since(duration(clock.ageSeconds(order.claimedAt)));
  return (
    <p class="muted number">
      {texts.by(who)} {since}
    </p>
  );
}

function NoteLine({ order }: { order: Order }) {
  const texts = useTexts();
  const time = useTime();
  const { language } = usePage();
  const note = useDesk().bar.notes.value.get(order.orderId);
  return (
    <p role="alert" class="late note">
      {note && noteText(texts, language.value, time, note)}
    </p>
  );
}

function Held({ until, onUndo }: { until: number; onUndo: () => void }) {
  useSecond();
  const texts = useTexts();
  return (
    <div class="row">
      <Button kind="main" onClick={onUndo}>
        {texts.undo}
      </Button>
      <span class="number">{texts.sentIn(Math.max(0, Math.ceil((until - Date.now()) / 1000)))}</span>
    </div>
  );
}

function Actions({ order }: { order: Order }) {
  const texts = useTexts();
  const { bar } = useDesk();
  const id = order.orderId;
  const until = bar.held.value.get(id);
  const busy = bar.busy.value.get(id);
  const undone = useSignal("");
  const undo = () => {
    if (!bar.undo.takeBack(id, "tap")) return;
    undone.value = texts.undone(numberOf(order));
    announce(undone.value);
  };
  if (until !== undefined) return <Held until={until} onUndo={undo} />;
  const label = (text: string, action: string) => (busy === action ? `${text} …` : text);
  if (order.status === "COMPLETED") {
    return (
      <Button busy={!!busy} onClick={() => bar.command(order, "call")}>
        <Icon path={icons.bell} /> {label(texts.call, "call")}
      </Button>
    );
  }
  if (order.status !== "WAITING") return null;
  if (!order.baristaUserId) {
    return (
      <Button kind="main" busy={!!busy} onClick={() => bar.command(order, "make")}>
        {label(texts.make, "make")}
      </Button>
    );
  }
  if (order.baristaUserId !== bar.me.value) return <TakeOver order={order} busy={!!busy} />;
  return (
    <>
      {undone.value && <p>{undone.value}</p>}
      <div class="row spread">
        <Button
          kind="main"
          busy={!!busy}
          onClick={() => {
            undone.value = "";
            bar.complete(order);
          }}
        >
          <Icon path={icons.check} /> {label(texts.done, "complete")}
        </Button>
        <Button busy={!!busy} onClick={() => bar.command(order, "unmake")}>
          {label(texts.giveBack, "unmake")}
        </Button>
      </div>
    </>
  );
}

/**
 * A takeover needs two taps. The request names the claim version that was shown at the first tap.
 * A refused `make` does not count as the first tap: a double tap must not take an order over.
 */
function TakeOver({ order, busy }: { order: Order; busy: boolean }) {
  const texts = useTexts();
  const { bar } = useDesk();
  const asked = useSignal<number | undefined>(undefined);
  const version = asked.value;
  const ask = (value: number | undefined) => {
    asked.value = value;
  };
  if (version !== order.claimVersion) {
    return (
      <Button busy={busy} onClick={() => ask(order.claimVersion)}>
        {texts.takeOver}
      </Button>
    );
  }
  return (
    <div class="stack">
      <p role="status">{texts.takeOverAsk(shortName(order.baristaUserId ?? ""))}</p>
      <div class="row spread">
        <Button kind="main" busy={busy} onClick={() => bar.command(order, "make", { from: version })}>
          {texts.takeOver}
        </Button>
        <Button
          onClick={() => {
            ask(undefined);
            bar.note(order.orderId);
          }}
        >
          {texts.no}
        </Button>
      </div>
    </div>
  );
}
