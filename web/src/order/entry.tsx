// Views without an order: the code to scan or to type, a refusal, the request for an account.
import { signInAddress } from "../core/address.ts";
import { usePage } from "../core/app.tsx";
import { CodeForm } from "../core/code-form.tsx";
import { coreTexts } from "../core/texts.ts";
import { Button, Countdown, Notice, useSecond } from "../core/views.tsx";
import { useCustomer, useTexts } from "./context.ts";
import { History, Stored } from "./past.tsx";
import { repeats, type Step, stepOf } from "./problems.ts";
import { sentence } from "./texts.ts";
import type { View } from "./view.ts";

function Typing() {
  const { type } = useCustomer();
  return <CodeForm texts={useTexts()} onSubmit={type} />;
}

export function Entry() {
  const { flow } = useCustomer();
  const texts = useTexts();
  return (
    <>
      <h2>{texts.scanTitle}</h2>
      {flow.config.value?.storeOpen === false && <Notice kind="warning">{texts.problem.store_closed}</Notice>}
      <p>{texts.scan}</p>
      <Typing />
      <History />
      <Stored />
    </>
  );
}

const TYPES: readonly Step[] = ["scan", "next"];
const TRIES: readonly Step[] = ["later", "open", "mine", "staff"];

/** A request that was refused or failed: the reason, and the next step of the customer. */
export function Refused({ view }: { view: View & { kind: "refused" } }) {
  const { flow } = useCustomer();
  const texts = useTexts();
  const { failure, code, until } = view;
  const step = stepOf(failure.code);
  const again = code ? () => flow.scan(code) : undefined;
  return (
    <>
      <Notice kind="error">
        <h2>{sentence(texts, failure.code)}</h2>
        <p>{texts.step[step]}</p>
      </Notice>
      {until !== undefined && <Wait until={until} next={!repeats(failure.code)} />}
      {again && step === "auto" && (
        <Button onClick={flow.wake}>{coreTexts[usePage().language.value].tryAgain}</Button>
      )}
      {again && TRIES.includes(step) && (
        <Button kind="main" onClick={again}>
          {coreTexts[usePage().language.value].tryAgain}
        </Button>
      )}
      {step === "reload" && (
        <Button kind="main" onClick={() => location.reload()}>
          {texts.reload}
        </Button>
      )}
      {TYPES.includes(step) && <Typing />}
      <History />
      <Stored />
    </>
  );
}

/** Countdown to `until`: the time of the next code if `next` is true, else that of the next try. */
export function Wait({ until, next }: { until: number; next?: boolean }) {
  const texts = useTexts();
  useSecond();
  const over = usePage().clock.now() >= until;
  return (
    <p data-wait>
      {next && over ? (
        texts.nextCodeNow
      ) : (
        <>
          {next ? texts.nextCode : texts.tryingIn} <Countdown until={new Date(until).toISOString()} />
        </>
      )}
    </p>
  );
}

/** The shop asks for an account. After the sign-in the page continues with the same code. */
export function Account() {
  const { code } = useCustomer();
  const texts = useTexts();
  const { address, language } = usePage();
  const t = code.value;
  const params = { e: address.shop ?? "", ...(t ? { t } : {}) };
  return (
    <>
      <Notice>
        <h2>{texts.problem.account_needed}</h2>
        <p>{texts.step.signIn}</p>
      </Notice>
      <a class="button main" href={signInAddress({ ...address, params })}>
        {coreTexts[language.value].signIn}
      </a>
      <Stored />
    </>
  );
}
