/** Whether values of the params' domains can satisfy what `require` asks: intervals, narrowed until nothing changes. */
import { evaluate, pathsOf } from "./condition-evaluate.ts";
import { isOfNumberType } from "./domain.ts";
import type { Comparison, Domain, Param, ParamType, Requirement } from "./program.ts";

/** What of a param counts here. */
export type Bounded = Pick<Param, "name" | "type" | "nullable"> & {
  readonly domain: Domain | undefined;
};

interface Interval {
  readonly low: number;
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
}

const everything: Interval = { low: -Infinity, lowOpen: false, high: Infinity, highOpen: false };

/** Rounds of narrowing; what crawls on for longer is given the benefit of the doubt. */
const rounds = 100;

/** A requirement that no values can satisfy (together with the others), and the params that show it; undefined: none found. */
export interface Contradiction {
  readonly requirement: Requirement;
  readonly params: readonly string[];
}

export function findContradiction(
  params: ReadonlyMap<string, Bounded>,
  requirements: readonly Requirement[],
): Contradiction | undefined {
  for (const requirement of requirements)
    for (const comparison of requirement.condition.comparisons)
      if (isNeverTrue(params, comparison)) return { requirement, params: namesOf(comparison) };
  return findCircle(params, requirements) ?? narrow(params, requirements);
}

/** Every name of a comparison; a path in a requirement is one param. */
function namesOf(comparison: Comparison): readonly string[] {
  return pathsOf(comparison).map((path) => path.join("."));
}

/** For a param with a list of values, compared with a value: whether none of them does. */
function isNeverTrue(params: ReadonlyMap<string, Bounded>, comparison: Comparison): boolean {
  const param = params.get(comparison.left.join("."));
  if ("path" in comparison.right || !param || param.nullable || param.domain?.kind !== "list")
    return false;
  const condition = { comparisons: [comparison] };
  return param.domain.values.every((value) => !evaluate(condition, () => value).holds);
}

/** `low < high and high < low`: something is to be less than itself. A param that may be null takes no part. */
function findCircle(
  params: ReadonlyMap<string, Bounded>,
  requirements: readonly Requirement[],
): Contradiction | undefined {
  const isNever = (name: string) => params.get(name)?.nullable ?? true;
  const steps = requirements.flatMap((requirement) =>
    requirement.condition.comparisons.flatMap((it) =>
      namesOf(it).some(isNever) ? [] : stepsUp(it).map((step) => ({ ...step, requirement })),
    ),
  );
  for (const { from, to, strict, requirement } of steps)
    if (strict && isReachable(to, from, steps))
      return { requirement, params: [...new Set([from, to])] };
  return undefined;
}

interface StepUp {
  readonly from: string;
  readonly to: string;
  readonly strict: boolean;
}

/** From the lesser param to the greater one; both ways where they are equal. */
function stepsUp({ left, operator, right }: Comparison): readonly StepUp[] {
  if (!("path" in right)) return [];
  const [a, b] = [left.join("."), right.path.join(".")];
  if (operator === "<" || operator === "<=") return [{ from: a, to: b, strict: operator === "<" }];
  if (operator === ">" || operator === ">=") return [{ from: b, to: a, strict: operator === ">" }];
  return operator === "="
    ? [
        { from: a, to: b, strict: false },
        { from: b, to: a, strict: false },
      ]
    : [];
}

function isReachable(from: string, to: string, steps: readonly StepUp[]): boolean {
  const reached = new Set([from]);
  for (const name of reached)
    for (const step of steps) if (step.from === name) reached.add(step.to);
  return reached.has(to);
}

function narrow(
  params: ReadonlyMap<string, Bounded>,
  requirements: readonly Requirement[],
): Contradiction | undefined {
  const intervals = startIntervals(params);
  for (let round = 0; round < rounds; round++) {
    let changed = false;
    for (const requirement of requirements)
      for (const comparison of requirement.condition.comparisons) {
        const outcome = narrowBy(intervals, params, comparison);
        if (outcome === "empty") return { requirement, params: namesOf(comparison) };
        changed ||= outcome === "narrower";
      }
    if (!changed) return undefined;
  }
  return undefined;
}

