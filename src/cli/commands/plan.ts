/** `mlpipe plan`: what a run will do, and nothing of it done. */
import { printCurl } from "../../emit/curl.ts";
import { printPlan } from "../../emit/calls.ts";
import { planToJson } from "../../plan/json.ts";
import { lower } from "../../plan/lower.ts";
import { adoptedRun, chooseEntry, readParams } from "../entry.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { requireProgram } from "../open.ts";
import { write } from "../terminal.ts";

interface PlanOptions {
  readonly param?: readonly string[];
  readonly json?: boolean;
  readonly curl?: boolean;
}

export function plan(file: string, name: string | undefined, options: PlanOptions): number {
  const { program } = requireProgram(file);
  const entry = chooseEntry(program, name);
  const params = readParams(program, entry, options.param);
  const adopt = adoptedRun(process.env) !== undefined;
  const planned = lower(program, entry, { params, adopt });
  if (options.json) write(planToJson(planned));
  else if (!options.curl) write(printPlan(planned));
  else if (planned.kind === "run") write(printCurl(planned));
  else
    throw new CommandFailed(
      `--curl prints the calls of a run, and \`${entry}\` is a ${planned.kind}`,
    );
  return exitCodes.done;
}
