// What a customer does next after each problem of the API.
import type { FailureCode } from "../core/api.ts";

export type Step =
  | "auto"
  | "scan"
  | "next"
  | "later"
  | "open"
  | "choose"
  | "signIn"
  | "staff"
  | "look"
  | "mine"
  | "reload";

/** `staff`: a customer's page sends no such request, so that staff must look. */
export const steps: Record<FailureCode, Step> = {
  offline: "auto",
  unreadable: "auto",
  malformed_body: "reload",
  invalid_parameter: "scan",
  invalid_code: "scan",
  unauthenticated: "reload",
  forbidden: "staff",
  account_needed: "signIn",
  order_not_found: "scan",
  shop_not_found: "scan",
  drink_not_found: "choose",
  pairing_not_found: "staff",
  logo_not_found: "reload",
  route_not_found: "reload",
  wrong_status: "look",
  not_ready: "auto",
  claimed_by_another: "staff",
  claim_changed: "staff",
  too_late_to_call: "staff",
  store_closed: "open",
  store_full: "later",
  customer_limit: "mine",
  pairing_used: "staff",
  too_many_displays: "staff",
  pairing_expired: "staff",
  version_mismatch: "reload",
  body_too_large: "choose",
  invalid_drink: "choose",
  idempotency_key_reused: "staff",
  invalid_name: "staff",
  invalid_colour: "staff",
  invalid_menu: "staff",
  invalid_link: "staff",
  invalid_limit: "staff",
  invalid_logo: "staff",
  no_tokens: "next",
  too_many_attempts: "next",
  too_many_wrong_codes: "next",
  internal: "auto",
  unavailable: "auto",
  throttled: "auto",
  invalid_request: "reload",
};

export const stepOf = (code: FailureCode): Step => steps[code] ?? "staff";

/** True if the page sends the same request again by itself. */
export const repeats = (code: FailureCode): boolean => stepOf(code) === "auto";
