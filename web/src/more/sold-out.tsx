// One sold-out switch per drink. A switch shows the state in the last answer of the bar.
import type { Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { named } from "../core/i18n.ts";
import { useSignal } from "../core/signal.ts";
import type { MenuItem, Shop } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { Failed, takeShop, useStaff, useTexts } from "./context.tsx";

export function SoldOut() {
  const texts = useTexts();
  const { shop } = useStaff();
  return (
    <div class="stack">
      <h2>{texts.soldOut}</h2>
      <p>{texts.menuHelp}</p>
      <ul class="stack">
        {shop.value?.menu.map((item) => (
          <Switch key={item.drink} item={item} />
        ))}
      </ul>
    </div>
  );
}

function Switch({ item }: { item: MenuItem }) {
  const texts = useTexts();
  const staff = useStaff();
  const { language } = usePage();
  const busy = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const available = item.available !== false;
  const name = named(language.value, item.names, item.drink);
  const toggle = async () => {
    busy.value = true;
    const path = `menu/${encodeURIComponent(item.drink)}/availability`;
    const options = { query: { eventId: staff.eventId }, body: { available: !available } };
    const answer = await staff.api.call<Shop>("PUT", path, options);
    takeShop(staff, answer);
    failure.value = answer.ok ? undefined : answer.failure;
    busy.value = false;
  };
  return (
    <li class="card stack">
      <div class="row spread">
        <strong>{name}</strong>
        <Button busy={busy.value} role="switch" aria-checked={available} aria-label={name} onClick={toggle}>
          {available ? `✓ ${texts.available}` : `✕ ${texts.off}`}
        </Button>
      </div>
      <Failed failure={failure.value} />
    </li>
  );
}
