/** Which runs the inputs of a run come from: asked of the tracker before the run is made. */
import type { OutputRef } from "../check/program.ts";
import type { Candidates, ChosenSource, OpenSource, RunPlan } from "../plan/plan.ts";
import { sourceName } from "../plan/source-name.ts";
import type { TrackedRun } from "../tracking/entities.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { fail } from "./failure.ts";
import { newestCandidate } from "./ranking/candidates.ts";
import { type RankedRuns, rankRuns } from "./ranking/rank-runs.ts";
import { findOutput, requireOutput } from "./run-outputs.ts";
import { runByPrefix } from "./run-by-prefix.ts";

export interface ChooseContext {
  readonly tracking: Tracking;
  /** The run that is used under `mlflow run`: what is logged to the file's experiment is looked for in that run's. */
  readonly adopt: string | undefined;
  /** What is settled already, by the name of the source: by an earlier attempt, or for all trials of a sweep. */
  readonly choices?: Choices;
}
export type Choices = ReadonlyMap<string, ChosenRun>;
export type ChosenRun = Pick<ChosenSource, "runId" | "why">;

/**
 * The plan with a ChosenSource for each OpenSource: one that several steps name is chosen once. Rejects with RunFailed where
 * there is no such run, or it lacks the output; only reads.
 */
export async function chooseInputs(plan: RunPlan, context: ChooseContext): Promise<RunPlan> {
  if (openSources(plan).length === 0) return plan;
  const chooser = { ...context, plan, experiment: await placeOf(plan, context) };
  const runs = new Map(context.choices);
  const chosen = new Map<OpenSource, ChosenSource>();
  for (const source of openSources(plan)) {
    const key = sourceName(source);
    const run = runs.get(key) ?? (await chooseRun(source, chooser));
    runs.set(key, run);
    const output = await outputOf(source, run.runId, context.tracking);
    chosen.set(source, { kind: "chosen", ...run, output });
  }
  return withChosen(plan, chosen);
}

/** In the order of the plan. */
export function openSources({ actions }: RunPlan): readonly OpenSource[] {
  return actions.flatMap((action) =>
    action.kind === "step" ? action.inputs.flatMap(({ from }) => (isOpen(from) ? [from] : [])) : [],
  );
}

export function isOpen(from: { readonly kind: string }): from is OpenSource {
  return from.kind === "run" || from.kind === "run-id" || from.kind === "best";
}

function withChosen(plan: RunPlan, chosen: ReadonlyMap<object, ChosenSource>): RunPlan {
  const actions = plan.actions.map((action) => {
    if (action.kind !== "step") return action;
    const inputs = action.inputs.map((input) => ({
      ...input,
      from: chosen.get(input.from) ?? input.from,
    }));
    return { ...action, inputs };
  });
  return { ...plan, actions };
}

interface Chooser extends ChooseContext {
  readonly plan: RunPlan;
  /** Where the runs are that the file means to be in an experiment. */
  readonly experiment: (declared: string) => string;
}

async function placeOf(
  plan: RunPlan,
  { tracking, adopt }: ChooseContext,
): Promise<Chooser["experiment"]> {
  if (adopt === undefined) return (declared) => declared;
  const { run } = await tracking.call("runs/get", { run_id: adopt });
  const { experiment } = await tracking.call("experiments/get", {
    experiment_id: run.info.experiment_id,
  });
  return (declared) => (declared === plan.experiment ? experiment.name : declared);
}

async function chooseRun(source: OpenSource, chooser: Chooser): Promise<ChosenRun> {
  switch (source.kind) {
    case "run":
      return newest(source, chooser);
    case "run-id":
      return named(await runByPrefix(source.id, chooser.tracking));
    case "best":
      return best(source, chooser);
    default:
      return source satisfies never;
  }
}

function named({ info }: TrackedRun, ...why: readonly string[]): ChosenRun {
  return { runId: info.run_id, why: [info.run_name, ...why].join(", ") };
}

async function newest(
  { run, experiment: declared }: Extract<OpenSource, { kind: "run" }>,
  { tracking, plan, experiment }: Chooser,
): Promise<ChosenRun> {
  const candidates = runsOf(run, experiment(declared));
  const found = await newestCandidate(tracking, candidates);
  if (found) return named(found, `newest of ${run}`);
  return fail("R0843", { run, experiment: candidates.experiment, file: plan.file });
}

/** The names among whose finished runs the source is chosen; none for one that is named by its id. */
export function candidatesIn(source: OpenSource): readonly Candidates[] {
  switch (source.kind) {
    case "run":
      return [runsOf(source.run, source.experiment)];
    case "best":
      return source.ranking.candidates;
    case "run-id":
      return [];
    default:
      return source satisfies never;
  }
}

/** The runs that were started by that name, by themselves. */
function runsOf(run: string, experiment: string): Candidates {
  return { kind: "run", name: run, of: run, experiment, params: [] };
}

/** Enough to tell runs apart; the run has the others. */
const shownDigits = 6;

async function best(
  { of, ranking }: Extract<OpenSource, { kind: "best" }>,
  { tracking, plan, experiment }: Chooser,
): Promise<ChosenRun> {
  const candidates = ranking.candidates.map((one) => ({
    ...one,
    experiment: experiment(one.experiment),
  }));
  const ranked = await rankRuns({ ...ranking, candidates }, tracking);
  const { verdict } = ranked;
  if (!verdict) return refuseBest(of, ranked, plan);
  const { winner } = verdict;
  const metric = (verdict.decided ?? ranking.bestBy[0])?.metric ?? "";
  const value = winner.metrics.get(metric) ?? Number.NaN;
  const shown = Number(value.toPrecision(shownDigits));
  return { runId: winner.id, why: `${winner.name}, best of ${of} by ${metric} ${shown}` };
}

function refuseBest(
  of: string,
  { runs, notRun, allLeftOut }: RankedRuns,
  { file }: RunPlan,
): never {
  const [first] = notRun;
  if (runs.length === 0 && allLeftOut.length === 0 && first)
    return fail("R0843", { run: first.name, experiment: first.experiment, file });
  const because =
    runs.length === 0
      ? `its \`where\` leaves out all finished runs of ${allLeftOut.map(({ name }) => `\`${name}\``).join(", ")}`
      : "none of its runs has logged the metric that it is the best by";
  return fail("R0842", { of, because, file });
}

async function outputOf(source: OpenSource, runId: string, tracking: Tracking): Promise<OutputRef> {
  if (source.kind === "run-id") return findOutput(runId, source.output, tracking);
  await requireOutput(runId, source.output, tracking);
  return source.output;
}
