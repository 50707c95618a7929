// The shop's logo.
import type { Failure } from "../core/api.ts";
import { usePage } from "../core/app.tsx";
import { Logo } from "../core/brand.tsx";
import { useSignal } from "../core/signal.ts";
import type { Logo as LogoFile, Shop } from "../core/types.ts";
import { Button } from "../core/views.tsx";
import { Failed, useOffice, useTexts } from "./context.tsx";

/** Base64 of a file. */
async function read(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Largest file in bytes that is sent: in base64 it fits into a request body of 32 KB. */
const SENDABLE = 23_000;
const TOO_LARGE: Failure = { code: "invalid_logo", status: 422, detail: "" };

export function LogoForm() {
  const texts = useTexts();
  const office = useOffice();
  const { clock } = usePage();
  const busy = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const saved = useSignal(0);
  const shop = office.current.value?.shop;
  const query = { eventId: office.eventId };
  const send = async (method: "PUT" | "DELETE", body?: LogoFile) => {
    busy.value = true;
    const answer = await office.api.call<Shop>(method, "logo", { query, ...(body ? { body } : {}) });
    if (answer.ok) {
      office.take(answer);
      saved.value = clock.now();
    }
    failure.value = answer.ok ? undefined : answer.failure;
    busy.value = false;
  };
  const choose = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    input.value = "";
    if (!file || busy.value) return;
    const contentType = file.type === "image/png" ? "image/png" : "image/svg+xml";
    if (file.size > SENDABLE) failure.value = TOO_LARGE;
    else await send("PUT", { contentType, data: await read(file) });
  };
  return (
    <section class="stack" aria-labelledby="logo-title">
      <h3 id="logo-title">{texts.logo}</h3>
      {shop?.logo ? <Logo shop={shop} /> : <p>{texts.noLogo}</p>}
      <label class="stack">
        {texts.chooseLogo}
        <input
          type="file"
          accept="image/svg+xml,image/png"
          aria-describedby="logo-help"
          onChange={(event) => void choose(event.currentTarget)}
        />
      </label>
      <p id="logo-help" class="muted">
        {texts.logoHelp}
      </p>
      <Failed failure={failure.value} />
      <span role="status">{saved.value > 0 && !failure.value && texts.saved}</span>
      {shop?.logo && (
        <Button busy={busy.value} onClick={() => send("DELETE")}>
          {texts.removeLogo}
        </Button>
      )}
    </section>
  );
}
