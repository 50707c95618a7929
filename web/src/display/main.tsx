// The display: QR code and board of one shop, on a television.
import { dropSecrets } from "../core/address.ts";
import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { every } from "../core/clock.ts";
import { announce } from "../core/focus.ts";
import { named } from "../core/i18n.ts";
import { signal } from "../core/signal.ts";
import { createSound } from "../core/sound.ts";
import { createWakeLock } from "../core/wake.ts";
import { giveStage, type Stage as StageState } from "./context.ts";
import { clearTime, type Entry } from "./model.ts";
import { ShopForm } from "./pairing.tsx";
import { Screen } from "./screen.ts";
import { Stage } from "./stage.tsx";
import { messages } from "./texts.ts";
import { watchVersion } from "./update.ts";
import "./display.css";

function createStage(page: Page, shop: string): StageState {
  const { address, clock, storage, own } = page;
  const sound = createSound(own);
  const texts = () => messages[page.language.value];
  const screen = new Screen({
    api: createApi({ base: address.base, clock }),
    clock,
    storage,
    shop,
    page: location.origin + location.pathname,
    linked: address.params.secret ?? address.params.s,
    onCalls(entries: Entry[]) {
      sound.chime(entries.some((entry) => entry.calledAt) ? "call" : "ready");
      const menu = screen.settings.value?.menu;
      const drink = (name: string) =>
        named(page.language.value, menu?.find((item) => item.drink === name)?.names, name);
      announce(entries.map((entry) => texts().announced(entry.number, drink(entry.drink))).join(" "));
    },
  });
  if (screen.access.kept()) dropSecrets(history, location, ["secret", "s"]);
  return {
    screen,
    sound,
    wake: createWakeLock(),
    clear: clearTime(address.params.clear),
    now: signal(clock.now()),
  };
}

function start(page: Page, shop: string): void {
  const stage = createStage(page, shop);
  const { screen, wake } = stage;
  const { theme } = page.address.params;
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  screen.poller.start();
  every(1000, () => {
    screen.tick();
    stage.now.value = page.clock.now();
  });
  // The first answer sets the server's time.
  screen.board.subscribe(() => {
    stage.now.value = page.clock.now();
  });
  void wake.want(true);
  watchVersion({
    address: location.pathname,
    reload: () => location.reload(),
    ready: () => screen.access.kept() && screen.called.value.size === 0,
  });
  giveStage(stage);
  mount(page, Stage);
}

const page = createPage();
if (page.address.shop) start(page, page.address.shop);
else mount(page, ShopForm);
// Another shop or link was opened in the same tab.
addEventListener("hashchange", () => location.reload());
