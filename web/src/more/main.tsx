import { createApi } from "../core/api.ts";
import { createPage, mount, type Page } from "../core/app.tsx";
import { Frame } from "../core/frame.tsx";
import { createSession } from "../core/session.ts";
import { signal } from "../core/signal.ts";
import type { Shop } from "../core/types.ts";
import { Closed } from "./closed.tsx";
import { giveStaff, type Staff, takeShop, useStaff, useTexts } from "./context.tsx";
import { CounterPanel } from "./counter-panel.tsx";
import { SoldOut } from "./sold-out.tsx";
import { Tablet } from "./tablet.tsx";
import { Today } from "./today.tsx";
import "../core/staff.css";
import "./more.css";

const VIEWS = {
  counter: CounterPanel,
  soldOut: SoldOut,
  closedOrders: Closed,
  figures: Today,
  tablet: Tablet,
};

function App() {
  const { session, shop } = useStaff();
  return (
    <Frame
      name="more"
      needs="barista"
      texts={useTexts()}
      views={["counter", "soldOut", "closedOrders", "figures", "tablet"]}
      session={session}
      shop={shop}
    >
      {(view) => {
        const Shown = VIEWS[view];
        return <Shown />;
      }}
    </Frame>
  );
}

function createStaff({ address, clock, own, tab }: Page, eventId: string): Staff {
  const api = createApi({ base: address.base, clock });
  const session = createSession({ api, storage: own, tab, address });
  api.use(session);
  return { api, session, eventId, shop: signal(undefined) };
}

async function readShop(staff: Staff): Promise<void> {
  const { api, eventId } = staff;
  takeShop(staff, await api.call<Shop>("GET", "config", { query: { eventId }, anonymous: true }));
}

const page = createPage();
if (page.address.shop) {
  const staff = createStaff(page, page.address.shop);
  void staff.session.start();
  void readShop(staff);
  document.addEventListener("visibilitychange", () => document.hidden || readShop(staff));
  giveStaff(staff);
  mount(page, App);
} else {
  // The index asks for the shop.
  location.replace(page.address.base);
}
addEventListener("hashchange", () => location.reload());
