/** `mlpipe run` of a launch: the project that it names is fetched, checked against the launch's values, and performed here. */
import { formatParam } from "../../check/domain.ts";
import type { Value } from "../../check/program.ts";
import type { LaunchPlan } from "../../plan/plan.ts";
import { readAddress } from "../../project/address.ts";
import { ProjectRefused } from "../../project/refused.ts";
import { adoptedRun } from "../entry.ts";
import { CommandFailed } from "../exit.ts";
import { displayFor } from "../progress.ts";
import { type ProjectRequest, runProject } from "../run-project.ts";
import { abortOnSignals } from "../signals.ts";
import {
  readDockerArgument,
  readExperiment,
  readManager,
  refuseFileOptions,
} from "./run-project.ts";
import type { RunOptions } from "./run.ts";

/** Resolves to the exit code. `folder`: the one of the file, from which its paths count. */
export async function runLaunch(
  plan: LaunchPlan,
  folder: string,
  options: RunOptions,
): Promise<number> {
  refuseOptions(plan.launch, options);
  refuseFileOptions(options, `\`${plan.launch}\` launches an MLproject`);
  try {
    const { outcome } = await runProject(requestOf(plan, folder, options), {
      current: folder,
      tracked: process.cwd(),
      env: deeper(plan.launch, process.env),
      signal: abortOnSignals(),
      listener: displayFor({ actions: [] }, options),
    });
    return outcome.exitCode;
  } catch (error) {
    if (!(error instanceof ProjectRefused)) throw error;
    throw new ProjectRefused(`the launch \`${plan.launch}\`: ${error.message}`, error.fix);
  }
}

/** How many launches stand above this one, each in the project of the one above; a launch may lead back to itself. */
const depthVariable = "MLPIPE_LAUNCH_DEPTH";
const mostLaunches = 4;

/** For the project's command. Throws where launches go on without end. */
function deeper(launch: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const depth = Number(env[depthVariable] ?? 0);
  if (depth < mostLaunches) return { ...env, [depthVariable]: String(depth + 1) };
  throw new CommandFailed(
    `the launch \`${launch}\` stands below ${depth} others, and no more are started`,
    "see that no launch leads back to itself: name a run as its entry",
  );
}

function requestOf(plan: LaunchPlan, folder: string, options: RunOptions): ProjectRequest {
  const { git: word = "" } = plan;
  return {
    word,
    address: readAddress(word, plan.at, folder),
    entryPoint: plan.entry,
    params: new Map(Object.entries(plan.params).flatMap(asText)),
    experiment: readExperiment(options) ?? named(plan.experiment),
    runName: options.runName ?? plan.launch,
    environmentManager: readManager(options.envManager),
    strict: options.strict ?? true,
    storage: options.storageDir,
    dockerWords: (options.dockerArgs ?? []).flatMap(readDockerArgument),
    trackingUri: options.trackingUri,
    tags: Object.fromEntries(plan.tags.map(({ key, value }) => [key, value])),
    adopt: plan.adopt ? adoptedRun(process.env) : undefined,
  };
}

function named(name: string | undefined): ProjectRequest["experiment"] {
  return name === undefined ? undefined : { kind: "name", name };
}

/** Null is not passed on: the project's own default counts then. */
function asText([name, value]: readonly [string, Value]): readonly [string, string][] {
  if (value === null) return [];
  const type = typeof value === "string" ? "string" : typeof value === "boolean" ? "bool" : "float";
  return [[name, formatParam(value, type)]];
}

/** What the launch itself says cannot be said beside it. */
function refuseOptions(launch: string, options: RunOptions): void {
  const places: Readonly<Record<string, string>> = {
    entryPoint: "the launch says it: entry …",
    version: 'the launch says it: git "…" at "…"',
    backend: "the launch says it: backend local",
    r: "put the folder of that Rscript first on PATH",
  };
  const given = Object.keys(places).find((option) => Object.hasOwn(options, option));
  if (given === undefined) return;
  const flag = `--${given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new CommandFailed(`${flag} does not go with the launch \`${launch}\``, places[given]);
}
