// Views that several pages use.
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { usePage } from "./app.tsx";
import { every } from "./clock.ts";
import { type Freshness, freshnessText } from "./freshness.ts";
import { useEffect, useRef } from "./hooks.ts";
import { countdown, duration, type Language, languageNames, languages } from "./i18n.ts";
import * as icons from "./icons.ts";
import { useSignal } from "./signal.ts";
import { coreTexts } from "./texts.ts";

type Children = { children?: ComponentChildren };

/** `path`: one of `icons.ts`. */
export const Icon = ({ path }: { path: string }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={path} />
  </svg>
);

/** Freshness of the data. The text has no counter, because screen readers announce each change. */
export function Fresh({ freshness }: { freshness: Freshness }) {
  const { language } = usePage();
  const good = freshness.kind !== "late" && freshness.kind !== "offline";
  const text = freshnessText(coreTexts[language.value], freshness, language.value);
  return (
    <p role="status" class={good ? "fresh" : "late"} data-fresh={freshness.kind}>
      <Icon path={good ? icons.online : icons.offline} /> {text}
    </p>
  );
}

export function LanguagePicker() {
  const page = usePage();
  return (
    <label>
      <span class="visually-hidden">{coreTexts[page.language.value].language}</span>
      <select
        value={page.language.value}
        onChange={(event) => page.setLanguage(event.currentTarget.value as Language)}
      >
        {languages.map((language) => (
          <option key={language} value={language} lang={language}>
            {languageNames[language]}
          </option>
        ))}
      </select>
    </label>
  );
}

type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "class"> & {
  kind?: "main" | "danger" | "quiet" | undefined;
  busy?: boolean | undefined;
};

/** A busy button keeps the focus and does not call `onClick`. A busy submit button submits. */
export function Button({ kind, busy, onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      class={kind ?? ""}
      aria-disabled={busy ? "true" : undefined}
      aria-busy={busy}
      onClick={(event) => !busy && onClick?.(event)}
      {...rest}
    >
      {children}
    </button>
  );
}

export function Notice({ kind = "info", children }: Children & { kind?: "info" | "warning" | "error" }) {
  return (
    <div class={`notice ${kind} stack`} role={kind === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}

/** A modal dialog that is open while it is rendered. The browser keeps the focus inside. */
export function Dialog({ title, onClose, children }: Children & { title: string; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement | null>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => (before as HTMLElement | null)?.focus?.();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div class="stack">
        <h2>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** Lets the component render again each second, for ages and countdowns. */
export function useSecond(): void {
  const tick = useSignal(0);
  tick.value;
  useEffect(() => every(1000, () => tick.value++), []);
}

export function Countdown({ until }: { until: string }) {
  useSecond();
  return <span class="number">{countdown(usePage().clock.secondsUntil(until))}</span>;
}

export type AgeLimits = { waiting: number; late: number };
export type AgeKind = "fresh" | "waiting" | "late";
export const ageKind = (seconds: number, limits: AgeLimits): AgeKind =>
  seconds >= limits.late ? "late" : seconds >= limits.waiting ? "waiting" : "fresh";

const MARKS: Record<AgeKind, string> = { fresh: "●", waiting: "▲", late: "■" };

/** Age as a time, with its kind as colour, sign and words. */
export function AgeMark(props: { seconds: number; limits: AgeLimits; words: Record<AgeKind, string> }) {
  const kind = ageKind(props.seconds, props.limits);
  return (
    <span class={`number ${kind}`}>
      <span aria-hidden="true">{MARKS[kind]}</span> {duration(props.seconds)}
      {props.words[kind] && ` · ${props.words[kind]}`}
    </span>
  );
}
