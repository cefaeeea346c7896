/** Program → Plan: everything that a run, sweep, comparison or launch will do, decided before anything is done. */
import type { Program, Value } from "../check/program.ts";
import { lowerComparison, rankedMetrics } from "./lower-comparison.ts";
import { type LowerOptions, lowerRun } from "./lower-run.ts";
import type { LaunchPlan, Plan, SweepPlan } from "./plan.ts";
import { required } from "./required.ts";
import { gridTrials, randomTrials } from "./trials.ts";

export type { LowerOptions } from "./lower-run.ts";

/** The plan of the entry `name`, which the program must have. */
export function lower(program: Program, name: string, options: LowerOptions): Plan {
  const run = program.runs.get(name);
  if (run) return lowerRun(program, run, options);
  if (program.sweeps.has(name)) return lowerSweep(program, name, options);
  if (program.compares.has(name)) return lowerComparison(program, name, options.experiment);
  if (program.launches.has(name)) return lowerLaunch(program, name, options);
  throw new Error(`the program has no entry ${name}`);
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
    bestBy: rankedMetrics(sweep.bestBy, [run]),
    trials: trials.map((params, index) => ({
      name: `${name}/${String(index + 1).padStart(width, "0")}`,
      params: { ...options.params, ...params },
    })),
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
