// The form with which an account signs in: code by e-mail, or the issuer's own page.
import { useSignal } from "@preact/signals";
import { usePage } from "./app.tsx";
import type { Session, SessionState } from "./session.ts";
import { signInTexts } from "./sign-in-texts.ts";
import { Button, Notice } from "./views.tsx";

type Out = SessionState & { kind: "signedOut" };
type Sent = SessionState & { kind: "codeSent" };

export function SignInForm({ session }: { session: Session }) {
  const texts = signInTexts[usePage().language.value];
  const state = session.state.value;
  if (state.kind !== "signedOut" && state.kind !== "codeSent") return null;
  return (
    <section class="stack" aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {state.why && <Notice kind="warning">{texts.why[state.why]}</Notice>}
      {state.kind === "codeSent" ? (
        <CodeForm session={session} state={state} />
      ) : (
        <Start session={session} state={state} />
      )}
    </section>
  );
}

function Start({ session, state }: { session: Session; state: Out }) {
  const texts = signInTexts[usePage().language.value];
  const busy = useSignal(false);
  const email = useSignal("");
  const { signIn } = state;
  const begin = async () => {
    busy.value = true;
    await session.begin(email.value.trim());
    busy.value = false;
  };
  if (signIn?.kind === "local") return <p>{texts.localOnly}</p>;
  if (signIn?.kind === "none") return <p>{texts.none}</p>;
  if (signIn?.kind === "oidc") {
    if (!signIn.authorizationEndpoint || !signIn.tokenEndpoint) return <p>{texts.incomplete}</p>;
    if (!isSecureContext) return <p>{texts.insecure}</p>;
    return (
      <Button kind="main" busy={busy.value} onClick={begin}>
        {texts.leave}
      </Button>
    );
  }
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy.value) void begin();
  };
  return (
    <form class="stack" onSubmit={submit}>
      <label class="stack">
        {texts.email}
        <input
          type="email"
          required
          autocomplete="email"
          value={email.value}
          onInput={(event) => {
            email.value = event.currentTarget.value;
          }}
        />
      </label>
      <Button kind="main" type="submit" busy={busy.value}>
        {texts.send}
      </Button>
    </form>
  );
}

function CodeForm({ session, state }: { session: Session; state: Sent }) {
  const texts = signInTexts[usePage().language.value];
  const busy = useSignal(false);
  const code = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    await session.answer(code.value);
    busy.value = false;
  };
  return (
    <form class="stack" onSubmit={submit}>
      <p>{texts.sent(state.challenge.destination)}</p>
      <label class="stack">
        {texts.code}
        <input
          required
          inputMode="numeric"
          autocomplete="one-time-code"
          ref={(input) => input?.focus()}
          value={code.value}
          onInput={(event) => {
            code.value = event.currentTarget.value;
          }}
        />
      </label>
      <Button kind="main" type="submit" busy={busy.value}>
        {texts.check}
      </Button>
      <Button kind="quiet" onClick={session.signOut}>
        {texts.back}
      </Button>
    </form>
  );
}
