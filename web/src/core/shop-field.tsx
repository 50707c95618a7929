// Field for the id of a shop, for an address that names none.

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

/** Moves the page to the shop of a submitted form. */
export function goToShop(event: Event): void {
  event.preventDefault();
  const shop = new FormData(event.currentTarget as HTMLFormElement).get("shop");
  location.hash = `e=${encodeURIComponent(String(shop).trim())}`;
}
