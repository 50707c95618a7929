// The numbers in the queue, claimed or not, and those that are ready.
import type { RefObject } from "preact";
import { usePage } from "../core/app.tsx";
import { useEffect, useRef } from "../core/hooks.ts";
import { clockTime, named } from "../core/i18n.ts";
import * as icons from "../core/icons.ts";
import { useSignal } from "../core/signal.ts";
import { Icon } from "../core/views.tsx";
import { useNow, useStage, useTexts } from "./context.ts";
import { callKey, type Entry, isStale, lists, pageOf } from "./model.ts";

type Room = { rows: number; columns: number };

/** Rows and columns for which the list has room, from the tracks of its grid. */
function useRoom(list: RefObject<HTMLElement | null>): Room {
  const room = useSignal<Room>({ rows: 1, columns: 1 });
  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const measure = () => {
      const { gridTemplateColumns, gridAutoRows, rowGap } = getComputedStyle(element);
      const gap = Number.parseFloat(rowGap) || 0;
      const row = Number.parseFloat(gridAutoRows) || 1;
      const rows = Math.max(1, Math.floor((element.clientHeight + gap) / (row + gap)));
      room.value = { rows, columns: gridTemplateColumns.split(" ").length };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return room.value;
}

export function Lists() {
  const texts = useTexts();
  const { language } = usePage();
  const { screen, clear } = useStage();
  const board = screen.board.value;
  const now = useNow();
  const freshness = screen.poller.freshness.value;
  if (!board) return <div class="lists" />;
  if (isStale(freshness, now)) {
    return (
      <section class="lists stale">
        <h2>{texts.stale(clockTime(language.value, freshness.at ?? now))}</h2>
        <p>{texts.staleText}</p>
      </section>
    );
  }
  const called = new Set(screen.called.value.keys());
  const { making, ready } = lists(board, clear, called, now);
  return (
    <div class="lists">
      <List kind="making" title={texts.making} none={texts.noneMaking} entries={making} />
      <List kind="ready" title={texts.ready} none={texts.noneReady} entries={ready} />
    </div>
  );
}

type ListProps = { kind: "making" | "ready"; title: string; none: string; entries: Entry[] };

function List({ kind, title, none, entries }: ListProps) {
  const texts = useTexts();
  const { screen } = useStage();
  const now = useNow();
  const list = useRef<HTMLOListElement | null>(null);
  const { rows, columns } = useRoom(list);
  const called = screen.called.value;
  const news = kind === "ready" ? entries.filter((entry) => called.has(callKey(entry))) : [];
  // Highlighted numbers have a row each, as long as they fill at most half of the rows.
  const wide = news.length <= rows / 2 ? news.length : 0;
  const capacity = rows * columns - wide * (columns - 1);
  const { shown, page, pages } = pageOf(entries, capacity, now, news.length > 0);
  return (
    <section class={kind} data-page={page} data-pages={pages}>
      <div class="heading">
        <h2>{title}</h2>
        {pages > 1 && <p class="small">{texts.pageOf(page, pages)}</p>}
      </div>
      <ol ref={list}>
        {shown.map((entry) => (
          <Call key={entry.number} entry={entry} called={news.includes(entry)} wide={wide > 0} />
        ))}
      </ol>
      {entries.length === 0 && <p class="none">{none}</p>}
    </section>
  );
}

function Call({ entry, called, wide }: { entry: Entry; called: boolean; wide: boolean }) {
  const texts = useTexts();
  const drink = useDrink();
  return (
    <li
      class={called ? (wide ? "called wide" : "called") : ""}
      style={{ "--digits": String(entry.number).length }}
      data-number={entry.number}
    >
      <b class="number">{entry.number}</b>
      {called && (
        <span class="mark">
          <Icon path={icons.bell} /> {entry.calledAt ? texts.isCalled : texts.isNew}
        </span>
      )}
      <span class="drink">{drink(entry.drink)}</span>
    </li>
  );
}

/** Name of a drink in the language of the screen. */
export function useDrink(): (drink: string) => string {
  const { language } = usePage();
  const menu = useStage().screen.settings.value?.menu;
  return (drink) => named(language.value, menu?.find((item) => item.drink === drink)?.names, drink);
}
