// Evaluates event patterns as EventBridge's documentation defines them, because EventBridge does
// not report which rules matched an event.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type JsonObject = { readonly [name: string]: Json };
type Leaf = null | boolean | number | string;

/** `unknown`: the pattern has an operator that this page cannot evaluate. */
export type Verdict = "matches" | "differs" | "unknown";

class UnknownOperator extends Error {}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isLeaf = (value: Json): value is Leaf => typeof value !== "object" || value === null;

/** Values to compare: those of an array one by one, and nothing of an object. */
function leaves(value: Json | undefined): Leaf[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]).filter(isLeaf);
}

const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);

const COMPARE: Record<string, (left: number, right: number) => boolean> = {
  "=": (left, right) => left === right,
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

function numeric(leaf: Leaf, conditions: readonly Json[]): boolean {
  if (typeof leaf !== "number") return false;
  for (let at = 0; at < conditions.length; at += 2) {
    const [compare, bound] = [COMPARE[String(conditions[at])], conditions[at + 1]];
    if (!compare || typeof bound !== "number") throw new UnknownOperator("numeric");
    if (!compare(leaf, bound)) return false;
  }
  return true;
}

/** `*` is any text, `\*` an asterisk. */
function wildcard(text: string, pattern: string): boolean {
  const parts = pattern.split(/(\\.|\*)/).map((part) => {
    if (part === "*") return ".*";
    return (/^\\.$/.test(part) ? part.slice(1) : part).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("")}$`, "s").test(text);
}

function textual(operator: string, leaf: Leaf, operand: Json): boolean {
  const ignoresCase = isObject(operand) ? operand["equals-ignore-case"] : undefined;
  const wanted = ignoresCase ?? operand;
  if (typeof wanted !== "string") throw new UnknownOperator(operator);
  if (typeof leaf !== "string") return false;
  const [text, part] =
    operator === "equals-ignore-case" || ignoresCase !== undefined
      ? [leaf.toLowerCase(), wanted.toLowerCase()]
      : [leaf, wanted];
  if (operator === "prefix") return text.startsWith(part);
  if (operator === "suffix") return text.endsWith(part);
  return operator === "wildcard" ? wildcard(text, part) : text === part;
}

const TEXTUAL = ["prefix", "suffix", "wildcard", "equals-ignore-case"];

/** True if the value fits the condition. */
function fits(leaf: Leaf, condition: Json): boolean {
  if (isLeaf(condition)) return leaf === condition;
  const [[operator, operand] = ["", null], ...more] = Object.entries(condition);
  if (more.length > 0) throw new UnknownOperator("several operators");
  if (operator === "numeric") return numeric(leaf, list(operand));
  // Of several conditions none may fit, whether they are values or operators.
  if (operator === "anything-but") return !list(operand).some((other) => butFits(leaf, other));
  if (TEXTUAL.includes(operator)) return textual(operator, leaf, operand);
  throw new UnknownOperator(operator);
}

/** True if one part of `anything-but` fits. `{"prefix": ["a", "b"]}` excludes both prefixes. */
function butFits(leaf: Leaf, other: Json): boolean {
  if (!isObject(other)) return fits(leaf, other);
  return Object.entries(other).some(([operator, operand]) => {
    if (!TEXTUAL.includes(operator)) throw new UnknownOperator(operator);
    return list(operand).some((one) => textual(operator, leaf, one));
  });
}

/** True if one of the conditions fits one of the values. `exists` counts leaves only. */
function field(value: Json | undefined, conditions: readonly Json[]): boolean {
  const values = leaves(value);
  return conditions.some((condition) => {
    if (isObject(condition) && "exists" in condition) return condition.exists === values.length > 0;
    return values.some((leaf) => fits(leaf, condition));
  });
}

/** True if every field of the pattern matches. Of an array, one element must match. */
function object(event: Json | undefined, pattern: JsonObject): boolean {
  if (Array.isArray(event)) return event.some((element) => object(element, pattern));
  const fields = isObject(event) ? event : {};
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === "$or" && Array.isArray(wanted))
      return wanted.some((branch) => isObject(branch) && object(event, branch));
    if (Array.isArray(wanted)) return field(fields[name], wanted);
    if (isObject(wanted)) return object(fields[name], wanted);
    throw new UnknownOperator(name);
  });
}

export function matches(event: JsonObject, pattern: JsonObject | undefined): Verdict {
  if (!pattern) return "differs";
  try {
    return object(event, pattern) ? "matches" : "differs";
  } catch (error) {
    if (error instanceof UnknownOperator) return "unknown";
    throw error;
  }
}
