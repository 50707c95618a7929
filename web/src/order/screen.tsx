// The customer's page: one view at a time.

import { usePage } from "../core/app.tsx";
import { Logo } from "../core/brand.tsx";
import { useEffect } from "../core/hooks.ts";
import { paint } from "../core/paint.ts";
import type { Link } from "../core/types.ts";
import { Button, Fresh, LanguagePicker } from "../core/views.tsx";
import { useCustomer, useTexts } from "./context.ts";
import { Account, Entry, Refused } from "./entry.tsx";
import { Choosing } from "./menu.tsx";
import { History, Stored } from "./past.tsx";
import { Cancel, Progress, TroubleNotice } from "./progress.tsx";
import { Ready } from "./ready.tsx";
import { stageOf } from "./stage.ts";
import type { Messages } from "./texts.ts";
import type { View } from "./view.ts";

export function App() {
  const { flow } = useCustomer();
  const { address } = usePage();
  const texts = useTexts();
  const view = flow.view.value;
  const config = flow.config.value;
  const name = config?.name ?? address.shop ?? "";
  useEffect(() => {
    if (config?.colours) paint(config);
  }, [config]);
  document.title = titleOf(texts, name, flow);
  return (
    <main>
      <header class="row spread">
        <div class="row">
          {config && <Logo shop={config} />}
          <h1>{name}</h1>
        </div>
        <LanguagePicker />
      </header>
      <Body view={view} />
    </main>
  );
}

type Flowing = ReturnType<typeof useCustomer>["flow"];

function titleOf(texts: Messages, name: string, flow: Flowing): string {
  const order = flow.order;
  const number = order?.orderNumber ? ` #${order.orderNumber}` : "";
  if (flow.rings) return `✔ ${texts.steps.ready}${number}`;
  const stage = stageOf(order);
  if (stage === "waiting" || stage === "making") return `${texts.steps[stage]}${number} · ${name}`;
  return `${texts.scanTitle} · ${name}`;
}

function Body({ view }: { view: View }) {
  const texts = useTexts();
  switch (view.kind) {
    case "entry":
      return <Entry />;
    case "refused":
      return <Refused view={view} />;
    case "account":
      return <Account />;
    case "order":
      return <OrderView />;
    default:
      return <p role="status">{texts.asking}…</p>;
  }
}

function OrderView() {
  const { flow } = useCustomer();
  const texts = useTexts();
  const order = flow.order;
  const trouble = flow.trouble.value;
  const stage = stageOf(order);
  const choosing = stage === "starting" || stage === "choosing";
  const open = choosing || stage === "waiting" || stage === "making";
  return (
    <>
      {order && flow.rings && <Ready order={order} />}
      {trouble && <TroubleNotice trouble={trouble} />}
      {choosing ? <Choosing /> : order && <Progress order={order} />}
      {open && <Fresh freshness={flow.poller.freshness.value} />}
      {(stage === "waiting" || stage === "making") && <Helpers />}
      {order && <Links links={flow.config.value?.links ?? []} orderId={order.orderId} />}
      {open && <Cancel choosing={choosing} />}
      {!open && (
        <Button kind="main" onClick={flow.again}>
          {texts.orderAgain}
        </Button>
      )}
      <History />
      <Stored />
    </>
  );
}

/** Links that the settings of the shop add beside an order. */
function Links({ links, orderId }: { links: readonly Link[]; orderId: string }) {
  if (links.length === 0) return null;
  return (
    <ul class="row">
      {links.map(({ title, url }) => (
        <li key={url}>
          <a href={url.replaceAll("{orderId}", encodeURIComponent(orderId))} target="_blank" rel="noopener">
            {title}
          </a>
        </li>
      ))}
    </ul>
  );
}

function Helpers() {
  const { sound, wake, wakeWanted, setWake } = useCustomer();
  const texts = useTexts();
  return (
    <div class="stack">
      <p>{texts.keepOpen}</p>
      <label class="row">
        <input
          type="checkbox"
          checked={sound.on.value}
          onChange={(event) => (event.currentTarget.checked ? void sound.enable() : sound.mute())}
        />
        {texts.sound}
      </label>
      {sound.on.value && sound.blocked.value && <p class="waiting">{texts.soundBlocked}</p>}
      {wake.supported && (
        <label class="row">
          <input
            type="checkbox"
            checked={wakeWanted.value}
            onChange={(event) => setWake(event.currentTarget.checked)}
          />
          {texts.wake}
        </label>
      )}
    </div>
  );
}
