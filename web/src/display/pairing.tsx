// Views of a screen that may not read the board yet: a form for the shop, and the pairing code.
import { usePage } from "../core/app.tsx";
import { countdown } from "../core/i18n.ts";
import { goToShop, ShopField } from "../core/shop-field.tsx";
import { problemText } from "../core/staff-texts.ts";
import { LanguagePicker, Notice } from "../core/views.tsx";
import type { AccessState } from "./access.ts";
import { useNow, useStage, useTexts } from "./context.ts";
import { secondsUntil, spaced } from "./model.ts";
import { messages } from "./texts.ts";

export function PairingView({ state }: { state: AccessState & { kind: "pairing" } }) {
  const texts = useTexts();
  const { language } = usePage();
  const now = useNow();
  const { wake } = useStage();
  const failure = state.failure;
  return (
    <div class="pairing stack">
      {state.ended && <Notice kind="warning">{texts.ended}</Notice>}
      <h2>{texts.pair}</h2>
      {state.code && state.expiresAt ? (
        <>
          <p>{texts.pairHow}</p>
          <p class="pairing-code" data-pairing={state.code}>
            {spaced(state.code)}
          </p>
          <p class="small number">{texts.pairUntil(countdown(secondsUntil(state.expiresAt, now)))}</p>
        </>
      ) : (
        <p>{failure ? problemText(language.value, failure.code) : texts.pairStart}</p>
      )}
      {!wake.supported && <p class="small">{texts.noWake}</p>}
    </div>
  );
}

export function ShopForm() {
  const texts = messages[usePage().language.value];
  return (
    <main class="shop stack">
      <div class="row spread">
        <h1>{texts.whichShop}</h1>
        <LanguagePicker />
      </div>
      <form class="stack" onSubmit={goToShop}>
        <ShopField label={texts.shopId} />
        <button type="submit" class="main">
          {texts.go}
        </button>
      </form>
    </main>
  );
}
