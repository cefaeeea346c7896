/** Program → Plan: everything that a run, sweep, comparison or launch will do, decided before anything is done. */
import type { Launch, Program, Value } from "../check/program.ts";
import { launchTags } from "./launch-tags.ts";
import { lowerComparison } from "./lower-comparison.ts";
import { type LowerOptions, lowerRun } from "./lower-run.ts";
import { lowerSweep } from "./lower-sweep.ts";
import type { Plan } from "./plan.ts";

export type { LowerOptions } from "./lower-run.ts";

/** The plan of the entry `name`, which the program must have. */
export function lower(program: Program, name: string, options: LowerOptions): Plan {
  const run = program.runs.get(name);
  if (run) return lowerRun(program, run, options);
  if (program.sweeps.has(name)) return lowerSweep(program, name, options);
  if (program.compares.has(name)) return lowerComparison(program, name, options.experiment);
  const launch = program.launches.get(name);
  if (launch) return lowerLaunch(program, launch, options);
  throw new Error(`the program has no entry ${name}`);
}

/** A launch of this program's own entry is that entry, with the launch's values, tags and note. */
function lowerLaunch(program: Program, launch: Launch, options: LowerOptions): Plan {
  const { name, git, at, entry, backend, set } = launch;
  const params: Readonly<Record<string, Value>> = { ...set, ...options.params };
  const isOwn = program.runs.has(entry) || program.sweeps.has(entry);
  if (git === undefined && backend.name === "local" && isOwn)
    return lower(program, entry, { ...options, params, launch });
  return {
    kind: "launch",
    launch: name,
    file: program.file,
    git,
    at,
    entry,
    backend: backend.name,
    experiment: options.experiment ?? program.experiment?.name,
    params,
    tags: launchTags(program, launch),
    adopt: options.adopt,
  };
}
