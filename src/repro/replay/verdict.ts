/** The verdict on several replays together. */
import type { Verdict } from "../compare/comparison.ts";

const byWeight = ["DIFFERENT", "UNDECIDED", "EQUIVALENT", "IDENTICAL"] as const;

export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return byWeight.find((one) => verdicts.includes(one)) ?? "IDENTICAL";
}
