// Address of a page, and the parameters in it.

export type Address = {
  /** Folder of the page, which is also the root of the API, with a slash at its end. */
  base: string;
  page: string;
  shop?: string;
  /** Parameters of the query and of the fragment; if both have one, that of the fragment counts. */
  params: Record<string, string>;
};

type Place = { pathname: string; search: string; hash: string };

const SHOP = /^[A-Za-z0-9_-]{1,40}$/;
const PAGE = /^(.*\/)(order|barista|display|bus)\/?$/;

export function readAddress(place: Place): Address {
  const [, folder, page] = PAGE.exec(place.pathname) ?? [];
  const params = Object.fromEntries([
    ...new URLSearchParams(place.search),
    ...new URLSearchParams(place.hash.replace(/^#/, "")),
  ]);
  const shop = params.e;
  return {
    base: folder ?? place.pathname.replace(/[^/]*$/, ""),
    page: page ?? "index",
    params,
    ...(shop && SHOP.test(shop) ? { shop } : {}),
  };
}

/** Removes these parameters from the address bar and from the current entry of the history. */
export function dropSecrets(
  history: Pick<History, "replaceState">,
  place: Place,
  names: readonly string[],
): void {
  const kept = (text: string) => {
    const params = new URLSearchParams(text);
    for (const name of names) params.delete(name);
    return params.toString();
  };
  const search = kept(place.search);
  const hash = kept(place.hash.replace(/^#/, ""));
  history.replaceState(null, "", place.pathname + (search && `?${search}`) + (hash && `#${hash}`));
}

export function pageAddress(base: string, page: string, params: Record<string, string> = {}): string {
  const fragment = new URLSearchParams(params).toString();
  return base + page + (fragment && `#${fragment}`);
}

/**
 * Address of the sign-in form, which is on the index page. The form leads back to this page with
 * the same parameters, except `token`.
 */
export function signInAddress({ base, page, params }: Address): string {
  const { token: _, ...rest } = params;
  return pageAddress(base, "", { ...rest, "sign-in": page });
}

/**
 * Address of the page to open after a sign-in; `undefined` unless the parameter `sign-in` names
 * `order`, `barista` or `bus`.
 */
export function afterSignIn({ base, params }: Address): string | undefined {
  const { "sign-in": page, view, ...rest } = params;
  if (!page || !["order", "barista", "bus"].includes(page)) return undefined;
  return pageAddress(base, view === "admin" || view === "more" ? `${page}?view=${view}` : page, rest);
}
