import { signal } from "@preact/signals";
import { pageAddress } from "../core/address.ts";
import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { guestSecret } from "../core/guest.ts";
import { createSession } from "../core/session.ts";
import { createSound } from "../core/sound.ts";
import type { Order } from "../core/types.ts";
import { createWakeLock } from "../core/wake.ts";
import { type Customer, CustomerContext } from "./context.ts";
import { NoShop } from "./entry.tsx";
import { Flow } from "./flow.ts";
import { Pocket } from "./kept.ts";
import { ringing } from "./ready.tsx";
import { App } from "./screen.tsx";
import "./order.css";

const LAST_SHOP = "last-shop";
const fragment = (params: Record<string, string>) => pageAddress("", "", params);

function createCustomer(page: Page, shop: string): Customer {
  const { address, clock, storage, own } = page;
  const pocket = new Pocket(storage);
  const api = createApi({ base: address.base, clock });
  const session = createSession({ api, storage: own, address });
  const account = signal(storage.read<boolean>("account") === true);
  const sound = createSound(storage);
  const wake = createWakeLock();
  const wakeWanted = signal(storage.read<boolean>("wake") === true);
  const code = signal(address.params.t);
  const flow = new Flow({
    api,
    clock,
    pocket,
    shop,
    needAccount() {
      storage.write("account", true);
      account.value = true;
      void session.start();
    },
    onChange: (order, before) => ringing({ flow, sound, order, before }),
  });
  const guest = () => guestSecret(storage, { now: clock.now(), keep: !!flow.kept.value || pocket.anyOpen() });
  api.use({
    bearer: () => (account.value ? session.bearer() : guest()),
    renew: async () => account.value && !!(await session.renew?.()),
  });
  const setWake = (on: boolean) => {
    wakeWanted.value = on;
    storage.write("wake", on);
  };
  const signOut = () => {
    session.signOut();
    storage.remove("account");
    location.reload();
  };
  const type = (typed: string) => {
    code.value = typed;
    // A reload, or a sign-in, goes on with this code.
    history.replaceState(
      null,
      "",
      `${location.pathname}${location.search}${fragment({ e: shop, t: typed })}`,
    );
    void flow.scan(typed);
  };
  return { flow, pocket, sound, wake, wakeWanted, setWake, session, account, signOut, type, code };
}

/** Begins, with an account after the sign-in, and tries again when the phone is back. */
function run({ flow, session, account, wake, wakeWanted, code }: Customer): void {
  const begin = () => void flow.start(code.value);
  session.state.subscribe(({ kind }) => {
    if (!account.value) return;
    if (kind === "signedIn") begin();
    if (kind === "signedOut") flow.view.value = { kind: "account" };
  });
  if (account.value) void session.start();
  else begin();
  addEventListener("online", flow.wake);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flow.wake());
  const awake = () => {
    const order: Order | undefined = flow.order;
    void wake.want(wakeWanted.value && (order?.status === "WAITING" || flow.rings));
  };
  flow.kept.subscribe(awake);
  wakeWanted.subscribe(awake);
}

const page = createPage();
const shop = page.address.shop ?? page.own.read<string>(LAST_SHOP);
if (shop && !page.address.shop) {
  location.replace(fragment({ e: shop }));
} else if (shop) {
  page.own.write(LAST_SHOP, shop);
  const customer = createCustomer(page, shop);
  mount(page, () => (
    <CustomerContext.Provider value={customer}>
      <App />
    </CustomerContext.Provider>
  ));
  run(customer);
} else {
  mount(page, NoShop);
}
// Another code in the same tab.
addEventListener("hashchange", () => location.reload());
