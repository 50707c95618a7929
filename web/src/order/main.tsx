import { pageAddress } from "../core/address.ts";
import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { guestSecret } from "../core/guest.ts";
import { signal } from "../core/signal.ts";
import { createSound } from "../core/sound.ts";
import type { Order } from "../core/types.ts";
import { createWakeLock } from "../core/wake.ts";
import { createAccount } from "./account.ts";
import { type Customer, giveCustomer } from "./context.ts";
import { Flow } from "./flow.ts";
import { Pocket } from "./kept.ts";
import { ringing } from "./ready.tsx";
import { App } from "./screen.tsx";
import "./order.css";

const LAST_SHOP = "last-shop";
const fragment = (params: Record<string, string>) => pageAddress("", "", params);

function createCustomer(page: Page, shop: string): Customer {
  const { address, clock, storage } = page;
  const pocket = new Pocket(storage);
  const api = createApi({ base: address.base, clock });
  const account = createAccount(storage, page);
  const sound = createSound(storage);
  const wake = createWakeLock();
  const wakeWanted = signal(storage.read<boolean>("wake") === true);
  const code = signal(address.params.t);
  const flow = new Flow({
    api,
    clock,
    pocket,
    shop,
    needAccount: account.want,
    onChange: (order, before) => ringing({ flow, sound, order, before }),
  });
  const guest = () => guestSecret(storage, { now: clock.now(), keep: !!flow.kept.value || pocket.anyOpen() });
  api.use({
    bearer: async () => (account.wanted.value ? account.token() : guest()),
  });
  const setWake = (on: boolean) => {
    wakeWanted.value = on;
    storage.write("wake", on);
  };
  const type = (typed: string) => {
    code.value = typed;
    // After a reload or a sign-in the page continues with this code.
    history.replaceState(
      null,
      "",
      `${location.pathname}${location.search}${fragment({ e: shop, t: typed })}`,
    );
    void flow.scan(typed);
  };
  return { flow, pocket, sound, wake, wakeWanted, setWake, account, type, code };
}

/** Starts the flow. When the page is online or visible again, it repeats a failed request. */
function run({ flow, account, wake, wakeWanted, code }: Customer): void {
  if (account.wanted.value && !account.token()) flow.view.value = { kind: "account" };
  else void flow.start(code.value);
  addEventListener("online", flow.wake);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flow.wake());
  const awake = () => {
    const order: Order | undefined = flow.order;
    void wake.want(wakeWanted.value && (order?.status === "WAITING" || flow.rings));
  };
  flow.kept.subscribe(awake);
  wakeWanted.subscribe(awake);
}

/** Makes the page installable. A manifest with a `data:` address needs absolute addresses. */
function offerInstallation({ pathname, origin }: Location, shop: string): void {
  const start_url = origin + pathname + fragment({ e: shop });
  const src = document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href;
  const icons = [{ src, sizes: "any", type: "image/svg+xml" }];
  const text = JSON.stringify({ name: shop, start_url, scope: start_url, display: "standalone", icons });
  const link = document.createElement("link");
  link.rel = "manifest";
  link.href = `data:application/manifest+json,${encodeURIComponent(text)}`;
  document.head.append(link);
}

const page = createPage();
const shop = page.address.shop ?? page.own.read<string>(LAST_SHOP);
if (shop && !page.address.shop) {
  location.replace(fragment({ e: shop }));
} else if (shop) {
  page.own.write(LAST_SHOP, shop);
  offerInstallation(location, shop);
  const customer = createCustomer(page, shop);
  giveCustomer(customer);
  mount(page, App);
  run(customer);
} else {
  // The index asks for shop and code.
  location.replace(pageAddress(page.address.base, "", { typing: "" }));
}
// Another code or shop was opened in the same tab.
addEventListener("hashchange", () => location.reload());
