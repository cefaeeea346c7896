/** What the cache would do for each step of a run now; nothing is done. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { PlannedInput, RunPlan, StepAction } from "../../plan/plan.ts";
import { sourceName } from "../../plan/source-name.ts";
import { standardDataFile } from "../standard-data.ts";
import { firstDifference } from "./component.ts";
import { type Entry, objectsOf } from "./entry.ts";
import { digestOfInput, digestOfOutput } from "./input-digest.ts";
import { type KnownPlaces, rememberForms } from "./known.ts";
import { type Answer, lookUp } from "./look-up.ts";
import { placeOfObject } from "./objects.ts";
import type { Cause, StepRecord, Uncached } from "./record.ts";

export type Forecast =
  | { readonly kind: "cached"; readonly from: string; readonly savedMilliseconds: number }
  /** `uncached`: it runs each time, and why. */
  | { readonly kind: "runs"; readonly cause: Cause; readonly uncached: Uncached | undefined }
  /** As far as can be seen it is what it was; but these may give something else: steps that would run, and other runs. */
  | { readonly kind: "depends"; readonly on: readonly string[] };

export interface StepForecast {
  readonly step: string;
  /** What happened the last time; undefined where the step has never run here. */
  readonly last: StepRecord | undefined;
  readonly now: Forecast;
}

interface Told extends StepForecast {
  readonly entry: Entry | undefined;
}

/** In the order of the plan, in which steps come after those that they need. */
export async function forecast(
  plan: RunPlan,
  places: KnownPlaces,
): Promise<readonly StepForecast[]> {
  const steps = plan.actions.filter((action) => action.kind === "step");
  await rememberForms(steps, places);
  const told = new Map<string, Told>();
  for (const step of steps) told.set(step.name, await tell(step, plan, told, places));
  return [...told.values()].map(({ step, last, now }) => ({ step, last, now }));
}

type Earlier = ReadonlyMap<string, Told>;

async function tell(
  step: StepAction,
  plan: RunPlan,
  earlier: Earlier,
  places: KnownPlaces,
): Promise<Told> {
  const contents = new Map<string, string>();
  const open: PlannedInput[] = [];
  for (const input of step.inputs) {
    const content = await contentOf(input, earlier, places);
    if (content === undefined) open.push(input);
    else contents.set(input.variable, content);
  }
  const answer = await lookUp(
    {
      name: { file: plan.file, run: plan.run, step: step.name },
      step,
      inputs: contents,
      runName: nameOf(plan),
      causeOfInput: (variable) => causeOfInput(variable, step, earlier),
    },
    places,
  );
  const entry = open.length > 0 ? undefined : wholeEntry(answer, places.root);
  return { step: step.name, last: answer?.last, now: judge(answer, entry, open), entry };
}

function judge(
  answer: Answer | undefined,
  entry: Entry | undefined,
  open: readonly PlannedInput[],
): Forecast {
  if (!answer) return { kind: "runs", cause: { kind: "first" }, uncached: undefined };
  const { known, last, cause } = answer;
  const { uncached } = known;
  if (entry && uncached === undefined)
    return { kind: "cached", from: entry.runId, savedMilliseconds: entry.milliseconds };
  if (open.length === 0 || !last || uncached !== undefined)
    return { kind: "runs", cause, uncached };
  const unknown = new Set(open.map(({ variable }) => `input ${variable}`));
  const before = last.components.filter(({ name }) => !unknown.has(name));
  const difference = firstDifference(before, known.components);
  return difference
    ? {
        kind: "runs",
        cause: { kind: "changed", reason: { ...difference, due: undefined } },
        uncached,
      }
    : { kind: "depends", on: [...new Set(open.map(({ from }) => sourceName(from)))] };
}

/** What an input would hold; undefined where that is known only when the run runs. */
async function contentOf(
  { variable, from }: PlannedInput,
  earlier: Earlier,
  { folder }: KnownPlaces,
): Promise<string | undefined> {
  if (from.kind === "file") {
    const file = path.join(folder, from.path);
    const input = { variable, kind: "artifact", format: from.format, path: file } as const;
    return (await digestOfInput(input)) ?? "absent";
  }
  if (from.kind === "data") {
    const { format } = from;
    return digestOfInput({ variable, kind: "artifact", format, path: standardDataFile(from) });
  }
  const entry = from.kind === "step" ? earlier.get(from.step)?.entry : undefined;
  if (!entry || from.kind !== "step") return undefined;
  return digestOfOutput(from.output, entry.files, entry.result.events);
}

function wholeEntry(answer: Answer | undefined, root: string): Entry | undefined {
  return answer?.holding.find(({ entry }) =>
    objectsOf(entry).every(({ digest }) => existsSync(placeOfObject(root, digest))),
  )?.entry;
}

function causeOfInput(
  variable: string,
  step: StepAction,
  earlier: Earlier,
): { readonly step: string; readonly cause: Cause } | undefined {
  const from = step.inputs.find((input) => input.variable === variable)?.from;
  const giver = from?.kind === "step" ? earlier.get(from.step) : undefined;
  return giver?.now.kind === "runs" ? { step: giver.step, cause: giver.now.cause } : undefined;
}

/** What the run will be called, as far as the plan knows. */
function nameOf(plan: RunPlan): string {
  for (const action of plan.actions)
    if (action.kind === "call" && action.endpoint === "runs/create")
      return typeof action.request.run_name === "string" ? action.request.run_name : plan.run;
  return plan.run;
}
