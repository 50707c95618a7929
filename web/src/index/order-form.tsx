// Form for an order without a scanned address: the person types shop and code.
import { pageAddress } from "../core/address.ts";
import type { Api } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { CodeForm } from "../core/code-form.tsx";
import { ShopField } from "../core/shop-field.tsx";
import { LanguagePicker } from "../core/views.tsx";
import { findShop } from "./find-shop.ts";
import { messages } from "./texts.ts";

export function OrderForm({ api }: { api: Api }) {
  const { address, language } = usePage();
  const texts = messages[language.value].typing;
  document.title = texts.title;
  const submit = async (t: string, fields: FormData) => {
    const e = await findShop(api, String(fields.get("shop")).trim());
    location.assign(pageAddress(address.base, "order", { e, t }));
  };
  return (
    <main>
      <div class="row spread">
        <h1>{texts.title}</h1>
        <LanguagePicker />
      </div>
      <p>{texts.scan}</p>
      <CodeForm texts={texts} onSubmit={submit}>
        <ShopField label={messages[language.value].shopId} help={texts.shopHelp} />
      </CodeForm>
    </main>
  );
}
