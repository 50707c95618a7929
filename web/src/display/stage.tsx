// The whole display: head, code, lists, foot.

import { usePage } from "../core/app.tsx";
import { Logo } from "../core/brand.tsx";
import { useEffect } from "../core/hooks.ts";
import * as icons from "../core/icons.ts";
import { paint } from "../core/paint.ts";
import { useSignal } from "../core/signal.ts";
import { Button, Fresh, Icon, LanguagePicker } from "../core/views.tsx";
import { CodePanel } from "./code.tsx";
import { useNow, useStage, useTexts } from "./context.ts";
import { Lists } from "./lists.tsx";
import { minutes, shift } from "./model.ts";
import { PairingView } from "./pairing.tsx";

/** Milliseconds after the last movement until pointer and controls disappear. */
const IDLE = 5000;

export function Stage() {
  const { screen } = useStage();
  const idle = useIdle();
  const state = screen.access.state.value;
  const { x, y } = shift(useNow());
  return (
    <div class={`stage ${idle ? "idle" : ""}`} style={{ "--shift-x": x, "--shift-y": y }}>
      <Head />
      <main class={state.kind}>
        {state.kind === "pairing" ? (
          <PairingView state={state} />
        ) : (
          <>
            <CodePanel />
            <Lists />
          </>
        )}
      </main>
      <Foot />
    </div>
  );
}

function Head() {
  const texts = useTexts();
  const page = usePage();
  const { screen } = useStage();
  const settings = screen.settings.value;
  const name = settings?.name || (page.address.shop ?? "");
  const waiting = screen.board.value?.waitingSeconds;
  useEffect(() => {
    document.title = `${texts.page} · ${name}`;
  });
  useEffect(() => {
    if (settings) paint(settings);
  }, [settings]);
  return (
    <header>
      {settings && <Logo shop={settings} />}
      <h1>{name}</h1>
      {waiting !== undefined && <p class="about">{texts.about(minutes(waiting))}</p>}
    </header>
  );
}

function Foot() {
  const texts = useTexts();
  const { screen, sound, wake } = useStage();
  const silent = sound.on.value && sound.blocked.value;
  return (
    <footer>
      <Fresh freshness={screen.poller.freshness.value} />
      {silent && <p class="waiting">{texts.soundBlocked}</p>}
      <div class="controls row">
        {!wake.supported && <p class="small">{texts.noWake}</p>}
        <Button
          aria-pressed={sound.on.value}
          onClick={() => (sound.on.value ? sound.mute() : void sound.enable())}
        >
          <Icon path={sound.on.value ? icons.bell : icons.mute} />{" "}
          {sound.on.value ? texts.soundIsOn : texts.soundIsOff}
        </Button>
        <FullScreen />
        <LanguagePicker />
      </div>
    </footer>
  );
}

function FullScreen() {
  const texts = useTexts();
  const full = useSignal(!!document.fullscreenElement);
  useEffect(() => {
    const changed = () => {
      full.value = !!document.fullscreenElement;
    };
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  if (!document.fullscreenEnabled) return null;
  const toggle = () =>
    full.value ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  return (
    <Button onClick={() => void toggle().catch(() => {})}>
      {full.value ? texts.windowed : texts.fullScreen}
    </Button>
  );
}

/** True if nobody has moved the pointer, touched the screen or pressed a key for `IDLE`. */
function useIdle(): boolean {
  const idle = useSignal(false);
  useEffect(() => {
    let timer = setTimeout(() => {}, 0);
    const moved = () => {
      clearTimeout(timer);
      idle.value = false;
      timer = setTimeout(() => {
        idle.value = true;
      }, IDLE);
    };
    const events = ["pointermove", "pointerdown", "keydown"];
    for (const event of events) addEventListener(event, moved);
    moved();
    return () => {
      clearTimeout(timer);
      for (const event of events) removeEventListener(event, moved);
    };
  }, []);
  return idle.value;
}
