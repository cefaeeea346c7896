/** `mlpipe why`: why a step ran or did not, and what it would do now. */
import { lower } from "../../plan/lower.ts";
import type { RunPlan } from "../../plan/plan.ts";
import { type StepForecast, forecast } from "../../run/cache/forecast.ts";
import { cacheFolder } from "../../run/cache/places.ts";
import { suggest } from "../../source/suggest.ts";
import { describeForecast, describeHappened } from "../describe-cause.ts";
import { adoptedRun, chooseEntry, readParams } from "../entry.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { jsonText } from "../json.ts";
import { requireProgram } from "../open.ts";
import { write } from "../terminal.ts";

interface WhyOptions {
  readonly param?: readonly string[];
  readonly json?: boolean;
  readonly r?: string;
}

/** `word` is a run, or a run and a step of it: `learn.fit`. */
export async function why(
  file: string,
  word: string | undefined,
  options: WhyOptions,
): Promise<number> {
  const { project, program } = requireProgram(file);
  const [name, step] = word?.split(".") ?? [];
  const entry = chooseEntry(program, name);
  const params = readParams(program, entry, options.param);
  const plan = lower(program, entry, { params, adopt: adoptedRun(process.env) !== undefined });
  if (plan.kind !== "run")
    throw new CommandFailed(
      `\`${entry}\` is a ${plan.kind}, and only runs have steps`,
      `name a run, or a step of one: ${[...program.runs.keys()].join(", ")}`,
    );
  const env = options.r === undefined ? process.env : { ...process.env, MLPIPE_R: options.r };
  const told = await forecast(plan, {
    root: cacheFolder(project.folder),
    folder: project.folder,
    env,
  });
  const chosen = step === undefined ? told : [requireStep(told, step, plan)];
  if (options.json) write(jsonText(chosen.map(withoutParts)));
  else for (const one of chosen) write(describe(one));
  return exitCodes.done;
}

function requireStep(told: readonly StepForecast[], step: string, plan: RunPlan): StepForecast {
  const found = told.find((one) => one.step === step);
  if (found) return found;
  const names = told.map((one) => one.step);
  const near = suggest(step, names);
  throw new CommandFailed(
    `\`${plan.run}\` has no step \`${step}\`${near ? `; did you mean \`${near}\`?` : ""}`,
    `it has ${names.join(", ")}`,
  );
}

function describe({ step, last, now }: StepForecast): string {
  const happened = last ? `  ${describeHappened(last.happened, last.runId)}\n` : "";
  return `${step}\n${happened}  now ${describeForecast(now)}\n`;
}

/** What happened, when, and what would; the parts of a key are nobody's to rely on. */
function withoutParts({ step, last, now }: StepForecast): unknown {
  const { runId, at, happened } = last ?? {};
  return { step, last: last === undefined ? null : { runId, at, ...happened }, now };
}
