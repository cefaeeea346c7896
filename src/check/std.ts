/** The standard metrics: what each takes, which way is better, and where its values lie. */
import type { Domain, Goal, RangeDomain } from "./program.ts";

export interface StdFunction {
  /** Names of its arguments, in order; all are needed. */
  readonly takes: readonly string[];
  /** For a metric that states none. */
  readonly goal: Goal;
  /** For a metric that states none. */
  readonly domain: Domain;
}

const share: RangeDomain = {
  kind: "range",
  low: 0,
  lowOpen: false,
  high: 1,
  highOpen: false,
  by: undefined,
};
const distance: RangeDomain = { ...share, high: Infinity };
const atMostOne: RangeDomain = { ...share, low: -Infinity };

const takes = ["truth", "guess"] as const;
const error: StdFunction = { takes, goal: "minimize", domain: distance };
const score: StdFunction = { takes, goal: "maximize", domain: share };

/** What `import … from "std/metrics"` may name; a metric may call them without an import. */
export const stdMetrics: ReadonlyMap<string, StdFunction> = new Map([
  ["rmse", error],
  ["mae", error],
  ["r2", { takes, goal: "maximize", domain: atMostOne }],
  ["accuracy", score],
  ["precision", score],
  ["recall", score],
  ["f1", score],
]);

/** Functions that a module of the standard library exports beside its declarations. */
export function stdFunctionsOf(path: string): ReadonlyMap<string, StdFunction> {
  return path === "std/metrics" ? stdMetrics : new Map();
}
