// Values that the views of `more` use.
import type { Answer, Api, Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { paint } from "../core/paint.ts";
import type { Session } from "../core/session.ts";
import { shared } from "../core/shared.ts";
import type { Signal } from "../core/signal.ts";
import { problemText } from "../core/staff-texts.ts";
import type { Shop } from "../core/types.ts";
import { Notice } from "../core/views.tsx";
import { type Messages, messages } from "./texts.ts";

export type Staff = { api: Api; session: Session; eventId: string; shop: Signal<Shop | undefined> };

export const { give: giveStaff, use: useStaff } = shared<Staff>();

/** Takes the settings from an answer, unless a later edit is known. */
export function takeShop({ shop }: Staff, answer: Answer<Shop>): void {
  if (!answer.ok || answer.body.version < (shop.value?.version ?? 0)) return;
  shop.value = answer.body;
  paint(answer.body);
}

export const useTexts = (): Messages => messages[usePage().language.value];

export function Failed({ failure }: { failure: Failure | undefined }) {
  const texts = useTexts();
  const { language } = usePage();
  if (!failure) return null;
  const own = { forbidden: texts.noRole, ...texts.problem };
  return <Notice kind="error">{problemText(language.value, failure.code, own)}</Notice>;
}
