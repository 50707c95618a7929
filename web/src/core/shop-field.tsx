// Field for the id of a shop, shown if the address of the page names none.

/** `help` is shown below the field, and by a browser that refuses the id. */
export function ShopField({ label, help }: { label: string; help?: string }) {
  return (
    <>
      <label class="stack">
        {label}
        <input
          name="shop"
          required
          pattern="[A-Za-z0-9_\-]{1,40}"
          title={help}
          aria-describedby={help && "shop-help"}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
        />
      </label>
      {help && (
        <p id="shop-help" class="muted">
          {help}
        </p>
      )}
    </>
  );
}

/** Writes the shop of a submitted form into the fragment of the address. */
export function goToShop(event: Event): void {
  event.preventDefault();
  const shop = new FormData(event.currentTarget as HTMLFormElement).get("shop");
  location.hash = `e=${encodeURIComponent(String(shop).trim())}`;
}
