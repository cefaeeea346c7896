/** From what is not as it was to what may be why a step gives something else. */
import type { Cause } from "../cause.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { Manifest } from "../../run/manifest/manifest.ts";
import type { Change, Suspect } from "./replay.ts";

/** The steps, in the order of the plan, that have not given the same. */
export function guiltySteps({ rows }: Comparison, { steps }: Manifest): readonly string[] {
  const guilty = new Set(
    rows.filter(({ verdict }) => verdict === "DIFFERENT").map(({ step }) => step),
  );
  return steps.flatMap(({ name }) => (guilty.has(name) ? [name] : []));
}

/** What a result surely depends on comes before what it may depend on. */
const weights: readonly (Cause | "param" | "seed")[] = [
  "param",
  "seed",
  "data",
  "code",
  "undeclared-file",
  "unseeded-rng",
  "package",
  "rng-kind",
  "environment",
  "locale",
  "timezone",
  "blas",
  "cpu-count",
  "host",
];

interface Weighed {
  readonly cause: (typeof weights)[number];
}

/** For sorting; what has no weight comes last. */
export function byWeight(one: Weighed, other: Weighed): number {
  return weightOf(one) - weightOf(other);
}

function weightOf({ cause }: Weighed): number {
  const at = weights.indexOf(cause);
  return at < 0 ? weights.length : at;
}

export function suspectsOf(
  step: string,
  changes: readonly Change[],
  { steps }: Manifest,
): readonly Suspect[] {
  const own = changes.filter((change) => change.step === undefined || change.step === step);
  const changed = own.toSorted(byWeight).map(({ cause, name, before, after }): Suspect => {
    return {
      cause,
      step,
      why: `${name} is ${after || "gone"}, and was ${before || "not there"}`,
    };
  });
  const isUnseeded = steps.find(({ name }) => name === step)?.process?.unseeded === true;
  const why = "it draws random numbers that nobody has seeded";
  return isUnseeded ? [{ cause: "unseeded-rng", step, why }, ...changed] : changed;
}
