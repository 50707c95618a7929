// View of a page for a person who is not signed in. The sign-in form is on the index page.
import { type Address, signInAddress } from "./address.ts";
import { usePage } from "./app.tsx";
import type { Session } from "./session.ts";
import { staffTexts } from "./staff-texts.ts";
import { coreTexts } from "./texts.ts";
import { Button, Notice } from "./views.tsx";

export function SignedOut({ session, address = usePage().address }: { session: Session; address?: Address }) {
  const { language } = usePage();
  const texts = coreTexts[language.value];
  const { problem, signedOut } = staffTexts[language.value];
  const state = session.state.value;
  if (state.kind !== "signedOut") return null;
  const { why } = state;
  if (why === "offline") {
    return (
      <Notice kind="error">
        <p>{problem.offline}</p>
        <Button onClick={() => session.start()}>{texts.tryAgain}</Button>
      </Notice>
    );
  }
  return (
    <>
      {why && <Notice kind="warning">{signedOut[why]}</Notice>}
      <a class="button main" href={signInAddress(address)}>
        {texts.signIn}
      </a>
    </>
  );
}
