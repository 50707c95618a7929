// Names for the types that openapi.yaml defines.
import type { components } from "./openapi.gen.ts";

type Schemas = components["schemas"];

export type Names = Partial<Record<"es" | "pt-BR", string>>;
export type Order = Schemas["Order"] & { position?: number; waitingSeconds?: number };
export type OrderList = { orders: Order[]; nextToken?: string };
export type OrderStatus = Schemas["OrderStatus"];
export type Modifier = Schemas["Modifier"] & { names?: Names };
export type MenuItem = Omit<Schemas["MenuItem"], "modifiers"> & { names?: Names; modifiers?: Modifier[] };
export type Menu = MenuItem[];
export type Colours = { primary?: string };
export type Shop = Omit<Schemas["Shop"], "menu"> & { menu: Menu; name?: string; colours?: Colours };
export type SettingsEdit = Omit<Schemas["SettingsEdit"], "menu"> & {
  menu?: Menu;
  name?: string;
  colours?: Colours;
};
export type Link = Schemas["Link"];
export type DrinkOrder = Schemas["DrinkOrder"];
export type DrinkRequest = Schemas["DrinkRequest"];
export type QrCode = Schemas["QrCode"];
export type Board = Schemas["Board"];
export type BoardEntry = Schemas["BoardEntry"];
export type Scanned = Omit<Schemas["Scanned"], "menu"> & { menu: Menu };
export type Accepted = Schemas["Accepted"];
export type Claim = Schemas["Claim"];
export type Call = Schemas["Call"];
export type Display = Schemas["Display"];
export type NewDisplay = Schemas["NewDisplay"];
export type Pairing = Schemas["Pairing"];
export type Problem = Schemas["Problem"];
export type ProblemCode = Problem["code"];
export type SignIn = {
  local: boolean;
  kind: "cognito" | "oidc" | "local" | "none";
  issuer?: string;
  clientId?: string;
  cognitoEndpoint?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  scope?: string;
  pagesUrl?: string;
};
