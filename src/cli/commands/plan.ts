/** `mlpipe plan`: what a run will do, and nothing of it done. */
import { existsSync } from "node:fs";
import { printCurl } from "../../emit/curl.ts";
import { printPlan } from "../../emit/calls.ts";
import { planToJson } from "../../plan/json.ts";
import { lower } from "../../plan/lower.ts";
import type { Plan } from "../../plan/plan.ts";
import { forecast } from "../../run/cache/forecast.ts";
import { cacheFolder } from "../../run/cache/places.ts";
import { describeForecast } from "../describe-cause.ts";
import { adoptedRun, chooseEntry, readParams } from "../entry.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { requireProgram } from "../open.ts";
import { sweepLines } from "../sweep-forecast.ts";
import { write } from "../terminal.ts";

interface PlanOptions {
  readonly param?: readonly string[];
  readonly json?: boolean;
  readonly curl?: boolean;
}

export async function plan(
  file: string,
  name: string | undefined,
  options: PlanOptions,
): Promise<number> {
  const { program, project } = requireProgram(file);
  const entry = chooseEntry(program, name);
  const params = readParams(program, entry, options.param);
  const adopt = adoptedRun(process.env) !== undefined;
  const planned = lower(program, entry, { params, adopt });
  if (options.json) write(planToJson(planned));
  else if (!options.curl) {
    const more =
      planned.kind === "sweep"
        ? await sweepLines(program, planned, project.folder)
        : await cacheLines(planned, project.folder);
    write(printPlan(planned) + more);
  } else if (planned.kind === "run") write(printCurl(planned));
  else
    throw new CommandFailed(
      `--curl prints the calls of a run, and \`${entry}\` is a ${planned.kind}`,
    );
  return exitCodes.done;
}

/** What the steps will do as things are, behind the plan, which is the same whatever there is; nothing where none of them has run here. */
async function cacheLines(planned: Plan, folder: string): Promise<string> {
  if (planned.kind !== "run" || !existsSync(cacheFolder(folder))) return "";
  const places = { root: cacheFolder(folder), folder, env: process.env };
  const told = await forecast(planned, places);
  if (told.every(({ last, now }) => last === undefined && now.kind !== "cached")) return "";
  const width = Math.max(...told.map(({ step }) => step.length));
  return told
    .map(({ step, now }) => `   ${step.padEnd(width)}  ${describeForecast(now)}\n`)
    .join("");
}