/** Numeric params that cannot be null, with the hull of their domain. */
function startIntervals(params: ReadonlyMap<string, Bounded>): Map<string, Interval> {
  return new Map(
    [...params.values()]
      .filter(({ type, nullable }) => (type === "int" || type === "float") && !nullable)
      .map(({ name, domain }) => [name, hullOf(domain)]),
  );
}

function hullOf(domain: Domain | undefined): Interval {
  if (domain?.kind === "range") return domain;
  if (domain?.kind !== "list") return everything;
  const numbers = domain.values.filter((value) => typeof value === "number");
  return { ...everything, low: Math.min(...numbers), high: Math.max(...numbers) };
}

type Narrowing = "same" | "narrower" | "empty";

function narrowBy(
  intervals: Map<string, Interval>,
  params: ReadonlyMap<string, Bounded>,
  { left, operator, right }: Comparison,
): Narrowing {
  const a = intervals.get(left.join("."));
  const b = "path" in right ? intervals.get(right.path.join(".")) : pointAt(right.value);
  if (!a || !b) return "same";
  const outcomes: Narrowing[] = [];
  const put = (path: readonly string[], from: Interval, to: Interval) => {
    const name = path.join(".");
    intervals.set(name, to);
    outcomes.push(compareIntervals(from, to, params.get(name)?.type ?? "float"));
  };
  put(left, a, narrowLeft(a, operator, b));
  if ("path" in right) put(right.path, b, narrowLeft(b, mirrored[operator], a));
  return outcomes.includes("empty") ? "empty" : (outcomes.find((it) => it !== "same") ?? "same");
}

function pointAt(value: unknown): Interval | undefined {
  return typeof value === "number" ? { ...everything, low: value, high: value } : undefined;
}

const mirrored = {
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
  "=": "=",
  "!=": "!=",
  like: "like",
  ilike: "ilike",
} as const;

/** What is left of `a` when `a operator b` shall hold for some value in `b`. */
function narrowLeft(a: Interval, operator: Comparison["operator"], b: Interval): Interval {
  switch (operator) {
    case "<":
    case "<=":
      return capHigh(a, b.high, b.highOpen || operator === "<");
    case ">":
    case ">=":
      return capLow(a, b.low, b.lowOpen || operator === ">");
    case "=":
      return capLow(capHigh(a, b.high, b.highOpen), b.low, b.lowOpen);
    case "!=":
    case "like":
    case "ilike":
      return a;
    default:
      return operator satisfies never;
  }
}

function capHigh(a: Interval, high: number, highOpen: boolean): Interval {
  if (high > a.high || high === Infinity) return a;
  return { ...a, high, highOpen: highOpen || (high === a.high && a.highOpen) };
}

function capLow(a: Interval, low: number, lowOpen: boolean): Interval {
  if (low < a.low || low === -Infinity) return a;
  return { ...a, low, lowOpen: lowOpen || (low === a.low && a.lowOpen) };
}

function compareIntervals(from: Interval, to: Interval, type: ParamType): Narrowing {
  const { low, high } = type === "int" ? wholeEnds(to) : to;
  if (low > high || (low === high && type === "float" && (to.lowOpen || to.highOpen)))
    return "empty";
  const isSame =
    from.low === to.low &&
    from.high === to.high &&
    from.lowOpen === to.lowOpen &&
    from.highOpen === to.highOpen;
  return isSame ? "same" : "narrower";
}

/** The outermost whole numbers of an interval. */
function wholeEnds({ low, lowOpen, high, highOpen }: Interval): { low: number; high: number } {
  const first = lowOpen && isOfNumberType("int", low) ? low + 1 : Math.ceil(low);
  const last = highOpen && isOfNumberType("int", high) ? high - 1 : Math.floor(high);
  return { low: first, high: last };
}
