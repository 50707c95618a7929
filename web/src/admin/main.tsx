import { createApi } from "../core/api.ts";
import { createPage, mount, type Page, usePage } from "../core/app.tsx";
import { Frame } from "../core/frame.tsx";
import { createSession } from "../core/session.ts";
import { coreTexts } from "../core/texts.ts";
import { Button } from "../core/views.tsx";
import { Failed, giveOffice, Office, useOffice, useTexts } from "./context.tsx";
import { Displays } from "./displays.tsx";
import { MenuEditor } from "./menu.tsx";
import { SettingsForm } from "./settings-form.tsx";
import "../core/staff.css";
import "./admin.css";

const views = ["menu", "settings", "displays"] as const;

function Shown({ view }: { view: (typeof views)[number] }) {
  const office = useOffice();
  const { language } = usePage();
  const base = office.current.value;
  if (view === "displays") return <Displays />;
  if (!base) {
    return (
      <>
        <Failed failure={office.failure.value} />
        <Button onClick={() => office.read()}>{coreTexts[language.value].tryAgain}</Button>
      </>
    );
  }
  return view === "menu" ? <MenuEditor base={base} /> : <SettingsForm base={base} />;
}

function createOffice(page: Page, shop: string): Office {
  const { address, clock, own, tab } = page;
  const api = createApi({ base: address.base, clock });
  const session = createSession({ api, storage: own, tab, address });
  api.use(session);
  return new Office(api, session, shop);
}

function App() {
  const office = useOffice();
  const shop = {
    get value() {
      return office.current.value?.shop;
    },
  };
  return (
    <Frame name="admin" needs="admin" texts={useTexts()} views={views} session={office.session} shop={shop}>
      {(view) => <Shown view={view} />}
    </Frame>
  );
}

const page = createPage();
if (page.address.shop) {
  const office = createOffice(page, page.address.shop);
  void office.session.start();
  void office.read();
  giveOffice(office);
  mount(page, App);
  addEventListener("beforeunload", (event) => {
    if (office.drafts.unsaved) event.preventDefault();
  });
} else {
  // The index asks for the shop.
  location.replace(page.address.base);
}
addEventListener("hashchange", () => location.reload());
