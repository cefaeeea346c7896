/** `mlpipe run`: performs one run of a file, shows it, and logs it; what is no file goes to the runner of projects. */
import type { CheckOptions } from "../../check/context.ts";
import type { Program } from "../../check/program.ts";
import { type LowerOptions, lower } from "../../plan/lower.ts";
import type { LaunchPlan } from "../../plan/plan.ts";
import { collectFacts } from "../../run/facts.ts";
import { largestInput } from "../../run/manifest/input-store.ts";
import { gitState } from "../../run/manifest/git-record.ts";
import { gitFacts } from "../../run/tool.ts";
import { openLasting } from "../../tracking/offline/open-lasting.ts";
import { adoptedRun, chooseEntry, performedRun, readParams, refuseLaunch } from "../entry.ts";
import { cacheLimit } from "../cache-limit.ts";
import { CommandFailed } from "../exit.ts";
import { defaultExperiment, givenExperiment, refuseTwoExperiments } from "../experiments.ts";
import { plansBefore } from "../missing-runs.ts";
import { requireProgram } from "../open.ts";
import { tellLosses } from "../losses.ts";
import { namesProject } from "../other-things.ts";
import { performInTurn } from "../perform-in-turn.ts";
import { displayFor } from "../progress.ts";
import { abortOnSignals } from "../signals.ts";
import { version } from "../../run/version.ts";
import { checksFor } from "../where-tracked.ts";

export interface RunOptions {
  readonly param?: readonly string[];
  readonly experimentName?: string;
  readonly experimentId?: string;
  readonly trackingUri?: string;
  readonly json?: boolean;
  readonly jobs?: string;
  readonly keepGoing?: boolean;
  readonly resume?: boolean;
  readonly failedOnly?: boolean;
  readonly withDeps?: boolean;
  readonly r?: string;
  readonly entryPoint?: string;
  readonly version?: string;
  readonly runName?: string;
  readonly envManager?: string;
  readonly strict?: boolean;
  readonly storageDir?: string;
  readonly dockerArgs?: readonly string[];
  readonly backend?: string;
  readonly cache?: boolean;
}

export async function run(
  what: string,
  name: string | undefined,
  options: RunOptions,
): Promise<number> {
  refuseTwoExperiments(options);
  if (!namesProject(what)) return runFile(what, name, options);
  const { runProjectCommand } = await import("./run-project.ts");
  return runProjectCommand(what, name, options);
}

async function runFile(
  file: string,
  name: string | undefined,
  options: RunOptions,
): Promise<number> {
  const limitBytes = cacheLimit(process.env);
  const { project, program } = requireProgram(file, checksOf(options));
  const entry = chooseEntry(program, name);
  if (program.compares.has(entry)) return compare(file, program, entry, options);
  refuseLaunch(program, entry);
  const params = readParams(program, entry, options.param);
  if (program.launches.get(entry)?.git !== undefined)
    return launch(program, entry, params, project.folder, options);
  refuseProjectOptions(options);
  const jobs = jobsOf(options);
  const env = options.r === undefined ? process.env : { ...process.env, MLPIPE_R: options.r };
  const git = gitFacts(project.folder);
  const facts = collectFacts(git, program.sources, env);
  const adopt = adoptedRun(env);
  const losses = tellLosses();
  const tracking = await openLasting(options.trackingUri ?? env.MLFLOW_TRACKING_URI, {
    folder: process.cwd(),
    environment: env,
    adopted: adopt,
    lost: losses.tell,
  });
  try {
    const experiment =
      (await givenExperiment(options, tracking)) ??
      (await defaultExperiment(program, performedRun(program, entry), tracking, env));
    const plan = lower(program, entry, { params, adopt: adopt !== undefined, experiment });
    const before = options.withDeps
      ? await plansBefore(program, entry, { file, experiment, tracking })
      : [];
    const { resume = false, failedOnly = false, keepGoing = false, cache } = options;
    return await performInTurn([...before, plan], {
      request: { program, jobs, resume, failedOnly },
      around: {
        tracking,
        folder: project.folder,
        env,
        signal: abortOnSignals(),
        facts: await facts,
        origins: {
          version,
          git: gitState(project.folder, git),
          folder: project.folder,
          largestCopy: largestInput,
        },
        keepGoing,
        adopt,
        cache: { renew: cache === false, limitBytes },
      },
      listenerOf: (each) => losses.to(displayFor(each, options)),
    });
  } finally {
    await tracking.close();
  }
}

/** What the file has to keep because of where its runs go, unless another experiment than its own is named. */
function checksOf({ experimentName, experimentId, trackingUri }: RunOptions): CheckOptions {
  return experimentName === undefined && experimentId === undefined
    ? checksFor(trackingUri, process.env)
    : {};
}

async function compare(
  file: string,
  program: Program,
  entry: string,
  options: RunOptions,
): Promise<number> {
  readParams(program, entry, options.param);
  if (options.withDeps)
    throw new CommandFailed(
      `--with-deps is for a run or a sweep, and \`${entry}\` is a comparison`,
      "run what it lays side by side, or with --with-deps a run that takes its best",
    );
  refuseProjectOptions(options);
  const { refuseFileOptions } = await import("./run-project.ts");
  refuseFileOptions(options, `\`${entry}\` is a comparison`);
  return (await import("./compare.ts")).compareRuns(file, entry, options);
}

async function launch(
  program: Program,
  entry: string,
  params: LowerOptions["params"],
  folder: string,
  options: RunOptions,
): Promise<number> {
  const { runLaunch } = await import("./run-launch.ts");
  const adopt = adoptedRun(process.env) !== undefined;
  return runLaunch(lower(program, entry, { params, adopt }) as LaunchPlan, folder, options);
}

/** `-j`: how many processes may run at once; undefined where it is not said. */
function jobsOf({ jobs }: RunOptions): number | undefined {
  if (jobs === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(jobs)) return Number(jobs);
  throw new CommandFailed(`--jobs ${jobs}: expected a whole number from 1`, "for example: -j 4");
}

/** Options of projects, and what a file has in their place. */
function refuseProjectOptions(options: RunOptions): void {
  const places: Readonly<Record<string, string>> = {
    entryPoint: "name the run behind the file: mlpipe run <file> <name>",
    version: "check that version out; a file runs as it lies there",
    runName: "the file says what its run is called",
    envManager: "the file says what it needs",
    storageDir: "leave it out",
    dockerArgs: "leave it out; the steps of a file run on this machine",
    backend: "leave it out; the steps of a file run on this machine",
  };
  const given = Object.keys(places).find((option) => Object.hasOwn(options, option));
  const wrong = given ?? (options.strict === false ? "noStrict" : undefined);
  if (wrong === undefined) return;
  const flag = `--${wrong.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CommandFailed(
    `${flag} is for an MLproject, and this is a .mlpipe file`,
    places[wrong] ?? "leave it out; a file always refuses params that it does not declare",
  );
}
