/** From what is not as it was to what may be why a step gives something else. */
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
const byWeight = [
  "data",
  "code",
  "undeclared-file",
  "package",
  "rng-kind",
  "environment",
  "locale",
  "timezone",
  "blas",
  "cpu-count",
  "host",
] as const;

export function suspectsOf(
  step: string,
  changes: readonly Change[],
  { steps }: Manifest,
): readonly Suspect[] {
  const own = changes.filter((change) => change.step === undefined || change.step === step);
  const weight = ({ cause }: Change): number => byWeight.findIndex((one) => one === cause);
  const changed = own
    .toSorted((a, b) => weight(a) - weight(b))
    .map(({ cause, name, before, after }): Suspect => {
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
