// The shop whose id a person typed: ids tell capitals from small letters, people do not.
import type { Api } from "../core/api.ts";
import type { Shop } from "../core/types.ts";

/** The id as the bar has it; as it was typed if the bar does not know it. */
export async function findShop(api: Api, typed: string): Promise<string> {
  for (const eventId of new Set([typed, typed.toUpperCase(), typed.toLowerCase()])) {
    const answer = await api.call<Shop>("GET", "config", { query: { eventId }, anonymous: true });
    // Each id has settings; nobody has edited those of a shop that was never opened.
    if (answer.ok && answer.body.version > 0) return eventId;
  }
  return typed;
}
