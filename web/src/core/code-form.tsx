// The form for the short code that a display shows.
import type { ComponentChildren } from "preact";
import { cleanCode, isShortCode } from "./code.ts";
import { useSignal } from "./signal.ts";
import { Button } from "./views.tsx";

type CodeFormProps = {
  texts: { typed: string; sixCharacters: string; go: string };
  /** Fields above the one for the code. */
  children?: ComponentChildren;
  onSubmit: (code: string, fields: FormData) => void;
};

export function CodeForm({ texts, children, onSubmit }: CodeFormProps) {
  const wrong = useSignal(false);
  const submit = (event: Event) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const code = cleanCode(String(data.get("code")));
    wrong.value = !isShortCode(code);
    if (!wrong.value) onSubmit(code, data);
  };
  return (
    <form class="stack" onSubmit={submit}>
      {children}
      <label class="stack">
        {texts.typed}
        <input
          class="code"
          name="code"
          required
          maxLength={12}
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          aria-invalid={wrong.value}
          aria-describedby="six"
        />
      </label>
      <p id="six" class={wrong.value ? "late" : "muted"} role={wrong.value ? "alert" : undefined}>
        {texts.sixCharacters}
      </p>
      <Button kind="main" type="submit">
        {texts.go}
      </Button>
    </form>
  );
}
