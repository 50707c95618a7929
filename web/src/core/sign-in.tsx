// The sign-in form: code by e-mail, password, new account, or a link to the issuer's own page.
import { usePage } from "./app.tsx";
import type { FlowState, SignInFlow } from "./sign-in-flow.ts";
import { signInTexts } from "./sign-in-texts.ts";
import { type Signal, useSignal } from "./signal.ts";
import type { SignIn } from "./types.ts";
import { Button, Notice } from "./views.tsx";

type Sent = FlowState & { kind: "codeSent" };
const useTexts = () => signInTexts[usePage().language.value];

export function SignInForm({ flow }: { flow: SignInFlow }) {
  const texts = useTexts();
  const state = flow.state.value;
  if (state.kind === "loading") return null;
  return (
    <section class="stack" aria-label={texts.title}>
      <h2>{texts.title}</h2>
      {state.why && <Notice kind="warning">{texts.why[state.why]}</Notice>}
      {state.kind === "codeSent" && <CodeForm flow={flow} state={state} />}
      {state.kind === "newPassword" && <NewPasswordForm flow={flow} />}
      {state.kind === "form" && <Start flow={flow} issuer={state.issuer} />}
    </section>
  );
}

function Start({ flow, issuer }: { flow: SignInFlow; issuer: SignIn | undefined }) {
  const texts = useTexts();
  const busy = useSignal(false);
  if (issuer?.kind === "local") return <p>{texts.localOnly}</p>;
  if (issuer?.kind === "none") return <p>{texts.none}</p>;
  if (issuer?.kind !== "oidc") return <Account flow={flow} issuer={issuer} />;
  if (!issuer.authorizationEndpoint || !issuer.tokenEndpoint) return <p>{texts.incomplete}</p>;
  if (!isSecureContext) return <p>{texts.insecure}</p>;
  return (
    <Button kind="main" busy={busy.value} onClick={() => whileBusy(busy, () => flow.begin())}>
      {texts.leave}
    </Button>
  );
}

async function whileBusy(busy: Signal<boolean>, run: () => Promise<void>): Promise<void> {
  busy.value = true;
  await run();
  busy.value = false;
}

type Way = "code" | "password" | "signUp";

/** Form for the e-mail address, with the choice of a code, a password or a new account. */
function Account({ flow, issuer }: { flow: SignInFlow; issuer: SignIn | undefined }) {
  const texts = useTexts();
  const customer = usePage().address.params["sign-in"] === "order";
  const busy = useSignal(false);
  const way = useSignal<Way>("code");
  const [email, password] = [useSignal(""), useSignal("")];
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    const name = email.value.trim();
    const runs = {
      code: () => flow.begin(name),
      signUp: () => flow.signUp(name),
      password: () => flow.password(name, password.value),
    };
    void whileBusy(busy, runs[way.value]);
  };
  const other = (next: Way) => (
    <Button key={next} kind="quiet" onClick={() => (way.value = next)}>
      {texts.ways[next]}
    </Button>
  );
  return (
    <>
      <form class="stack" onSubmit={submit}>
        <Field label={texts.email} value={email} type="email" autocomplete="username" />
        {way.value === "password" && (
          <Field label={texts.password} value={password} type="password" autocomplete="current-password" />
        )}
        <Button kind="main" type="submit" busy={busy.value}>
          {texts.submit[way.value]}
        </Button>
      </form>
      <div class="row">
        {way.value !== "code" && other("code")}
        {way.value !== "password" && isSecureContext && other("password")}
        {way.value !== "signUp" && customer && issuer?.selfSignUp && other("signUp")}
      </div>
      {customer && issuer && !issuer.selfSignUp && <Notice>{texts.atCounter}</Notice>}
    </>
  );
}

type FieldProps = {
  label: string;
  value: Signal<string>;
  type: string;
  autocomplete: string;
  focus?: boolean;
};

function Field({ label, value, focus, ...rest }: FieldProps) {
  return (
    <label class="stack">
      {label}
      <input
        required
        {...(rest as { type: "password" })}
        {...(focus ? { ref: (input: HTMLInputElement | null) => input?.focus() } : {})}
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
    </label>
  );
}

function CodeForm({ flow, state }: { flow: SignInFlow; state: Sent }) {
  const texts = useTexts();
  const busy = useSignal(false);
  const code = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy.value) void whileBusy(busy, () => flow.answer(code.value));
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

/** Shown after the first sign-in with a password that an admin has chosen. */
function NewPasswordForm({ flow }: { flow: SignInFlow }) {
  const texts = useTexts();
  const busy = useSignal(false);
  const password = useSignal("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy.value) void whileBusy(busy, () => flow.newPassword(password.value));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <p>{texts.chooseOwn}</p>
      <Field label={texts.newPassword} value={password} type="password" autocomplete="new-password" focus />
      <Button kind="main" type="submit" busy={busy.value}>
        {texts.keepPassword}
      </Button>
    </form>
  );
}
