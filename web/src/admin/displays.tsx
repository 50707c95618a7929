// Displays of the shop: pairing and revoking.

import { pageAddress } from "../core/address.ts";
import type { Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { Columns } from "../core/frame.tsx";
import { useEffect } from "../core/hooks.ts";
import { type Signal, useSignal } from "../core/signal.ts";
import type { Display } from "../core/types.ts";
import { Button, Dialog, Notice } from "../core/views.tsx";
import { Failed, TextField, useOffice, useTexts } from "./context.tsx";

export function Displays() {
  const texts = useTexts();
  const { api, eventId } = useOffice();
  const { base } = usePage().address;
  const displays = useSignal<Display[] | undefined>(undefined);
  const failure = useSignal<Failure | undefined>(undefined);
  /** Text about the last action. */
  const news = useSignal<string | undefined>(undefined);
  const page = pageAddress(base, "display", { e: eventId });
  const done = async (text: string | undefined) => {
    news.value = text;
    await read();
  };
  const read = async () => {
    const answer = await api.call<{ displays: Display[] }>("GET", "displays", { query: { eventId } });
    if (answer.ok) displays.value = answer.body.displays;
    failure.value = answer.ok ? undefined : answer.failure;
  };
  useEffect(() => {
    void read();
  }, []);
  return (
    <div class="stack">
      <h2>{texts.displays}</h2>
      <p>
        {texts.displaysHelp} <a href={page}>{texts.displayPage}</a>{" "}
        <b class="address">{new URL(page, location.href).href}</b>
      </p>
      <PairForm news={news} onPaired={done} />
      {news.value && <Notice>{news.value}</Notice>}
      <Failed failure={failure.value} />
      {displays.value?.length === 0 && <p>{texts.noDisplays}</p>}
      {displays.value && displays.value.length > 0 && <List displays={displays.value} onRevoked={done} />}
    </div>
  );
}

type Done = (text: string | undefined) => Promise<void>;

function PairForm({ news, onPaired }: { news: Signal<string | undefined>; onPaired: Done }) {
  const texts = useTexts();
  const { api, eventId } = useOffice();
  const code = useSignal("");
  const name = useSignal("");
  const busy = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    news.value = undefined;
    const title = name.value.trim() || texts.displayDefault;
    const body = { pairingCode: code.value, name: title };
    const answer = await api.call<Display>("POST", "displays", { query: { eventId }, body });
    failure.value = answer.ok ? undefined : answer.failure;
    if (answer.ok) {
      code.value = "";
      name.value = "";
      await onPaired(texts.paired(title));
    }
    busy.value = false;
  };
  return (
    <form class="stack card" onSubmit={submit}>
      <div class="fields">
        <TextField
          label={texts.code}
          value={code.value}
          required
          maxLength={20}
          onValue={(value) => {
            code.value = value;
          }}
        />
        <TextField
          label={texts.displayName}
          value={name.value}
          maxLength={60}
          onValue={(value) => {
            name.value = value;
          }}
        />
      </div>
      <Failed failure={failure.value} />
      <div class="row">
        <Button kind="main" type="submit" busy={busy.value}>
          {texts.pair}
        </Button>
      </div>
    </form>
  );
}

type ListProps = { displays: Display[]; onRevoked: Done };

function List({ displays, onRevoked }: ListProps) {
  const texts = useTexts();
  const { api, eventId } = useOffice();
  const { language } = usePage();
  const asking = useSignal<Display | undefined>(undefined);
  const failure = useSignal<Failure | undefined>(undefined);
  const ask = (display: Display | undefined) => {
    asking.value = display;
  };
  const revoke = async ({ displayId, name }: Display) => {
    ask(undefined);
    const answer = await api.call("DELETE", `displays/${displayId}`, { query: { eventId } });
    failure.value = answer.ok ? undefined : answer.failure;
    await onRevoked(answer.ok ? texts.revoked(name) : undefined);
  };
  const day = (instant: string) =>
    new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short" }).format(
      Date.parse(instant),
    );
  return (
    <>
      <Failed failure={failure.value} />
      <table>
        <Columns titles={[texts.name, texts.until, texts.state, texts.actions]} />
        <tbody>
          {displays.map((display) => (
            <tr key={display.displayId}>
              <th scope="row">{display.name}</th>
              <td>{day(display.expiresAt)}</td>
              <td>{texts.states[display.state]}</td>
              <td>
                <Button kind="danger" aria-label={texts.revokeOne(display.name)} onClick={() => ask(display)}>
                  {texts.revoke}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asking.value && (
        <Question
          display={asking.value}
          onClose={() => ask(undefined)}
          onRevoke={(display) => void revoke(display)}
        />
      )}
    </>
  );
}

type QuestionProps = { display: Display; onClose: () => void; onRevoke: (display: Display) => void };

function Question({ display, onClose, onRevoke }: QuestionProps) {
  const texts = useTexts();
  return (
    <Dialog title={texts.revokeOne(display.name)} onClose={onClose}>
      <p>{texts.revokeAsk(display.name)}</p>
      <div class="row spread">
        <Button onClick={onClose}>{texts.keep}</Button>
        <Button kind="danger" onClick={() => onRevoke(display)}>
          {texts.revoke}
        </Button>
      </div>
    </Dialog>
  );
}
