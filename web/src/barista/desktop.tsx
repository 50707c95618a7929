// The page of a person who is signed in: header, links to the other views, notices, queue.

import { pageAddress } from "../core/address.ts";
import { usePage } from "../core/app.tsx";
import { Logo } from "../core/brand.tsx";
import { useEffect } from "../core/hooks.ts";
import * as icons from "../core/icons.ts";
import { numberOf } from "../core/order-text.ts";
import { reasonText } from "../core/reasons.ts";
import { useSignal } from "../core/signal.ts";
import { staffTexts } from "../core/staff-texts.ts";
import type { Order } from "../core/types.ts";
import { Button, Dialog, Fresh, Icon, LanguagePicker, Notice } from "../core/views.tsx";
import { STORE } from "./bar.ts";
import { useDesk, useNames, useTexts } from "./context.ts";
import { Failed } from "./failed.tsx";
import { Queue } from "./queue.tsx";

export function Desktop() {
  const texts = useTexts();
  const { bar, session } = useDesk();
  const shop = bar.shop.value;
  const title = shop?.name || bar.eventId;
  useEffect(() => {
    document.title = `${texts.page} · ${title}`;
  });
  const link = (text: string, view: string, more?: { show: string }) => (
    <a class="button" href={pageAddress(bar.api.base, `barista?view=${view}`, { e: bar.eventId, ...more })}>
      {text}
    </a>
  );
  return (
    <>
      <header class="stack">
        <div class="row spread">
          {shop && <Logo shop={shop} />}
          <h1>{title}</h1>
          <Fresh freshness={bar.poller.freshness.value} />
          <StoreSwitch />
          <SoundButton />
          <LanguagePicker />
        </div>
        <nav class="row" aria-label={texts.views}>
          {link(texts.counter, "more", { show: "counter" })}
          {link(texts.soldOutDrinks, "more", { show: "soldOut" })}
          {link(texts.more, "more", { show: "closedOrders" })}
          {session.roles().admin && link(texts.admin, "admin")}
        </nav>
        <Notices />
      </header>
      <main>
        <Queue />
      </main>
    </>
  );
}

function Notices() {
  const texts = useTexts();
  const { bar, sound } = useDesk();
  return (
    <>
      {bar.forbidden.value && (
        <Notice kind="error">
          <p>{texts.noRole}</p>
          <Button onClick={() => bar.signOut()}>{texts.signOut}</Button>
        </Notice>
      )}
      {bar.gone.value.map((order) => (
        <Gone key={order.orderId} order={order} />
      ))}
      {sound.on.value && sound.blocked.value && <Notice kind="warning">{texts.soundBlocked}</Notice>}
    </>
  );
}

/** Notice that an order was cancelled while it was being made here: by whom, and why. */
function Gone({ order }: { order: Order }) {
  const texts = useTexts();
  const names = useNames();
  const { language } = usePage();
  const { bar } = useDesk();
  const what = `${numberOf(order)} ${order.drinkOrder ? names.drink(order.drinkOrder.drink) : ""}`;
  const { closedBy = "system" } = order;
  const reason = reasonText(language.value, order.reason);
  return (
    <Notice kind="error">
      <p>
        {what}: {texts.cancelled[closedBy]}
        {closedBy !== "system" && reason && ` (${reason})`}
      </p>
      <Button onClick={() => bar.dismiss(order.orderId)}>{staffTexts[language.value].close}</Button>
    </Notice>
  );
}

function StoreSwitch() {
  const texts = useTexts();
  const { bar } = useDesk();
  const busy = useSignal(false);
  const asking = useSignal<"close" | "newCode" | undefined>(undefined);
  const shop = bar.shop.value;
  if (!shop) return null;
  const set = async (state: "open" | "closed", newCode?: true) => {
    busy.value = true;
    asking.value = undefined;
    await bar.setStore(state, newCode);
    busy.value = false;
  };
  const { storeOpen } = shop;
  const ask = (what: "close" | "newCode" | undefined) => {
    asking.value = what;
  };
  return (
    <div class="row" data-store={storeOpen ? "open" : "closed"}>
      <strong class={storeOpen ? "fresh" : "late"} role="status">
        {storeOpen ? `● ${texts.isOpen}` : `■ ${texts.isClosed}`}
      </strong>
      <Button
        kind={storeOpen ? undefined : "main"}
        busy={busy.value}
        onClick={() => (storeOpen ? ask("close") : set("open"))}
      >
        {storeOpen ? texts.close : texts.open}
      </Button>
      <Button busy={busy.value} onClick={() => ask("newCode")}>
        {texts.newCode}
      </Button>
      <Failed code={bar.notes.value.get(STORE)?.code} />
      {asking.value === "close" && (
        <Question
          title={texts.closeTitle}
          text={texts.closeAsk}
          yes={texts.close}
          onNo={() => ask(undefined)}
          onYes={() => set("closed")}
        />
      )}
      {asking.value === "newCode" && (
        <Question
          title={texts.newCode}
          text={texts.newCodeAsk[storeOpen ? "open" : "closed"]}
          yes={texts.newCode}
          onNo={() => ask(undefined)}
          onYes={() => set("open", true)}
        />
      )}
    </div>
  );
}

type QuestionProps = { title: string; text: string; yes: string; onYes(): void; onNo(): void };

function Question({ title, text, yes, onYes, onNo }: QuestionProps) {
  const { no } = useTexts();
  return (
    <Dialog title={title} onClose={onNo}>
      <p>{text}</p>
      <div class="row spread">
        <Button onClick={onNo}>{no}</Button>
        <Button kind="danger" onClick={onYes}>
          {yes}
        </Button>
      </div>
    </Dialog>
  );
}

function SoundButton() {
  const texts = useTexts();
  const { sound } = useDesk();
  const on = sound.on.value;
  return (
    <Button aria-pressed={on} onClick={() => (on ? sound.mute() : sound.enable())}>
      <Icon path={on ? icons.bell : icons.mute} /> {texts.sound}
    </Button>
  );
}
