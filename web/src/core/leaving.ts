// Data that the index page keeps while the browser is at the issuer's page.
import type { Storage } from "./storage.ts";

export type Pending = { state: string; verifier: string; hash: string };
export const PENDING = "signing-in";

/** Restores the fragment, with shop and code, after the return from the issuer. */
export function restoreFragment(storage: Storage): void {
  const { hash } = storage.read<Pending>(PENDING) ?? {};
  const returned = new URLSearchParams(location.search).has("state");
  if (returned && hash && !location.hash) history.replaceState(null, "", location.search + hash);
}
