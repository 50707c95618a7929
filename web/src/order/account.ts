// The account of a customer, where the shop asks for one. This page only reads the access token.
// The index page gets and renews the token. This page need not, because an order takes less time
// than the token lasts.
import { pageAddress } from "../core/address.ts";
import type { Page } from "../core/app.tsx";
import { TOKENS } from "../core/session.ts";
import { type Signal, signal } from "../core/signal.ts";
import type { Storage } from "../core/storage.ts";
import type { Tokens } from "../core/tokens.ts";

const WANTED = "account";
/** A token that ends in fewer milliseconds than this is not sent. */
const MARGIN = 10_000;

export type Account = {
  /** True if the shop asked this person for an account. */
  wanted: Signal<boolean>;
  want(): void;
  /** The access token, if it is still valid. */
  token(): string | undefined;
  signOut(): void;
};

/** `storage`: that of the shop. `own`, `tab`: the storages for all shops. They have the tokens. */
export function createAccount(storage: Storage, { own, tab, address }: Page): Account {
  const wanted = signal(storage.read<boolean>(WANTED) === true);
  const token = () => {
    const { access, until } = tab.read<Tokens>(TOKENS) ?? own.read<Tokens>(TOKENS) ?? {};
    return until && until - MARGIN > Date.now() ? access : undefined;
  };
  return {
    wanted,
    token,
    want() {
      storage.write(WANTED, true);
      wanted.value = true;
    },
    signOut() {
      storage.remove(WANTED);
      // The index page deletes the tokens, and revokes the refresh token if Cognito is the issuer.
      location.assign(pageAddress(address.base, "", { ...address.params, "sign-out": "order" }));
    },
  };
}
