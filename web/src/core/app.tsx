// Starts a page.
import { Component, type ComponentChildren, type ComponentType, render } from "preact";
import { type Address, readAddress } from "./address.ts";
import { type Clock, createClock } from "./clock.ts";
import { chooseLanguage, type Language } from "./i18n.ts";
import { shared } from "./shared.ts";
import { type Signal, signal } from "./signal.ts";
import { browserStorage, createStorage, type Storage } from "./storage.ts";
import { coreTexts } from "./texts.ts";
import "./tokens.css";
import "./base.css";

export type Page = {
  address: Address;
  clock: Clock;
  /** Data about this shop. */
  storage: Storage;
  /** Data that does not depend on the shop, such as language and session. */
  own: Storage;
  /** As `own`, but only until this tab is closed. */
  tab: Storage;
  language: Signal<Language>;
  setLanguage(language: Language): void;
};

const { give, use } = shared<Page>();
export const usePage = use;

/** Creates address, clock, storage and language of a page, and renders nothing. */
export function createPage(): Page {
  const own = createStorage("");
  const address = readAddress(location);
  const { lang } = address.params;
  const stored = own.read<string>("language");
  const language = signal(chooseLanguage({ asked: lang, stored, offered: navigator.languages }));
  document.documentElement.lang = language.value;
  return {
    address,
    clock: createClock(),
    storage: createStorage(address.shop ?? ""),
    own,
    tab: createStorage("", browserStorage("sessionStorage")),
    language,
    setLanguage(next) {
      own.write("language", next);
      language.value = next;
      document.documentElement.lang = next;
    },
  };
}

/** After an exception in a view, shows a text and a button that loads the page again. */
class Boundary extends Component<{ children: ComponentChildren }, { failed?: boolean }> {
  override componentDidCatch(error: unknown): void {
    reportError(error);
    this.setState({ failed: true });
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    const texts = coreTexts[usePage().language.value];
    return (
      <main>
        <p role="alert">{texts.failed}</p>
        <button type="button" onClick={() => location.reload()}>
          {texts.tryAgain}
        </button>
      </main>
    );
  }
}

export function mount(page: Page, App: ComponentType): void {
  give(page);
  const root = document.getElementById("app");
  if (!root) return;
  root.textContent = "";
  render(
    <Boundary>
      <App />
    </Boundary>,
    root,
  );
}
