// Frame of the barista page's views `more` and `admin`: title, tabs, and the check of the role.
import type { ComponentChildren } from "preact";
import { pageAddress } from "./address.ts";
import { usePage } from "./app.tsx";
import { Logo } from "./brand.tsx";
import type { Session } from "./session.ts";
import { type ReadonlySignal, useSignal } from "./signal.ts";
import { SignedOut } from "./signed-out.tsx";
import type { Shop } from "./types.ts";
import { Button, Fresh, LanguagePicker, Notice } from "./views.tsx";

type FrameTexts = { page: string; queue: string; views: string; noRole: string; signOut: string };
export type FrameProps<View extends string> = {
  /** Value of the parameter `view` in the address of this document. `views` are its tabs. */
  name: "more" | "admin";
  texts: FrameTexts & Record<View, string>;
  views: readonly [View, ...View[]];
  session: Session;
  shop: ReadonlySignal<Shop | undefined>;
  needs: "barista" | "admin";
  children: (view: View) => ComponentChildren;
};

export function Frame<View extends string>(props: FrameProps<View>) {
  const { name, texts, views, session, needs } = props;
  const { address } = usePage();
  const view = useSignal(views.find((other) => other === address.params.show) ?? views[0]);
  const { kind } = session.state.value;
  const shop = props.shop.value;
  const title = shop?.name ?? address.shop ?? "";
  document.title = `${texts.page} · ${title}`;
  return (
    <>
      <header class="stack">
        <div class="row spread">
          {shop && <Logo shop={shop} />}
          <h1>{title}</h1>
          <a
            class="button"
            href={pageAddress(address.base, "barista", address.shop ? { e: address.shop } : {})}
          >
            {texts.queue}
          </a>
          <LanguagePicker />
        </div>
        {kind === "signedIn" && (
          <nav class="row" aria-label={texts.views}>
            {views.map((other) => (
              <button
                key={other}
                type="button"
                aria-current={view.value === other ? "page" : undefined}
                onClick={() => {
                  view.value = other;
                }}
              >
                {texts[other]}
              </button>
            ))}
          </nav>
        )}
      </header>
      <main class="stack">
        {kind === "loading" && <Fresh freshness={{ kind: "starting", everySeconds: 0 }} />}
        <SignedOut session={session} address={{ ...address, params: { ...address.params, view: name } }} />
        {kind === "signedIn" &&
          (session.roles()[needs] ? (
            props.children(view.value)
          ) : (
            <Notice kind="error">
              <p>{texts.noRole}</p>
              <Button onClick={session.signOut}>{texts.signOut}</Button>
            </Notice>
          ))}
      </main>
    </>
  );
}

/** The head row of a table, with one cell for each title. */
export function Columns({ titles }: { titles: readonly string[] }) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
