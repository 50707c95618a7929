// The menu: one drink, and at most one option of each of its modifiers.

import { usePage } from "../core/app.tsx";
import { announce } from "../core/focus.ts";
import { useEffect, useRef } from "../core/hooks.ts";
import { named } from "../core/i18n.ts";
import * as icons from "../core/icons.ts";
import type { MenuItem, Modifier } from "../core/types.ts";
import { Button, Countdown, Icon, useSecond } from "../core/views.tsx";
import { useCustomer, useNames, useTexts } from "./context.ts";
import type { Choice } from "./kept.ts";
import { isAnnounced } from "./stage.ts";
import { fill } from "./texts.ts";

export function Choosing() {
  const { flow } = useCustomer();
  const texts = useTexts();
  const names = useNames();
  const kept = flow.kept.value;
  const menu = flow.menu.value ?? [];
  const order = kept?.order;
  const sending = kept?.sent;
  const draft = kept?.draft;
  const item = menu.find(({ drink, available }) => drink === draft?.drink && available !== false);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!item || !draft || sending) return;
    const modifiers = (item.modifiers ?? []).flatMap(({ name, options }) => {
      const option = draft.options[name];
      return option && options.includes(option) ? [option] : [];
    });
    void flow.choose({ drink: item.drink, modifiers });
  };
  const drink = names.drink((sending ?? item)?.drink ?? "");
  return (
    <form class="stack" onSubmit={submit}>
      <h2>{texts.choose}</h2>
      <fieldset class="stack" disabled={!!sending}>
        <legend class="visually-hidden">{texts.choose}</legend>
        <div class="drinks">
          {menu.map((one) => (
            <Drink key={one.drink} item={one} chosen={one === item} />
          ))}
        </div>
        {item && draft && <Options item={item} draft={draft} />}
      </fieldset>
      {/* At the bottom, so that nothing moves under a finger when the time left appears. Before
          CREATED, `expiresAt` is the deadline for the start of the workflow. */}
      <div class="bar">
        {order?.status === "CREATED" && order.expiresAt && <TimeLeft until={order.expiresAt} />}
        <Button kind="main" type="submit" busy={!!sending} aria-disabled={!item || !!sending}>
          {drink ? fill(texts.order, drink) : texts.choose}
        </Button>
      </div>
    </form>
  );
}

function Drink({ item, chosen }: { item: MenuItem; chosen: boolean }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const names = useNames();
  const out = item.available === false;
  return (
    <label class={`card drink${chosen ? " chosen" : ""}${out ? " out" : ""}`}>
      <input
        type="radio"
        name="drink"
        value={item.drink}
        checked={chosen}
        disabled={out}
        onChange={() => flow.draft({ drink: item.drink, options: {} })}
      />
      <Icon path={icons.cup} />
      <span>
        {names.drink(item.drink)}
        {out && <strong class="late"> {texts.soldOut}</strong>}
      </span>
    </label>
  );
}

function Options({ item, draft }: { item: MenuItem; draft: Choice }) {
  const ref = useRef<HTMLDivElement | null>(null);
  // The options are below the drinks: on a small phone they would be out of sight.
  useEffect(() => ref.current?.scrollIntoView({ block: "nearest" }), [item.drink]);
  return (
    <div class="stack" ref={ref}>
      {(item.modifiers ?? []).map((modifier) => (
        <Wish key={modifier.name} modifier={modifier} draft={draft} />
      ))}
    </div>
  );
}

function Wish({ modifier, draft }: { modifier: Modifier; draft: Choice }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const language = usePage().language.value;
  const { name, options, optionNames } = modifier;
  const now = draft.options[name] ?? "";
  return (
    <fieldset class="stack">
      <legend>
        <h3>{named(language, modifier.names, name)}</h3>
      </legend>
      <div class="options">
        {["", ...options].map((option) => (
          <label key={option} class={`card${option === now ? " chosen" : ""}`}>
            <input
              type="radio"
              name={`option ${name}`}
              value={option}
              checked={option === now}
              onChange={() => flow.draft({ ...draft, options: { ...draft.options, [name]: option } })}
            />
            <span>{option ? named(language, optionNames?.[option], option) : texts.noWish}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function TimeLeft({ until }: { until: string }) {
  const { clock } = usePage();
  const texts = useTexts();
  const { flow } = useCustomer();
  const last = useRef(Number.POSITIVE_INFINITY);
  useSecond();
  const left = clock.secondsUntil(until);
  useEffect(() => {
    if (isAnnounced(last.current, left)) announce(fill(texts.leftToChoose, left));
    if (left === 0 && last.current > 0) void flow.poller.now();
    last.current = left;
  }, [left]);
  if (left === 0) return <p class="late">{texts.timeIsUp}</p>;
  return (
    <p class={left <= 60 ? "late" : "muted"}>
      {texts.timeToChoose} <Countdown until={until} />
    </p>
  );
}
