// Finds a shop by the id that a person typed. Ids are case-sensitive, so the id in upper case and
// the id in lower case are tried, too.
import type { Api } from "../core/api.ts";
import type { Shop } from "../core/types.ts";

/** The id as the bar has it; as it was typed if the bar does not know it. */
export async function findShop(api: Api, typed: string): Promise<string> {
  for (const eventId of new Set([typed, typed.toUpperCase(), typed.toLowerCase()])) {
    const answer = await api.call<Shop>("GET", "config", { query: { eventId }, anonymous: true });
    // Every id has settings. Version 0 means that the shop was never opened or edited.
    if (answer.ok && answer.body.version > 0) return eventId;
  }
  return typed;
}
