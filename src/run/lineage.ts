/** Tells the tracker what the inputs of a step are, and which runs they came from. */
import { longestValue } from "../check/tags.ts";
import type { ChosenSource, RunPlan, StepAction } from "../plan/plan.ts";
import { splitBatch } from "../tracking/batch.ts";
import { datasetsOf, logDatasets } from "./datasets.ts";
import type { StepInput } from "./protocol.ts";
import type { PerformContext } from "./state.ts";

interface ChosenInput {
  readonly step: string;
  readonly variable: string;
  readonly from: ChosenSource;
}

/**
 * Tags the run with each input of `step` that another run made, tells the listener of it, and logs all data that comes from
 * outside the run as data sets. `there`: where the inputs lie by now.
 */
export async function logLineage(
  step: StepAction,
  plan: RunPlan,
  there: readonly StepInput[],
  { tracking, listener }: Pick<PerformContext, "tracking" | "listener">,
  runId: string,
): Promise<void> {
  const inputs = chosenInputs(step);
  const tags = inputs.flatMap((input) => tagsOf(input, plan));
  if (tags.length > 0)
    for (const batch of splitBatch({ run_id: runId, tags }))
      await tracking.call("runs/log-batch", batch);
  await logDatasets(await datasetsOf(step, there), runId, tracking);
  for (const { variable, from } of inputs) {
    const { runId: origin, why } = from;
    listener({ kind: "input", step: step.name, variable, runId: origin, why });
  }
}

function chosenInputs({ name, inputs }: StepAction): readonly ChosenInput[] {
  return inputs.flatMap(({ variable, from }) =>
    from.kind === "chosen" ? [{ step: name, variable, from }] : [],
  );
}

function tagsOf(
  input: ChosenInput,
  plan: RunPlan,
): readonly { readonly key: string; readonly value: string }[] {
  const name = nameIn(plan, input);
  const { runId, why } = input.from;
  return [
    { key: `mlpipe.input.${name}`, value: runId },
    { key: `mlpipe.input_from.${name}`, value: why.slice(0, longestValue) },
  ];
}

/** The variable, with the step before it where another step has one of that name from another run. */
function nameIn({ actions }: RunPlan, { step, variable, from }: ChosenInput): string {
  const isShared = actions.some(
    (action) =>
      action.kind === "step" &&
      chosenInputs(action).some(
        (other) => other.variable === variable && other.from.runId !== from.runId,
      ),
  );
  return isShared ? `${step}.${variable}` : variable;
}
