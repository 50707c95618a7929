// The shop's name, colours, limits, sign-in of customers, links and logo.
import { inkOn } from "../core/paint.ts";
import type { Signal } from "../core/signal.ts";
import type { Link, SettingsEdit, Shop } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { SaveLine, TextField, useEditing, useTexts } from "./context.tsx";
import { LogoForm } from "./logo.tsx";
import { changes, type Versioned } from "./settings.ts";

type Draft = Required<Omit<SettingsEdit, "menu">>;

const draftOf = (shop: Shop): Draft => ({
  name: shop.name,
  colours: shop.colours,
  drinksPerBarcode: shop.drinksPerBarcode,
  maxOrdersInQueue: shop.maxOrdersInQueue,
  maxOrdersPerUser: shop.maxOrdersPerUser,
  customerSignIn: shop.customerSignIn,
  links: shop.links,
});

export function SettingsForm({ base }: { base: Versioned }) {
  const texts = useTexts();
  const editing = useEditing<Draft>(base, {
    view: "settings",
    of: draftOf,
    changed: (draft, shop) => Object.keys(changes(shop, draft)).length > 0,
    edit: (draft, _, based) => changes(based, draft),
  });
  const { draft } = editing;
  const submit = (event: Event) => {
    event.preventDefault();
    if (editing.changed) void editing.submit(editing.based.value);
  };
  const set = (change: Partial<Draft>) => {
    draft.value = { ...draft.value, ...change };
  };
  return (
    <div class="stack">
      <h2>{texts.settings}</h2>
      <p>
        {texts.shopId} <b>{base.shop.eventId}</b>
      </p>
      <form class="stack" onSubmit={submit}>
        <TextField
          label={texts.shopName}
          value={draft.value.name}
          required
          maxLength={60}
          onValue={(name) => set({ name })}
        />
        <Colours draft={draft} set={set} />
        <Limits draft={draft} set={set} />
        <SignInChoice draft={draft} set={set} />
        <Links links={draft.value.links} onLinks={(links) => set({ links })} />
        <SaveLine editing={editing} />
      </form>
      <LogoForm />
    </div>
  );
}

type Part = { draft: Signal<Draft>; set: (change: Partial<Draft>) => void };

/** Colours with which a picker begins when the admin ticks an own colour. */
const OWN = { primary: "#0b6b43", accent: "#b26b00" };

function Colours({ draft, set }: Part) {
  const texts = useTexts();
  const { colours, name } = draft.value;
  const choose = (part: "primary" | "accent", value: string | undefined) => {
    const { primary, accent } = { ...colours, [part]: value } as { primary?: string; accent?: string };
    set({ colours: { ...(primary ? { primary } : {}), ...(accent ? { accent } : {}) } });
  };
  return (
    <fieldset class="stack">
      <legend>{texts.colours}</legend>
      {(["primary", "accent"] as const).map((part) => (
        <div key={part} class="row">
          <label class="row">
            <input
              type="checkbox"
              checked={!!colours[part]}
              onChange={(event) => choose(part, event.currentTarget.checked ? OWN[part] : undefined)}
            />
            {texts[part]}
          </label>
          {colours[part] && (
            <input
              type="color"
              aria-label={`${texts.ownColour}: ${texts[part]}`}
              value={colours[part]}
              onInput={(event) => choose(part, event.currentTarget.value)}
            />
          )}
          {colours[part] && (
            <span class="sample" style={{ background: colours[part], color: inkOn(colours[part]) }}>
              {name} · {texts.sample}
            </span>
          )}
        </div>
      ))}
    </fieldset>
  );
}

const LIMITS = { drinksPerBarcode: 1000, maxOrdersInQueue: 10000, maxOrdersPerUser: 100 } as const;

function Limits({ draft, set }: Part) {
  const texts = useTexts();
  return (
    <div class="fields">
      {(Object.keys(LIMITS) as (keyof typeof LIMITS)[]).map((limit) => (
        <TextField
          key={limit}
          label={texts[limit]}
          type="number"
          required
          min={1}
          max={LIMITS[limit]}
          value={draft.value[limit] ? String(draft.value[limit]) : ""}
          onValue={(value) => set({ [limit]: Number(value) } as Partial<Draft>)}
        />
      ))}
    </div>
  );
}

function SignInChoice({ draft, set }: Part) {
  const texts = useTexts();
  return (
    <fieldset class="row">
      <legend>{texts.customerSignIn}</legend>
      {(["guest", "account"] as const).map((kind) => (
        <label key={kind} class="row">
          <input
            type="radio"
            name="customerSignIn"
            checked={draft.value.customerSignIn === kind}
            onChange={() => set({ customerSignIn: kind })}
          />
          {texts.signIns[kind]}
        </label>
      ))}
    </fieldset>
  );
}

function Links({ links, onLinks }: { links: Link[]; onLinks: (links: Link[]) => void }) {
  const texts = useTexts();
  const set = (at: number, change: Partial<Link>) =>
    onLinks(links.map((link, index) => (index === at ? { ...link, ...change } : link)));
  return (
    <fieldset class="stack">
      <legend>{texts.links}</legend>
      <p class="muted">{texts.linksHelp}</p>
      {links.map((link, at) => (
        <div key={at} class="fields">
          <TextField
            label={texts.linkTitle}
            value={link.title}
            required
            maxLength={60}
            onValue={(title) => set(at, { title })}
          />
          <TextField
            label={texts.linkUrl}
            value={link.url}
            required
            maxLength={300}
            onValue={(url) => set(at, { url })}
          />
          <Button
            kind="quiet"
            aria-label={texts.remove(link.title || texts.unnamed)}
            onClick={() => onLinks(links.filter((_, index) => index !== at))}
          >
            ✕
          </Button>
        </div>
      ))}
      {links.length < 10 && (
        <Button onClick={() => onLinks([...links, { title: "", url: "" }])}>+ {texts.addLink}</Button>
      )}
    </fieldset>
  );
}
