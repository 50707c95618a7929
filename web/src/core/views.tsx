// Views that several screens use.

import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { usePage } from "./app.tsx";
import { every } from "./clock.ts";
import { type Freshness, freshnessText } from "./freshness.ts";
import { countdown, duration, type Language, languageNames, languages } from "./i18n.ts";
import { useSignal } from "./signal.ts";
import { coreTexts } from "./texts.ts";

type Children = { children?: ComponentChildren };

/** Paths of 24 × 24, after the Tabler icons (MIT). */
const PATHS = {
  check: "M5 12l5 5L20 7",
  cross: "M18 6 6 18M6 6l12 12",
  cup: "M3 14c.8.6 2 1 3.5 1s2.7-.4 3.5-1M4 9h12v6a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM16 11h1a3 3 0 0 1 0 6h-1M8 3v3M12 3v3",
  bell: "M10 5a2 2 0 1 1 4 0a7 7 0 0 1 4 6v3a4 4 0 0 0 2 3H4a4 4 0 0 0 2-3v-3a7 7 0 0 1 4-6M9 17v1a3 3 0 0 0 6 0v-1",
  mute: "M3 3l18 18M17 17H4a4 4 0 0 0 2-3v-3a7 7 0 0 1 1-3.5M9 5.5A2 2 0 1 1 14 5a7 7 0 0 1 4 6v2M9 17v1a3 3 0 0 0 6 0v-1",
  online: "M12 18h.01M9 15a4.2 4.2 0 0 1 6 0M6 12a8.5 8.5 0 0 1 12 0M3 9a13 13 0 0 1 18 0",
  offline:
    "M12 18h.01M9 15a4 4 0 0 1 5-.5M6 12a8 8 0 0 1 3-2M18 12l.5.5M3 9a12 12 0 0 1 3-2M10 6a13 13 0 0 1 11 3M3 3l18 18",
};
export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);

/** How fresh the screen is. Screen readers hear a change of kind, not each second. */
export function Fresh({ freshness }: { freshness: Freshness }) {
  const { language } = usePage();
  const good = freshness.kind === "fresh" || freshness.kind === "starting";
  const text = freshnessText(coreTexts[language.value], freshness, language.value);
  return (
    <p role="status" class={good ? "fresh" : "late"} data-fresh={freshness.kind}>
      <Icon name={good ? "online" : "offline"} /> {text}
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

/** A busy button keeps the focus and does nothing. */
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
  const ref = useRef<HTMLDialogElement>(null);
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

/** Renders again each second, for ages and countdowns. */
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

/** Age by colour, by sign and in words. */
export function AgeMark(props: { seconds: number; limits: AgeLimits; words: Record<AgeKind, string> }) {
  const kind = ageKind(props.seconds, props.limits);
  return (
    <span class={`number ${kind}`}>
      <span aria-hidden="true">{MARKS[kind]}</span> {duration(props.seconds)} {props.words[kind]}
    </span>
  );
}
