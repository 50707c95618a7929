// The menu editor, with a preview of what customers see.
import { usePage } from "../core/app.tsx";
import { languageNames, named } from "../core/i18n.ts";
import { useSignal } from "../core/signal.ts";
import type { Menu } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { SaveLine, TextField, useEditing, useTexts } from "./context.tsx";
import {
  type ItemDraft,
  itemAtFault,
  type MenuDraft,
  type ModifierDraft,
  menuKind,
  menuOf,
  moved,
  type NameDraft,
  newItem,
  newModifier,
  newName,
  replace,
  without,
} from "./menu-draft.ts";
import type { Versioned } from "./settings.ts";

export function MenuEditor({ base }: { base: Versioned }) {
  const texts = useTexts();
  const editing = useEditing(base, {
    view: "menu",
    ...menuKind,
    edit: (menu, latest) => ({ menu: menuOf(menu, latest.menu) }),
  });
  const { draft } = editing;
  const submit = (event: Event) => {
    event.preventDefault();
    void editing.submit(editing.based.value);
  };
  const menu = menuOf(draft.value, editing.based.value.shop.menu);
  const fault = itemAtFault(editing.state.value.failure?.problem?.field);
  const atFault = fault === undefined ? undefined : draft.value[fault];
  const set = (next: MenuDraft) => {
    draft.value = next;
  };
  return (
    <div class="columns">
      <form class="stack" onSubmit={submit} noValidate={false}>
        <h2>{texts.menu}</h2>
        <p class="muted">{texts.menuHelp}</p>
        <ol class="stack">
          {draft.value.map((item) => (
            <Item key={item.id} item={item} list={draft.value} faulty={item === atFault} onList={set} />
          ))}
        </ol>
        <Button onClick={() => set([...draft.value, newItem()])}>+ {texts.addDrink}</Button>
        <SaveLine editing={editing}>
          {atFault && <p>{texts.at(atFault.name || `${(fault ?? 0) + 1}`)}</p>}
        </SaveLine>
      </form>
      <Preview menu={menu} />
    </div>
  );
}

type ItemProps = { item: ItemDraft; list: MenuDraft; faulty: boolean; onList: (list: MenuDraft) => void };

function Item({ item, list, faulty, onList }: ItemProps) {
  const texts = useTexts();
  const opened = useSignal(item.name === "");
  const set = (change: Partial<ItemDraft>) => onList(replace(list, { ...item, ...change }));
  const { modifiers } = item;
  return (
    <li class={`card ${faulty ? "faulty" : ""}`}>
      <details
        open={opened.value || faulty}
        onToggle={(event) => {
          opened.value = event.currentTarget.open;
        }}
      >
        <summary>
          {item.name || texts.unnamed}{" "}
          {modifiers.length > 0 && <span class="muted">({texts.choicesOf(modifiers.length)})</span>}
        </summary>
        {/* A closed part has no fields: those of a whole menu would block a slow tablet. */}
        {(opened.value || faulty) && (
          <div class="stack">
            <NameFields part={item} onPart={set} />
            <TextField
              label={texts.icon}
              value={item.icon}
              maxLength={60}
              onValue={(icon) => set({ icon })}
            />
            {modifiers.map((modifier) => (
              <Choice
                key={modifier.id}
                modifier={modifier}
                list={modifiers}
                onList={(next) => set({ modifiers: next })}
              />
            ))}
            <Button onClick={() => set({ modifiers: [...modifiers, newModifier()] })}>
              + {texts.addChoice}
            </Button>
          </div>
        )}
      </details>
      <Order part={item} list={list} onList={onList} />
    </li>
  );
}

type Parts<T> = { part: T; list: readonly T[]; onList: (list: T[]) => void };

/** Buttons that move or remove a part. */
function Order<T extends NameDraft>({ part, list, onList }: Parts<T>) {
  const texts = useTexts();
  const name = part.name || texts.unnamed;
  const at = list.indexOf(part);
  const move = (by: -1 | 1) => () => onList(moved(list, part.id, by));
  return (
    <div class="row">
      <Button aria-label={texts.up(name)} disabled={at === 0} onClick={move(-1)}>
        ↑
      </Button>
      <Button aria-label={texts.down(name)} disabled={at === list.length - 1} onClick={move(1)}>
        ↓
      </Button>
      <Button kind="quiet" aria-label={texts.remove(name)} onClick={() => onList(without(list, part.id))}>
        ✕
      </Button>
    </div>
  );
}

function NameFields(props: {
  part: NameDraft;
  label?: string;
  onPart: (change: Partial<NameDraft>) => void;
}) {
  const texts = useTexts();
  const { part, label, onPart } = props;
  return (
    <div class="fields">
      <TextField
        label={label ?? texts.name}
        value={part.name}
        required
        maxLength={60}
        onValue={(name) => onPart({ name })}
      />
      <TextField
        label={texts.nameIn(languageNames.es)}
        value={part.es}
        maxLength={60}
        onValue={(es) => onPart({ es })}
      />
      <TextField
        label={texts.nameIn(languageNames["pt-BR"])}
        value={part.pt}
        maxLength={60}
        onValue={(pt) => onPart({ pt })}
      />
    </div>
  );
}

type ChoiceProps = {
  modifier: ModifierDraft;
  list: ModifierDraft[];
  onList: (list: ModifierDraft[]) => void;
};

function Choice({ modifier, list, onList }: ChoiceProps) {
  const texts = useTexts();
  const { options } = modifier;
  const set = (change: Partial<ModifierDraft>) => onList(replace(list, { ...modifier, ...change }));
  return (
    <fieldset class="stack choice">
      <legend>{texts.choice}</legend>
      <NameFields part={modifier} onPart={set} />
      <Order part={modifier} list={list} onList={onList} />
      {options.map((option) => (
        <div key={option.id} class="stack option">
          <NameFields
            part={option}
            label={texts.option}
            onPart={(change) => set({ options: replace(options, { ...option, ...change }) })}
          />
          <Order part={option} list={options} onList={(next) => set({ options: next })} />
        </div>
      ))}
      <Button onClick={() => set({ options: [...options, newName()] })}>+ {texts.addOption}</Button>
    </fieldset>
  );
}

/** The menu in the language of the page. */
function Preview({ menu }: { menu: Menu }) {
  const texts = useTexts();
  const { language } = usePage();
  const name = (fallback: string, names: Menu[number]["names"]) =>
    named(language.value, names, fallback) || texts.unnamed;
  return (
    <section class="stack preview" aria-labelledby="preview-title">
      <h2 id="preview-title">{texts.preview}</h2>
      <ul class="stack">
        {menu.map((item, at) => (
          <li key={`${at} ${item.drink}`} class="card">
            <strong>{name(item.drink, item.names)}</strong>
            {item.available === false && <span class="late"> ({texts.soldOut})</span>}
            {item.modifiers?.map((modifier, index) => (
              <p key={`${index} ${modifier.name}`} class="muted">
                {name(modifier.name, modifier.names)}:{" "}
                {modifier.options.map((option) => name(option, modifier.optionNames?.[option])).join(", ")}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
