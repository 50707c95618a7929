// Sold-out switches.
import { useSignal } from "@preact/signals";
import { usePage } from "../core/app.tsx";
import { named } from "../core/i18n.ts";
import type { MenuItem } from "../core/types.ts";
import { Button, Notice } from "../core/views.tsx";
import type { Note } from "./bench.ts";
import { noteText } from "./card.tsx";
import { useDesk, useTexts, useTime } from "./context.ts";

export function Failed({ code }: { code: Note["code"] | undefined }) {
  const texts = useTexts();
  const time = useTime();
  const { language } = usePage();
  return code ? <Notice kind="error">{noteText(texts, language.value, time, { code })}</Notice> : null;
}

export function MenuPanel() {
  const texts = useTexts();
  const { bar } = useDesk();
  return (
    <section class="stack" aria-labelledby="menu-title">
      <h2 id="menu-title">{texts.menu}</h2>
      <p>{texts.menuHelp}</p>
      <ul class="stack">
        {bar.shop.value?.menu.map((item) => (
          <Switch key={item.drink} item={item} />
        ))}
      </ul>
    </section>
  );
}

function Switch({ item }: { item: MenuItem }) {
  const texts = useTexts();
  const { bar } = useDesk();
  const { language } = usePage();
  const busy = useSignal(false);
  const failed = useSignal<Note["code"] | undefined>(undefined);
  const available = item.available !== false;
  const toggle = async () => {
    busy.value = true;
    const answer = await bar.setAvailable(item.drink, !available);
    failed.value = answer.ok ? undefined : answer.failure.code;
    busy.value = false;
  };
  return (
    <li class="card stack">
      <div class="row spread">
        <strong>{named(language.value, item.names, item.drink)}</strong>
        <Button
          busy={busy.value}
          role="switch"
          aria-checked={available}
          aria-label={item.drink}
          onClick={toggle}
        >
          {available ? `✓ ${texts.available}` : `✕ ${texts.soldOut}`}
        </Button>
      </div>
      <Failed code={failed.value} />
    </li>
  );
}
