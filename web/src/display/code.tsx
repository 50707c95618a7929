// The QR code, or the reason why there is none.
import { countdown } from "../core/i18n.ts";
import type { QrCode } from "../core/types.ts";
import { useNow, useStage, useTexts } from "./context.ts";
import { codeKind, remaining, secondsUntil, spaced, typedAddress } from "./model.ts";

export function CodePanel() {
  const texts = useTexts();
  const { screen } = useStage();
  const now = useNow();
  const code = screen.code.value;
  const known = {
    board: screen.board.value,
    code,
    noShop: screen.noShop.value,
    codeFailed: screen.codeFailed.value,
  };
  const kind = codeKind(known, now);
  return (
    <section class="code" data-code={kind}>
      {kind === "starting" ? (
        <p>{texts.starting}</p>
      ) : kind === "code" && code ? (
        <Code code={code} />
      ) : (
        <Reason kind={kind === "code" ? "noCode" : kind} expiresAt={code?.expiresAt} />
      )}
    </section>
  );
}

function Code({ code }: { code: QrCode }) {
  const texts = useTexts();
  const address = typedAddress(code.url ?? location.href);
  return (
    <>
      <h2>{texts.scan}</h2>
      <img
        class="qr"
        src={`data:image/svg+xml,${encodeURIComponent(code.svg ?? "")}`}
        alt={texts.picture(address)}
      />
      <Drain expiresAt={code.expiresAt} />
      <p class="small">{texts.left(code.availableTokens)}</p>
      <p class="small typed">
        {texts.noCamera} <b class="address">{address}</b> {texts.andType} <b>{spaced(code.shortCode)}</b>
      </p>
    </>
  );
}

function Drain({ expiresAt }: { expiresAt: string }) {
  const texts = useTexts();
  const { screen } = useStage();
  const now = useNow();
  const seconds = secondsUntil(expiresAt, now);
  const late = screen.codeFailed.value || screen.poller.freshness.value.kind === "offline";
  const coming = late ? texts.lastCode : texts.newCodeSoon;
  const part = remaining(expiresAt, now);
  return (
    <>
      <div class="drain" aria-hidden="true">
        <div style={{ inlineSize: `${part * 100}%` }} />
      </div>
      <p class="small number">{seconds > 0 ? texts.newCodeIn(countdown(seconds)) : coming}</p>
    </>
  );
}

type ReasonKind = "noShop" | "closed" | "full" | "usedUp" | "noCode";

function Reason({ kind, expiresAt }: { kind: ReasonKind; expiresAt: string | undefined }) {
  const { title, text } = useTexts().state[kind];
  const now = useNow();
  return (
    <div class="reason">
      <h2>{title}</h2>
      <p>{text}</p>
      {kind === "usedUp" && expiresAt && <p class="wait number">{countdown(secondsUntil(expiresAt, now))}</p>}
    </div>
  );
}
