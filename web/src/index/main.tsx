import { type Address, afterSignIn, pageAddress } from "../core/address.ts";
import { type Api, createApi } from "../core/api.ts";
import { createPage, mount, type Page, usePage } from "../core/app.tsx";
import { Logo } from "../core/brand.tsx";
import { restoreFragment } from "../core/leaving.ts";
import { paint } from "../core/paint.ts";
import { createSession, type Session } from "../core/session.ts";
import { goToShop, ShopField } from "../core/shop-field.tsx";
import { SignInForm } from "../core/sign-in.tsx";
import { SignInFlow } from "../core/sign-in-flow.ts";
import { type Signal, signal } from "../core/signal.ts";
import { createStorage } from "../core/storage.ts";
import type { Shop } from "../core/types.ts";
import { LanguagePicker } from "../core/views.tsx";
import { OrderForm } from "./order-form.tsx";
import { messages } from "./texts.ts";
import "./index.css";

const useTexts = () => messages[usePage().language.value];

function Index({ shop }: { shop: Signal<Shop | undefined> }) {
  const texts = useTexts();
  const { address } = usePage();
  const known = shop.value;
  document.title = `Serverlesspresso · ${known?.name ?? texts.title}`;
  return (
    <main>
      <div class="row spread">
        {known && <Logo shop={known} />}
        <h1>{known?.name ?? texts.title}</h1>
        <LanguagePicker />
      </div>
      <p>{texts.about}</p>
      {known && <p role="status">{known.storeOpen ? texts.isOpen : texts.isClosed}</p>}
      {address.shop ? <Links shop={address.shop} /> : <ShopForm />}
    </main>
  );
}

function Links({ shop }: { shop: string }) {
  const texts = useTexts();
  const { base } = usePage().address;
  const pages = {
    order: "order",
    display: "display",
    barista: "barista",
    admin: "barista?view=admin",
    bus: "bus",
  } as const;
  return (
    <nav class="stack" aria-label={texts.pages}>
      {(Object.keys(pages) as (keyof typeof pages)[]).map((name) => (
        <a key={name} class="card link" href={pageAddress(base, pages[name], { e: shop })}>
          <strong>{texts[name][0]}</strong> {texts[name][1]}
        </a>
      ))}
      <a href={base}>{texts.other}</a>
    </nav>
  );
}

function ShopForm() {
  const texts = useTexts();
  return (
    <form class="stack" onSubmit={goToShop}>
      <h2>{texts.whichShop}</h2>
      <ShopField label={texts.shopId} help={texts.shopHelp} />
      <button type="submit" class="main">
        {texts.go}
      </button>
    </form>
  );
}

async function readShop(page: Page, api: Api, shop: Signal<Shop | undefined>): Promise<void> {
  const query = { eventId: page.address.shop };
  const answer = await api.call<Shop>("GET", "config", { query, anonymous: true });
  if (!answer.ok) return;
  shop.value = answer.body;
  paint(answer.body);
}

/** Returns to the page that asked for the sign-in. `bearer` renews a token that is about to end. */
async function back(session: Session, address: Address): Promise<void> {
  if (await session.bearer()) location.replace(afterSignIn(address) ?? address.base);
}

/** Shows the sign-in form, then opens the page that asked for it. */
function signIn(page: Page, api: Api): void {
  const { address, own, tab } = page;
  const session = createSession({ api, storage: own, tab, address });
  const flow = new SignInFlow({ session, storage: own, address });
  session.state.subscribe(({ kind }) => {
    if (kind === "signedIn") void back(session, address);
    if (kind === "signedOut") void flow.start();
  });
  mount(page, () => (
    <main>
      <div class="row spread">
        <h1>{useTexts().title}</h1>
        <LanguagePicker />
      </div>
      <SignInForm flow={flow} />
    </main>
  ));
  void session.start();
}

/** Ends the session, and opens the page that asked for the sign-out. */
async function signOut({ address, own, tab }: Page, api: Api): Promise<void> {
  await createSession({ api, storage: own, tab, address }).signOut();
  const { "sign-out": page = "", ...params } = address.params;
  location.replace(afterSignIn({ ...address, params: { ...params, "sign-in": page } }) ?? address.base);
}

restoreFragment(createStorage(""));
const page = createPage();
const api = createApi({ base: page.address.base, clock: page.clock });
if (page.address.params["sign-in"] || page.address.params.state) {
  signIn(page, api);
} else if (page.address.params["sign-out"]) {
  void signOut(page, api);
} else if (page.address.params.typing !== undefined) {
  mount(page, () => <OrderForm api={api} />);
} else {
  const shop = signal<Shop | undefined>(undefined);
  if (page.address.shop) void readShop(page, api, shop);
  mount(page, () => <Index shop={shop} />);
}
addEventListener("hashchange", () => location.reload());
