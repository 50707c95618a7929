// Age of the data that a page shows, in words.
import { clockTime, type Language } from "./i18n.ts";
import type { CoreTexts } from "./texts.ts";

export type Freshness = {
  /**
   * `starting`: nothing was read yet. `live`: the last read succeeded, and the socket is open.
   * `fresh`: the last read succeeded, without a socket. `late`: the answer to the last read was a
   * failure. `offline`: the last read had no answer.
   */
  kind: "starting" | "live" | "fresh" | "late" | "offline";
  everySeconds: number;
  /** Server's time at which the data was last known to be fresh. */
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
