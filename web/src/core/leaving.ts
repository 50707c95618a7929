// Data that the index page keeps while the browser is at the issuer's page.
import type { Storage } from "./storage.ts";

export type Pending = { state: string; verifier: string; hash: string };
export const PENDING = "signing-in";

/** After the return from the issuer: the fragment as it was, so that shop and code survive. */
export function restoreFragment(storage: Storage): void {
  const { hash } = storage.read<Pending>(PENDING) ?? {};
  const returned = new URLSearchParams(location.search).has("state");
  if (returned && hash && !location.hash) history.replaceState(null, "", location.search + hash);
}
