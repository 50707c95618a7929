// The bus page. An admin opens it, also to show it to a room.
import { pageAddress } from "../core/address.ts";
import { usePage } from "../core/app.tsx";
import { SignedOut } from "../core/signed-out.tsx";
import { problemText } from "../core/staff-texts.ts";
import type { Architecture } from "../core/types.ts";
import { Button, Dialog, Fresh, LanguagePicker, Notice } from "../core/views.tsx";
import { jsonOf, matched, stateAfter, workflowOf } from "./architecture.ts";
import { ordersOf, useTexts, useWatch } from "./context.ts";
import { Diagram } from "./diagram.tsx";
import { Controls, speedText, Timeline } from "./playback.tsx";
import { orderOf } from "./player.ts";

export function App() {
  const texts = useTexts();
  const { address } = usePage();
  const { session, poller } = useWatch();
  const { kind } = session.state.value;
  document.title = `${texts.page} · ${address.shop ?? ""}`;
  const allowed = kind === "signedIn" && session.roles().admin;
  return (
    <>
      <header class="row spread">
        <h1>
          {texts.page} · {address.shop}
        </h1>
        {allowed && <Controls />}
        {allowed && <Fresh freshness={poller.freshness.value} />}
        <LanguagePicker />
      </header>
      <main class={allowed ? "bus" : "stack narrow"}>
        {kind === "loading" && <Fresh freshness={{ kind: "starting", everySeconds: 0 }} />}
        <SignedOut session={session} />
        {allowed && <Board />}
        {kind === "signedIn" && !allowed && (
          <Notice kind="error">
            <p>{texts.noRole}</p>
            <Button onClick={session.signOut}>{texts.signOut}</Button>
          </Notice>
        )}
      </main>
    </>
  );
}

function Board() {
  const texts = useTexts();
  const { language, address } = usePage();
  const { architecture, failure, off, player, opened } = useWatch();
  const bar = architecture.value;
  const why = failure.value;
  const { current } = player.shown.value;
  return (
    <>
      {off.value && <Notice kind="warning">{texts.off}</Notice>}
      {why && !bar && (
        <Notice kind="error">
          <p>{problemText(language.value, why.code, { forbidden: texts.noRole })}</p>
        </Notice>
      )}
      {bar && (
        <>
          <Sentence bar={bar} />
          <Drawing bar={bar} />
          <Workflow bar={bar} />
        </>
      )}
      <Timeline />
      <p class="muted note">
        {texts.note} <a href={pageAddress(address.base, "", { e: address.shop ?? "" })}>Serverlesspresso</a>
      </p>
      {opened.value && current && (
        <Dialog title={texts.json} onClose={() => (opened.value = undefined)}>
          {/* A long event scrolls, also by keyboard. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
          <pre tabIndex={0}>{jsonOf(opened.value.event)}</pre>
          <Button kind="main" onClick={() => (opened.value = undefined)}>
            {texts.close}
          </Button>
        </Dialog>
      )}
    </>
  );
}

/** The current event and the rules that match it, in large text for a room. */
function Sentence({ bar }: { bar: Architecture }) {
  const texts = useTexts();
  const { language } = usePage();
  const { player, opened } = useWatch();
  const { current, mode, speed } = player.shown.value;
  if (!current) return <p class="sentence">{texts.waiting}</p>;
  const { event, producer } = current;
  const name = ordersOf(player).find(({ orderId }) => orderId === orderOf(current))?.name;
  const found = matched(bar, event).filter(({ verdict }) => verdict === "matches");
  const state = {
    live: "",
    paused: texts.paused,
    replay: `${texts.replaying}, ${speedText(language.value, speed)}`,
  };
  return (
    <div class="sentence" data-event={event.id}>
      <p>
        <b>{producer}</b> {texts.published}{" "}
        <button type="button" class="type" onClick={() => (opened.value = current)}>
          {event["detail-type"]}
        </button>{" "}
        {name && `${texts.order} ${name}`} {state[mode] && <mark>{state[mode]}</mark>}
      </p>
      <p>
        {found.length === 0 && texts.matchesNone}
        {found.map(({ rule }) => (
          <span class="match" key={rule.name}>
            ✔ {texts.matches} <b>{rule.name}</b> →{" "}
            <b>{rule.targets.map((target) => target.name).join(", ")}</b>
          </span>
        ))}
      </p>
    </div>
  );
}

function Drawing({ bar }: { bar: Architecture }) {
  const { player } = useWatch();
  const { current } = player.shown.value;
  const from = current?.producer;
  const names = new Set([...bar.producers.map(({ name }) => name), ...(from ? [from] : [])]);
  const rules = matched(bar, current?.event);
  return <Diagram bus={bar.bus} producers={[...names]} from={from} rules={rules} current={current} />;
}

/** The states of the workflow. Marks that of the chosen order, else of the current event's. */
function Workflow({ bar }: { bar: Architecture }) {
  const texts = useTexts();
  const { player } = useWatch();
  const { current, orderId = current && orderOf(current) } = player.shown.value;
  const workflow = workflowOf(bar);
  if (!workflow) return <p class="muted">{texts.noWorkflow}</p>;
  const events = player.entries.value.flatMap((entry) =>
    entry.kind === "event" && orderId && orderOf(entry) === orderId && entry.at <= (current?.at ?? 0)
      ? [entry.event]
      : [],
  );
  const { at, ended } = stateAfter(workflow, events);
  return (
    <ol class="workflow" aria-label={texts.workflow(workflow.name)}>
      <li class="muted">{texts.workflow(workflow.name)}</li>
      {workflow.path.map((name) => (
        <li key={name} class="state" aria-current={name === at ? "step" : undefined}>
          {name} {name === at && ended && `✔ ${texts.ended}`}
        </li>
      ))}
    </ol>
  );
}
