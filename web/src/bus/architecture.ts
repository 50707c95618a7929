// The architecture as `GET /architecture` gives it, and what an event does in it.
import type { BusEvent } from "../core/messages.ts";
import type { Architecture, Rule } from "../core/types.ts";
import { type Json, matches, type Verdict } from "./matcher.ts";

export type Matched = { rule: Rule; verdict: Verdict };

/** Rules of the bus. Those of other buses and schedules see no event of this one. */
export const busRules = ({ rules, bus }: Architecture): Rule[] =>
  rules.filter((rule) => rule.eventPattern && (rule.bus === undefined || rule.bus === bus));

/** True if the rule belongs to a tap of `presso` or of the tests. */
const isTap = ({ rule }: Matched): boolean => rule.name.startsWith("presso-tap-");

/** Joins the rules of taps into one, so that they leave room for the rules of the stack. */
function withOneTap(all: Matched[]): Matched[] {
  const taps = all.filter(isTap);
  const tap = taps.find(({ verdict }) => verdict === "matches") ?? taps[0];
  if (!tap) return all;
  const name = taps.length > 1 ? `presso × ${taps.length}` : "presso";
  const rule = {
    ...tap.rule,
    name,
    targets: tap.rule.targets.map((target) => ({ ...target, name: "presso" })),
  };
  return [...all.filter((one) => !isTap(one)), { ...tap, rule }];
}

/** The rules of the bus, those of taps as one, each with its verdict. A disabled rule differs. */
export function matched(architecture: Architecture, event: BusEvent | undefined): Matched[] {
  const all = busRules(architecture).map((rule): Matched => {
    const pattern = rule.eventPattern as { [name: string]: Json } | undefined;
    if (!event || !rule.enabled) return { rule, verdict: "differs" };
    return { rule, verdict: matches(event as unknown as { [name: string]: Json }, pattern) };
  });
  return withOneTap(all);
}

type AslState = {
  Next?: string;
  End?: boolean;
  Type?: string;
  Arguments?: unknown;
  Catch?: { Next: string }[];
};
export type Workflow = { name: string; path: string[]; publishes: Map<string, string> };

/** The detail-types in the arguments of a state. Those in JSONata expressions are left out. */
function detailTypes(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(detailTypes);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "DetailType" && typeof inner === "string" && !inner.startsWith("{%")
      ? [inner]
      : detailTypes(inner),
  );
}

/**
 * The states along `Next`, and for each detail-type that a task names literally the first such
 * state of the definition.
 */
export function workflowOf({ workflow }: Architecture): Workflow | undefined {
  if (!workflow) return undefined;
  const { StartAt, States = {} } = workflow.definition as {
    StartAt?: string;
    States?: Record<string, AslState>;
  };
  const path: string[] = [];
  for (let name = StartAt; name && States[name] && !path.includes(name); name = States[name]?.Next)
    path.push(name);
  const publishes = new Map<string, string>();
  for (const [name, { Arguments, Type }] of Object.entries(States)) {
    for (const type of Type === "Task" ? detailTypes(Arguments) : [])
      if (!publishes.has(type)) publishes.set(type, name);
  }
  return { name: workflow.name, path, publishes };
}

/** Events that end an order, by the last word of the detail-type. */
const ENDS = /\.(OrderCompleted|OrderCancelled|OrderTimeOut|ShopUnavailable|orderFinished|OrderFailed)$/;

/**
 * The last state that an order's workflow has reached according to these events, and if the order
 * has ended. A failed execution ends in the state that failed, any other one in the last state.
 */
export function stateAfter(
  { path, publishes }: Workflow,
  events: readonly BusEvent[],
): { at: string | undefined; ended: boolean } {
  let reached = -1;
  let ended = false;
  for (const event of events) {
    const type = event["detail-type"];
    const state = publishes.get(type);
    if (state) reached = Math.max(reached, path.indexOf(state));
    if (type.endsWith(".NewOrder")) reached = Math.max(reached, 0);
    if (!ENDS.test(type)) continue;
    ended = true;
    if (!type.endsWith(".OrderFailed")) reached = path.length - 1;
  }
  return { at: path[reached], ended };
}

/** The event as JSON. No token arrives here; a member that is named like one is left out anyway. */
export const jsonOf = (event: BusEvent): string =>
  JSON.stringify(
    event,
    (name, value) => (/token/i.test(name) && name !== "availableTokens" ? undefined : value),
    2,
  );

/** "WaitingCompletion" of "OrderManager.WaitingCompletion". */
export const shortType = (type: string): string => type.split(".").at(-1) ?? type;
