/** What the inputs of an entry need to have been run, and what of it has not: for `--with-deps`. */
import type { Program } from "../check/program.ts";
import { lowerRun } from "../plan/lower-run.ts";
import { lower } from "../plan/lower.ts";
import type { Candidates, Plan } from "../plan/plan.ts";
import { required } from "../plan/required.ts";
import { candidatesIn, openSources } from "../run/choose-inputs.ts";
import { newestCandidate } from "../run/ranking/candidates.ts";
import type { Tracking } from "../tracking/tracking.ts";
import { entryParams, readParams } from "./entry.ts";
import { CommandFailed } from "./exit.ts";

export interface LookOptions {
  /** Instead of the experiments that the file names. */
  readonly experiment: string | undefined;
  readonly tracking: Pick<Tracking, "call">;
}

/**
 * The plans of all that has to be performed before `entry`, in that order, with the params' defaults. `file` as it was typed.
 * Throws CommandFailed where one of them needs a value.
 */
export async function plansBefore(
  program: Program,
  entry: string,
  options: LookOptions & { readonly file: string },
): Promise<readonly Plan[]> {
  const names = await missingRuns(program, entry, options);
  return names.map((name) => {
    requireDefaults(program, name, options.file);
    const params = readParams(program, name);
    return lower(program, name, { params, adopt: false, experiment: options.experiment });
  });
}

function requireDefaults(program: Program, name: string, file: string): void {
  const open = entryParams(program, name).params.filter(
    ({ default: value }) => value === undefined,
  );
  if (open.length === 0) return;
  const names = open.map((param) => `\`${param.name}\``).join(", ");
  const values = open.map((param) => `-P ${param.name}=…`).join(" ");
  throw new CommandFailed(
    `\`${name}\` has to be run first, and there is no default for ${names}`,
    `run it yourself: mlpipe run ${file} ${name} ${values}`,
  );
}

/**
 * Names of runs and sweeps without a finished run, each behind those that it needs itself; what has one counts, whatever has
 * changed since. The checker has made sure that there is no circle.
 */
async function missingRuns(
  program: Program,
  entry: string,
  options: LookOptions,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const looked = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    for (const needed of neededBy(program, name, options.experiment)) {
      if (looked.has(needed.name)) continue;
      looked.add(needed.name);
      if (await newestCandidate(options.tracking, needed)) continue;
      await visit(needed.name);
      found.add(needed.name);
    }
  };
  await visit(program.launches.get(entry)?.entry ?? entry);
  return [...found];
}

/** `name` is a run or a sweep, which needs what its run needs. */
function neededBy(
  program: Program,
  name: string,
  experiment: string | undefined,
): readonly Candidates[] {
  const run = required(program.runs, program.sweeps.get(name)?.of ?? name);
  const plan = lowerRun(program, run, { params: {}, adopt: false, experiment });
  return openSources(plan).flatMap(candidatesIn);
}
