// Age of the data that a page shows, in words.
import { clockTime, type Language } from "./i18n.ts";
import type { CoreTexts } from "./texts.ts";

export type Freshness = {
  /**
   * `starting`: nothing was read yet. `live`: the socket is open. `fresh`: the last read succeeded.
   * `late`: the last answer was a failure. `offline`: there was no answer.
   */
  kind: "starting" | "live" | "fresh" | "late" | "offline";
  everySeconds: number;
  /** Server's time of the last good answer. */
  at?: number | undefined;
};

export function freshnessText(texts: CoreTexts, freshness: Freshness, language: Language): string {
  const { kind, everySeconds, at } = freshness;
  if (kind === "live") return texts.live;
  if (kind === "fresh") return texts.fresh(everySeconds);
  if (at === undefined) return kind === "starting" ? texts.starting : texts.neverOnline;
  const time = clockTime(language, at);
  return kind === "offline" ? texts.offlineSince(time) : texts.lateSince(time);
}
