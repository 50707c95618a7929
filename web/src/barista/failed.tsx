// Notice about a command that failed.
import { usePage } from "../core/app.tsx";
import { Notice } from "../core/views.tsx";
import type { Note } from "./bench.ts";
import { noteText } from "./card.tsx";
import { useTexts, useTime } from "./context.ts";

export function Failed({ code }: { code: Note["code"] | undefined }) {
  const texts = useTexts();
  const time = useTime();
  const { language } = usePage();
  return code ? <Notice kind="error">{noteText(texts, language.value, time, { code })}</Notice> : null;
}
