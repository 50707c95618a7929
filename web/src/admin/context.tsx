// What every part of the admin's view uses.
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import type { Answer, Api, Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { paint } from "../core/brand.tsx";
import type { Session } from "../core/session.ts";
import { shared } from "../core/shared.ts";
import { type Signal, signal, useSignal } from "../core/signal.ts";
import { problemText } from "../core/staff-texts.ts";
import type { SettingsEdit, Shop } from "../core/types.ts";
import { Button, Notice } from "../core/views.tsx";
import { readShop, type Saved, save, type Versioned } from "./settings.ts";
import { type Messages, messages } from "./texts.ts";

export class Office {
  /** The settings as the last answer showed them. */
  current: Signal<Versioned | undefined> = signal(undefined);
  failure: Signal<Failure | undefined> = signal(undefined);
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

  /** Saves an edit of what `base` shows. */
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
  const own = texts.problem[failure.code];
  const { problem } = failure;
  return (
    <Notice kind="error">
      <p>{own ?? problemText(language, failure.code)}</p>
      {children}
      {problem?.field && (
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

type Editing = {
  busy: boolean;
  saved: boolean;
  failure?: Failure;
  conflict?: Versioned;
};

/** Saving of a form: what happened to it, and the settings on which it is based. */
export function useEditing(base: Versioned, build: (latest: Shop) => SettingsEdit) {
  const office = useOffice();
  const based = useSignal(base);
  const state = useSignal<Editing>({ busy: false, saved: false });
  async function submit(on: Versioned): Promise<boolean> {
    if (state.value.busy) return false;
    state.value = { busy: true, saved: false };
    const answer = await office.save(on, build);
    const { conflict } = answer;
    if (answer.ok) {
      based.value = office.current.value ?? on;
      state.value = { busy: false, saved: true };
    } else if (conflict) state.value = { busy: false, saved: false, conflict };
    else state.value = { busy: false, saved: false, failure: answer.failure };
    return answer.ok;
  }
  return { state, based, submit };
}

/** Button of a form, and what happened when it was used. */
export function SaveLine(props: {
  editing: ReturnType<typeof useEditing>;
  changed: boolean;
  onDiscard: (to: Versioned) => void;
  children?: ComponentChildren;
}) {
  const texts = useTexts();
  const { editing, changed, onDiscard } = props;
  const { busy, saved, failure, conflict } = editing.state.value;
  const discard = (to: Versioned) => {
    editing.based.value = to;
    editing.state.value = { busy: false, saved: false };
    onDiscard(to);
  };
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
