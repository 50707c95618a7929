// Names for the types that openapi.yaml defines.
import type { components } from "./openapi.gen.ts";

type Schemas = components["schemas"];

export type Names = Schemas["Names"];
export type Order = Schemas["Order"];
export type OrderList = Schemas["OrderList"];
export type OrderStatus = Schemas["OrderStatus"];
export type Modifier = Schemas["Modifier"];
export type MenuItem = Schemas["MenuItem"];
export type Menu = Schemas["Menu"];
export type Colours = Schemas["Colours"];
export type Logo = Schemas["Logo"];
export type Shop = Schemas["Shop"];
export type SettingsEdit = Schemas["SettingsEdit"];
export type Link = Schemas["Link"];
export type DrinkOrder = Schemas["DrinkOrder"];
export type DrinkRequest = Schemas["DrinkRequest"];
export type QrCode = Schemas["QrCode"];
export type Board = Schemas["Board"];
export type BoardEntry = Schemas["BoardEntry"];
export type Scanned = Schemas["Scanned"];
export type Accepted = Schemas["Accepted"];
export type Claim = Schemas["Claim"];
export type Call = Schemas["Call"];
export type Display = Schemas["Display"];
export type NewDisplay = Schemas["NewDisplay"];
export type Pairing = Schemas["Pairing"];
export type Problem = Schemas["Problem"];
export type ProblemCode = Problem["code"];
export type SignIn = Schemas["SignIn"];
export type Ticket = Schemas["Live"];
export type Architecture = Schemas["Architecture"];
export type Rule = Schemas["Rule"];
