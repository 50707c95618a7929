// Edits of the settings: which fields changed, and whether a later edit touched the same ones.
import type { Answer, Api } from "../core/api.ts";
import type { Menu, SettingsEdit, Shop } from "../core/types.ts";

const text = (value: unknown): string => JSON.stringify(value) ?? "";
const withoutAvailability = (menu: Menu | undefined) => menu?.map(({ available: _, ...item }) => item);

/** The fields of a draft that differ from the shop's. */
export function changes(shop: Shop, draft: SettingsEdit): SettingsEdit {
  const fields = Object.entries(draft).filter(
    ([name, value]) => text(value) !== text(shop[name as keyof Shop]),
  );
  return Object.fromEntries(fields) as SettingsEdit;
}

/** A field as text, to be compared. Availability of drinks does not count. */
const compared = (from: SettingsEdit, name: keyof SettingsEdit): string =>
  text(name === "menu" ? withoutAvailability(from.menu) : from[name]);

/**
 * True if a field of the edit was changed since `base`, to another value than that of the edit. It
 * has the value of the edit if the answer to an earlier attempt was lost.
 */
export function conflicts(base: Shop, latest: Shop, edit: SettingsEdit): boolean {
  return (Object.keys(edit) as (keyof SettingsEdit)[]).some((name) => {
    const now = compared(latest, name);
    return now !== compared(base, name) && now !== compared(edit, name);
  });
}

export type Versioned = { shop: Shop; etag: string };
export type Saved = Answer<Shop> & { conflict?: Versioned };

const query = (eventId: string) => ({ eventId });

export async function readShop(api: Api, eventId: string): Promise<Answer<Shop>> {
  return api.call<Shop>("GET", "config", { query: query(eventId), anonymous: true });
}

const TRIES = 4;
/** Milliseconds for which `GET /config` may lag behind an edit. */
const LAG = 1500;
const pause = () => new Promise((done) => setTimeout(done, LAG));

/**
 * Saves an edit of `base`. A later edit of other fields is kept, one of the same is a conflict.
 * Returns the failure `version_mismatch` after four attempts.
 */
export async function save(
  api: Api,
  base: Versioned,
  build: (latest: Shop) => SettingsEdit,
  wait: () => Promise<unknown> = pause,
): Promise<Saved> {
  let latest = base;
  for (let tries = 1; ; tries++) {
    const edit = build(latest.shop);
    const options = { query: query(base.shop.eventId), headers: { "if-match": latest.etag }, body: edit };
    const answer = await api.call<Shop>("PUT", "config", options);
    if (answer.ok || answer.failure.code !== "version_mismatch" || tries === TRIES) return answer;
    if (tries > 1) await wait();
    const read = await readShop(api, base.shop.eventId);
    if (!read.ok) return read;
    latest = { shop: read.body, etag: read.etag ?? latest.etag };
    if (conflicts(base.shop, latest.shop, edit)) return { ...answer, conflict: latest };
  }
}
