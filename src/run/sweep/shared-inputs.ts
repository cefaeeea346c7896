/** The runs that the inputs of all trials come from: chosen once, before the parent run is made, and kept in its tags. */
import type { SweepPlan } from "../../plan/plan.ts";
import type { KeyValue } from "../../tracking/entities.ts";
import { type Choices, chooseInputs } from "../choose-inputs.ts";
import { choicesIn, lineageTags } from "../lineage.ts";
import type { SweepContext } from "./sweep-state.ts";

export interface SharedInputs {
  readonly choices: Choices;
  readonly tags: readonly KeyValue[];
}

/** `earlier`: the parent run of an earlier attempt, whose choices stand. */
export async function chooseForTrials(
  { trials: [first] }: SweepPlan,
  earlier: string | undefined,
  context: SweepContext,
): Promise<SharedInputs> {
  if (!first) return { choices: new Map(), tags: [] };
  const { tracking, adopt } = context;
  const trial = context.child(first);
  const before =
    earlier === undefined ? undefined : await tracking.call("runs/get", { run_id: earlier });
  const choices = choicesIn(trial, before?.run.data.tags);
  const tags = lineageTags(await chooseInputs(trial, { tracking, adopt, choices }));
  return { choices: choicesIn(trial, tags), tags };
}
