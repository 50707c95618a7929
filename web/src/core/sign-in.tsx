// The form with which an account signs in: code by e-mail, or the issuer's own page.
import { usePage } from "./app.tsx";
import type { FlowState, SignInFlow } from "./sign-in-flow.ts";
import { signInTexts } from "./sign-in-texts.ts";
import { useSignal } from "./signal.ts";
import { Button, Notice } from "./views.tsx";

type Form = FlowState & { kind: "form" };
type Sent = FlowState & { kind: "codeSent" };

export function SignInForm({ flow }: { flow: SignInFlow }) {
  const texts = signInTexts[usePage().language.value];
  const state = flow.state.value;
  if (state.kind === "loading") return null;
  return (
    <section class="stack" aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {state.why && <Notice kind="warning">{texts.why[state.why]}</Notice>}
      {state.kind === "codeSent" ? (
        <CodeForm flow={flow} state={state} />
      ) : (
        <Start flow={flow} state={state} />
      )}
    </section>
  );
}

function Start({ flow, state }: { flow: SignInFlow; state: Form }) {
  const texts = signInTexts[usePage().language.value];
  const busy = useSignal(false);
  const email = useSignal("");
  const { issuer } = state;
  const begin = async () => {
    busy.value = true;
    await flow.begin(email.value.trim());
    busy.value = false;
  };
  if (issuer?.kind === "local") return <p>{texts.localOnly}</p>;
  if (issuer?.kind === "none") return <p>{texts.none}</p>;
  if (issuer?.kind === "oidc") {
    if (!issuer.authorizationEndpoint || !issuer.tokenEndpoint) return <p>{texts.incomplete}</p>;
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

function CodeForm({ flow, state }: { flow: SignInFlow; state: Sent }) {
  const texts = signInTexts[usePage().language.value];
  const busy = useSignal(false);
  const code = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    await flow.answer(code.value);
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
      <Button kind="quiet" onClick={flow.back}>
        {texts.back}
      </Button>
    </form>
  );
}
