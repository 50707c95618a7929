import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { createSession } from "../core/session.ts";
import { giveWatch, Watch } from "./context.ts";
import { App } from "./screen.tsx";
import "./bus.css";

function start({ address, clock, own, tab }: Page, shop: string): void {
  const api = createApi({ base: address.base, clock });
  const session = createSession({ api, storage: own, tab, address });
  api.use(session);
  const watch = new Watch({ api, clock, session, shop });
  session.state.subscribe(({ kind }) => {
    if (kind === "signedIn" && session.roles().admin) watch.poller.start();
    else watch.poller.stop();
  });
  void session.start();
  giveWatch(watch);
}

const page = createPage();
if (page.address.shop) {
  start(page, page.address.shop);
  mount(page, App);
} else {
  // The index asks for the shop.
  location.replace(page.address.base);
}
addEventListener("hashchange", () => location.reload());
