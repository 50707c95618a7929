import { usePage } from "./app.tsx";
import type { Shop } from "./types.ts";

/** The shop's logo. Its hash is in the address, so that no cache answers with an earlier logo. */
export function Logo({ shop }: { shop: Pick<Shop, "eventId" | "logo"> }) {
  const { base } = usePage().address;
  if (!shop.logo) return null;
  return (
    <img
      class="logo"
      src={`${base}logo?eventId=${encodeURIComponent(shop.eventId)}&hash=${shop.logo}`}
      alt=""
    />
  );
}
