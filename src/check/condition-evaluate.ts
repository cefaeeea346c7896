/** Conditions with values: whether they hold, and what to say where they do not. Checker, runner and `verify` ask here. */
import { describeValue } from "./domain.ts";
import type { CompareOperator, Comparison, Condition, Value } from "./program.ts";

/** The value of a dotted path (`accuracy`, `tags.status`); undefined where there is none. */
export type Lookup = (path: readonly string[]) => Value | undefined;

export interface Outcome {
  readonly holds: boolean;
  /** The values seen by the comparisons that do not hold: `accuracy is 0.83`, `low is 3 and high is 2`; "" if all hold. */
  readonly actual: string;
  /** In the order of the condition. */
  readonly failed: readonly Comparison[];
}

/**
 * Evaluates `condition`. A comparison with an absent value or a NaN does not hold, `!=` included. A null param is one that
 * was left out: it equals null only, and no order is asked of it (`limit > 0` holds for a null limit).
 */
export function evaluate(condition: Pick<Condition, "comparisons">, lookup: Lookup): Outcome {
  const failed = condition.comparisons.filter(
    (it) => !compares(lookup(it.left), it.operator, rightOf(it, lookup)),
  );
  const facts = failed.flatMap((it) => pathsOf(it).map((path) => describeFact(path, lookup)));
  return { holds: failed.length === 0, actual: [...new Set(facts)].join(" and "), failed };
}

/** The names that a comparison reads. */
export function pathsOf({ left, right }: Comparison): readonly (readonly string[])[] {
  return "path" in right ? [left, right.path] : [left];
}

function rightOf({ right }: Comparison, lookup: Lookup): Value | undefined {
  return "path" in right ? lookup(right.path) : right.value;
}

function describeFact(path: readonly string[], lookup: Lookup): string {
  const value = lookup(path);
  const name = path.join(".");
  return value === undefined ? `there is no ${name}` : `${name} is ${describeValue(value)}`;
}

function compares(
  left: Value | undefined,
  operator: CompareOperator,
  right: Value | undefined,
): boolean {
  if (left === undefined || right === undefined) return false;
  if (Number.isNaN(left) || Number.isNaN(right)) return false;
  if (operator === "=") return left === right;
  if (operator === "!=") return left !== right;
  if (left === null || right === null) return true;
  if (typeof left === "number" && typeof right === "number")
    return comparesNumbers(left, operator, right);
  return typeof left === "string" && typeof right === "string" && isLike(left, operator, right);
}

type Ordering = Exclude<CompareOperator, "=" | "!=">;

function comparesNumbers(left: number, operator: Ordering, right: number): boolean {
  switch (operator) {
    case ">=":
      return left >= right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case "<":
      return left < right;
    case "like":
    case "ilike":
      return false;
    default:
      return operator satisfies never;
  }
}

function isLike(left: string, operator: Ordering, right: string): boolean {
  if (operator !== "like" && operator !== "ilike") return false;
  return likePattern(right, operator === "like" ? "su" : "siu").test(left);
}

/** SQL's LIKE, as MLflow has it: `%` is any text, `_` one character; the whole text must match. */
function likePattern(pattern: string, flags: string): RegExp {
  const escaped = pattern.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
  return new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}$`, flags);
}
