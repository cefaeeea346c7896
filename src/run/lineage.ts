/** Tells the tracker what the inputs of a step are, and which runs they came from. */
import { longestValue } from "../check/tags.ts";
import type { ChosenSource, RunPlan, StepAction } from "../plan/plan.ts";
import { sourceName } from "../plan/source-name.ts";
import { splitBatch } from "../tracking/batch.ts";
import type { KeyValue } from "../tracking/entities.ts";
import { type Choices, type ChosenRun, isOpen } from "./choose-inputs.ts";
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

/** The tags that all steps of a plan give to its run. */
export function lineageTags(plan: RunPlan): readonly KeyValue[] {
  const tags = plan.actions.flatMap((action) =>
    action.kind === "step" ? chosenInputs(action).flatMap((input) => tagsOf(input, plan)) : [],
  );
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()];
}

/** What such tags tell of the runs that were chosen for `plan`; of a source that they do not name, nothing. */
export function choicesIn(plan: RunPlan, tags: readonly KeyValue[] = []): Choices {
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  const choices = new Map<string, ChosenRun>();
  for (const action of plan.actions)
    for (const { variable, from } of action.kind === "step" ? action.inputs : []) {
      const names = action.kind === "step" ? [`${action.name}.${variable}`, variable] : [];
      const name = names.find((one) => values.has(inputTag + one));
      const runId = name === undefined ? undefined : values.get(inputTag + name);
      if (runId !== undefined && isOpen(from))
        choices.set(sourceName(from), { runId, why: values.get(whyTag + name) ?? "" });
    }
  return choices;
}

function chosenInputs({ name, inputs }: StepAction): readonly ChosenInput[] {
  return inputs.flatMap(({ variable, from }) =>
    from.kind === "chosen" ? [{ step: name, variable, from }] : [],
  );
}

const inputTag = "mlpipe.input.";
const whyTag = "mlpipe.input_from.";

function tagsOf(input: ChosenInput, plan: RunPlan): readonly KeyValue[] {
  const name = nameIn(plan, input);
  const { runId, why } = input.from;
  return [
    { key: inputTag + name, value: runId },
    { key: whyTag + name, value: why.slice(0, longestValue) },
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
