// The shop's own logo.
import { usePage } from "./app.tsx";
import type { Shop } from "./types.ts";

/** The shop's logo. Caches keep it for a minute; a page that sees another hash asks again. */
export function Logo({ shop }: { shop: Pick<Shop, "eventId" | "logo"> }) {
  const { base } = usePage().address;
  if (!shop.logo) return null;
  return (
    <img
      class="logo"
      src={`${base}logo?eventId=${encodeURIComponent(shop.eventId)}`}
      alt=""
      key={shop.logo}
    />
  );
}
