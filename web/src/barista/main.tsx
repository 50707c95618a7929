import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { announce } from "../core/focus.ts";
import { createSession } from "../core/session.ts";
import { SignedOut } from "../core/signed-out.tsx";
import { createSound } from "../core/sound.ts";
import { Fresh, LanguagePicker, Notice } from "../core/views.tsx";
import { createWakeLock } from "../core/wake.ts";
import { Bar } from "./bar.ts";
import { type Desk, giveDesk, useDesk, useTexts } from "./context.ts";
import { Desktop } from "./desktop.tsx";
import { createPrefs } from "./prefs.ts";
import { messages } from "./texts.ts";
import "./barista.css";

function createDesk(page: Page, shop: string): Desk {
  const { address, clock, storage, own, tab } = page;
  const api = createApi({ base: address.base, clock });
  const session = createSession({ api, storage: own, tab, address });
  api.use(session);
  const sound = createSound(storage);
  const prefs = createPrefs(storage);
  const bar = new Bar({
    api,
    clock,
    storage,
    session,
    shop,
    undoFor: () => prefs.prefs.value.undo,
    onNew(ids) {
      sound.chime("new");
      announce(messages[page.language.value].arrived(ids.length));
    },
  });
  const wake = createWakeLock();
  if (prefs.prefs.value.wake) void wake.want(true);
  return { bar, session, sound, wake, ...prefs };
}

/** Follows the bar while a person is signed in. A touch or a key marks new orders as seen. */
function follow({ bar, session }: Desk): void {
  session.state.subscribe(({ kind }) => {
    if (kind === "signedIn") bar.start();
    else bar.stop();
  });
  for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => bar.seen());
  bar.listen();
  void session.start();
}

function App() {
  const { session, bar } = useDesk();
  const texts = useTexts();
  const { kind } = session.state.value;
  if (kind === "signedIn") return <Desktop />;
  return (
    <main class="stack narrow">
      <div class="row spread">
        <h1>{bar.eventId}</h1>
        <LanguagePicker />
      </div>
      {kind === "loading" ? (
        <Fresh freshness={bar.poller.freshness.value} />
      ) : (
        <SignedOut session={session} />
      )}
      <Notice>{texts.shared}</Notice>
    </main>
  );
}

const page = createPage();
if (page.address.shop) {
  const desk = createDesk(page, page.address.shop);
  follow(desk);
  giveDesk(desk);
  mount(page, App);
} else {
  // The index asks for the shop.
  location.replace(page.address.base);
}
// Another shop was opened in the same tab.
addEventListener("hashchange", () => location.reload());
