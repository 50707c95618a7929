// Controls for pause, steps, replay and the choice of an order, and the timeline of the events.
import { usePage } from "../core/app.tsx";
import { number } from "../core/i18n.ts";
import { Button } from "../core/views.tsx";
import { shortType } from "./architecture.ts";
import { ordersOf, useTexts, useWatch } from "./context.ts";
import type { Entry, EventEntry } from "./player.ts";

const SPEEDS = { "1": 1, "½": 0.5, "¼": 0.25 } as const;

export function Controls() {
  const texts = useTexts();
  const { player, clock } = useWatch();
  const { mode, orderId, speed } = player.shown.value;
  const now = () => clock.now();
  return (
    <fieldset class="row" aria-label={texts.controls}>
      {mode === "live" ? (
        <Button onClick={() => player.pause()}>❚❚ {texts.pause}</Button>
      ) : (
        <Button kind="main" onClick={() => player.live()}>
          ● {texts.live}
        </Button>
      )}
      <Button
        aria-label={texts.back}
        title={texts.back}
        busy={!player.canStep(-1)}
        onClick={() => player.step(-1, now())}
      >
        ◀
      </Button>
      <Button
        aria-label={texts.forward}
        title={texts.forward}
        busy={!player.canStep(1)}
        onClick={() => player.step(1, now())}
      >
        ▶
      </Button>
      {Object.entries(SPEEDS).map(([name, part]) => (
        <Button
          key={name}
          aria-label={texts.replay(name)}
          title={texts.replay(name)}
          aria-pressed={mode === "replay" && speed === part}
          onClick={() => player.replay(part, now())}
        >
          ↻ {name}×
        </Button>
      ))}
      <select
        aria-label={texts.order}
        value={orderId ?? ""}
        onChange={(event) => player.filter(event.currentTarget.value || undefined)}
      >
        <option value="">{texts.allOrders}</option>
        {ordersOf(player).map((order) => (
          <option key={order.orderId} value={order.orderId}>
            {texts.order} {order.name}
          </option>
        ))}
      </select>
    </fieldset>
  );
}

/** Largest number of entries in the timeline. */
const LISTED = 60;

export function Timeline() {
  const texts = useTexts();
  const { player } = useWatch();
  const { orderId, current } = player.shown.value;
  const followed = new Set<Entry>(player.followed);
  const shown = player.entries.value.filter((entry) => entry.kind === "gap" || followed.has(entry));
  const names = new Map(ordersOf(player).map((order) => [order.orderId, order.name]));
  return (
    <ol class="timeline" aria-label={texts.events}>
      {shown
        .slice(-LISTED)
        .reverse()
        .map((entry) =>
          entry.kind === "gap" ? (
            <li class="late" key={entry.at}>
              {texts.gap}
            </li>
          ) : (
            <Moment
              key={entry.event.id}
              entry={entry}
              on={entry.event.id === current?.event.id}
              order={orderId ? "" : (names.get(String(entry.event.detail.orderId)) ?? "")}
            />
          ),
        )}
    </ol>
  );
}

/** Formats a time as "09:31:02". */
function useExactTime(): (ms: number) => string {
  const { language } = usePage();
  const format = new Intl.DateTimeFormat(language.value, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
  return (ms) => format.format(ms);
}

function Moment({ entry, on, order }: { entry: EventEntry; on: boolean; order: string }) {
  const { player, clock, opened } = useWatch();
  const time = useExactTime();
  const open = () => {
    player.show(entry, clock.now());
    opened.value = entry;
  };
  return (
    <li>
      <button type="button" aria-current={on ? "true" : undefined} onClick={open}>
        <small class="number">{time(entry.at)}</small>
        <b>{shortType(entry.event["detail-type"])}</b> {order}
      </button>
    </li>
  );
}

export const speedText = (language: Parameters<typeof number>[0], speed: number) =>
  `${number(language, speed)}×`;
