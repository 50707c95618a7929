import { usePage } from "./app.tsx";
import type { Shop } from "./types.ts";

/** The shop's logo. Another hash (`shop.logo`) makes another image element. */
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
