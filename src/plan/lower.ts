/** Program → Plan: everything that a run, sweep, comparison or launch will do, decided before anything is done. */
import type { Goal, Program, Run, Value } from "../check/program.ts";
import { type LowerOptions, lowerRun } from "./lower-run.ts";
import type { ComparePlan, LaunchPlan, Plan, SweepPlan } from "./plan.ts";
import { gridTrials, randomTrials } from "./trials.ts";

export type { LowerOptions } from "./lower-run.ts";

/** The plan of the entry `name`, which the program must have. */
export function lower(program: Program, name: string, options: LowerOptions): Plan {
  const run = program.runs.get(name);
  if (run) return lowerRun(program, run, options);
  if (program.sweeps.has(name)) return lowerSweep(program, name, options);
  if (program.compares.has(name)) return lowerCompare(program, name);
  if (program.launches.has(name)) return lowerLaunch(program, name, options);
  throw new Error(`the program has no entry ${name}`);
}

/** Element `name` of a map that a checked program cannot lack. */
function required<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  if (found === undefined) throw new Error(`the checked program lacks ${name}`);
  return found;
}

function lowerSweep(program: Program, name: string, options: LowerOptions): SweepPlan {
  const sweep = required(program.sweeps, name);
  const run = required(program.runs, sweep.of);
  const layOut = sweep.search.kind === "grid" ? gridTrials : randomTrials;
  const trials = layOut(sweep, run, options.params);
  const width = Math.max(2, String(trials.length).length);
  return {
    kind: "sweep",
    sweep: name,
    of: sweep.of,
    file: program.file,
    parallel: sweep.parallel,
    bestBy: goals(sweep.bestBy, [run]),
    trials: trials.map((params, index) => ({
      name: `${name}/${String(index + 1).padStart(width, "0")}`,
      params: { ...options.params, ...params },
    })),
  };
}

/** Runs that a comparison lays side by side; a sweep stands for the run that it repeats. */
function runsOf(program: Program, names: readonly string[]): readonly Run[] {
  return names.map((name) => required(program.runs, program.sweeps.get(name)?.of ?? name));
}

function goals(
  names: readonly string[],
  runs: readonly Run[],
): readonly { metric: string; goal: Goal }[] {
  const metrics = runs.flatMap((run) => [
    ...run.steps.flatMap((step) => step.metrics),
    ...run.shared.metrics,
  ]);
  return names.map((metric) => ({
    metric,
    goal: metrics.find(({ key, goal }) => key === metric && goal)?.goal ?? "maximize",
  }));
}

function lowerCompare(program: Program, name: string): ComparePlan {
  const compare = required(program.compares, name);
  const runs = runsOf(program, compare.runs);
  return {
    kind: "compare",
    compare: name,
    file: program.file,
    experiments: [...new Set(runs.map((run) => run.experiment))],
    runs: compare.runs,
    where: compare.where.map(({ text }) => text),
    bestBy: goals(compare.bestBy, runs),
    show: compare.show,
  };
}

function lowerLaunch(program: Program, name: string, options: LowerOptions): LaunchPlan {
  const { git, at, entry, backend, set } = required(program.launches, name);
  const params: Readonly<Record<string, Value>> = { ...set, ...options.params };
  return {
    kind: "launch",
    launch: name,
    file: program.file,
    git,
    at,
    entry,
    backend: backend.name,
    params,
  };
}
