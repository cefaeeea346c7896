/** A sweep as a parent run and its trials, and each trial as the run that it is. */
import type { Program, Run, Sweep, Tag } from "../check/program.ts";
import { launchTags } from "./launch-tags.ts";
import { rankedMetrics } from "./lower-comparison.ts";
import {
  type LowerOptions,
  adoptRun,
  createRun,
  fillTags,
  findExperiment,
  logged,
  lowerRun,
  planParams,
  withLaunch,
} from "./lower-run.ts";
import type { RunPlan, SweepPlan } from "./plan.ts";
import { required } from "./required.ts";
import type { HoleScope } from "./text.ts";
import { gridTrials, randomTrials } from "./trials.ts";

export function lowerSweep(program: Program, name: string, options: LowerOptions): SweepPlan {
  const sweep = required(program.sweeps, name);
  const run = logged(required(program.runs, sweep.of), options);
  const layOut = sweep.search.kind === "grid" ? gridTrials : randomTrials;
  const trials = layOut(sweep, run, options.params);
  const width = Math.max(2, String(trials.length).length);
  return {
    kind: "sweep",
    sweep: name,
    of: sweep.of,
    file: program.file,
    experiment: run.experiment,
    calls: parentCalls(program, sweep, run, options),
    expects: sweep.expects,
    parallel: sweep.parallel,
    bestBy: rankedMetrics(sweep.bestBy, [run]),
    trials: trials.map((params, index) => ({
      name: `${name}/${String(index + 1).padStart(width, "0")}`,
      params: { ...options.params, ...params },
    })),
  };
}

/** The run of one trial. The experiment and the parent run are known by then. */
export function lowerTrial(
  program: Program,
  plan: SweepPlan,
  trial: SweepPlan["trials"][number],
): RunPlan {
  const { name: sweep, of, tags } = required(program.sweeps, plan.sweep);
  return lowerRun(program, required(program.runs, of), {
    params: trial.params,
    adopt: false,
    experiment: plan.experiment,
    trial: { sweep, name: trial.name, tags },
  });
}

/** The parent has the sweep's name, its note, and those of its tags that are the same for every trial. */
function parentCalls(
  program: Program,
  sweep: Sweep,
  run: Run,
  { params, adopt, launch }: LowerOptions,
): SweepPlan["calls"] {
  const varied = new Set(sweep.vary.map(({ param }) => param));
  const fixed = run.params.filter(({ name }) => !varied.has(name));
  const scope: HoleScope = {
    params: planParams(fixed, params),
    run: run.name,
    experiment: run.experiment,
    seed: run.seed,
  };
  const isFixed = ({ value }: Tag): boolean =>
    value.every((part) => typeof part === "string" || !varied.has(part.hole.join(".")));
  const own = [
    ...(sweep.doc ? [{ key: "mlflow.note.content", value: sweep.doc }] : []),
    { key: "mlpipe.kind", value: "sweep" },
    { key: "mlpipe.sweep", value: sweep.name },
    { key: "mlpipe.sweep_of", value: run.name },
    ...fillTags(sweep.tags.filter(isFixed), scope),
  ];
  const tags = withLaunch(own, launch ? launchTags(program, launch) : []);
  if (adopt) return adoptRun(program, tags);
  return [...findExperiment(program, run), ...createRun(program, scope, sweep.name, tags)];
}
