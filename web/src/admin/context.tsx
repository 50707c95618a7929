// Values that every part of the admin's view uses.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import type { Answer, Api, Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { useEffect, useKept } from "../core/hooks.ts";
import { paint } from "../core/paint.ts";
import type { Session } from "../core/session.ts";
import { shared } from "../core/shared.ts";
import { type Signal, signal } from "../core/signal.ts";
import { problemText } from "../core/staff-texts.ts";
import type { SettingsEdit, Shop } from "../core/types.ts";
import { Button, Notice } from "../core/views.tsx";
import { Drafts, type Kind } from "./drafts.ts";
import { readShop, type Saved, save, type Versioned } from "./settings.ts";
import { type Messages, messages } from "./texts.ts";

export class Office {
  /** The settings as the last answer showed them. */
  current: Signal<Versioned | undefined> = signal(undefined);
  failure: Signal<Failure | undefined> = signal(undefined);
  readonly drafts: Drafts = new Drafts();
  readonly api: Api;
  readonly session: Session;
  readonly eventId: string;

  constructor(api: Api, session: Session, eventId: string) {
    this.api = api;
    this.session = session;
    this.eventId = eventId;
  }

  take(answer: Answer<Shop>): void {
    this.failure.value = answer.ok ? undefined : answer.failure;
    if (!answer.ok || answer.body.version < (this.current.value?.shop.version ?? 0)) return;
    this.current.value = { shop: answer.body, etag: answer.etag ?? `"${answer.body.version}"` };
    paint(answer.body);
  }

  async read(): Promise<void> {
    this.take(await readShop(this.api, this.eventId));
  }

  /** Saves an edit of the settings in `base`. `build` makes the edit for the latest settings. */
  async save(base: Versioned, build: (latest: Shop) => SettingsEdit): Promise<Saved> {
    const saved = await save(this.api, base, build);
    if (saved.ok) this.take(saved);
    return saved;
  }
}

export const { give: giveOffice, use: useOffice } = shared<Office>();

export const useTexts = (): Messages => messages[usePage().language.value];

export function Failed({
  failure,
  children,
}: {
  failure: Failure | undefined;
  children?: ComponentChildren;
}) {
  const texts = useTexts();
  const language = usePage().language.value;
  if (!failure) return null;
  const { problem } = failure;
  return (
    <Notice kind="error">
      <p>{problemText(language, failure.code, texts.problem)}</p>
      {children}
      {problem?.field && problem.field !== "pairingCode" && (
        <p class="muted">
          {texts.fromServer} <span lang="en">{problem.detail}</span>
        </p>
      )}
    </Notice>
  );
}

export type Field = {
  label: string;
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "number" | "url";
  required?: boolean;
  maxLength?: number;
  min?: number;
  max?: number;
};

export function TextField({ label, onValue, ...rest }: Field) {
  const attributes = { type: "text", autocomplete: "off", ...rest } as InputHTMLAttributes<HTMLInputElement>;
  return (
    <label class="stack field">
      {label}
      <input {...attributes} onInput={(event) => onValue(event.currentTarget.value)} />
    </label>
  );
}

type Editor<T> = Kind<T> & {
  /** Name of the view, by which its draft is found. */
  view: string;
  /**
   * Makes the edit. `latest`: the settings as last read. `based`: the settings from which the draft
   * was made.
   */
  edit(draft: T, latest: Shop, based: Shop): SettingsEdit;
};

/** The draft of a view, the settings on which it is based, and the state of its saving. */
export function useEditing<T>(base: Versioned, editor: Editor<T>) {
  const office = useOffice();
  const { view } = editor;
  const edit = useKept(() => office.drafts.open(view, base, editor));
  const { draft, based, state } = edit;
  useEffect(() => () => office.drafts.close(view), []);
  const build = (latest: Shop) => editor.edit(draft.value, latest, based.value.shop);
  async function submit(on: Versioned): Promise<boolean> {
    if (state.value.busy) return false;
    state.value = { busy: true, saved: false };
    const answer = await office.save(on, build);
    const { conflict } = answer;
    if (answer.ok) {
      edit.load(office.current.value ?? on);
      state.value = { busy: false, saved: true };
    } else if (conflict) state.value = { busy: false, saved: false, conflict };
    else state.value = { busy: false, saved: false, failure: answer.failure };
    return answer.ok;
  }
  function discard(to: Versioned): void {
    edit.load(to);
    state.value = { busy: false, saved: false };
  }
  return { draft, state, based, changed: edit.changed, submit, discard };
}

/** The buttons of a form, and the result of saving. */
export function SaveLine(props: {
  editing: Omit<ReturnType<typeof useEditing>, "draft">;
  children?: ComponentChildren;
}) {
  const texts = useTexts();
  const { editing } = props;
  const { changed, discard } = editing;
  const { busy, saved, failure, conflict } = editing.state.value;
  return (
    <div class="stack save">
      <Failed failure={failure}>{props.children}</Failed>
      {conflict && (
        <Notice kind="warning">
          <p>{texts.conflict}</p>
          <div class="row">
            <Button onClick={() => discard(conflict)}>{texts.useTheirs}</Button>
            <Button kind="danger" onClick={() => editing.submit(conflict)}>
              {texts.overwrite}
            </Button>
          </div>
        </Notice>
      )}
      <div class="row">
        <Button kind="main" type="submit" busy={busy} disabled={!changed && !busy}>
          {texts.save}
        </Button>
        {changed && <Button onClick={() => discard(editing.based.value)}>{texts.discard}</Button>}
        <span role="status">{saved && !changed ? texts.saved : changed ? "" : texts.unchanged}</span>
      </div>
    </div>
  );
}
