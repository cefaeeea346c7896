/** `mlpipe run` for an MLproject: its options, checked, and how its run is shown. */
import { readAddress } from "../../project/address.ts";
import { environmentManagers } from "../../project/choose-environment.ts";
import { splitPairs } from "../entry.ts";
import { CommandFailed } from "../exit.ts";
import { displayFor } from "../progress.ts";
import { type ProjectRequest, runProject } from "../run-project.ts";
import { abortOnSignals } from "../signals.ts";
import { refuseTwoExperiments } from "../experiments.ts";
import type { RunOptions } from "./run.ts";

/** Resolves to the exit code. */
export async function runProjectCommand(
  word: string,
  name: string | undefined,
  options: RunOptions,
): Promise<number> {
  const { outcome } = await runProject(readRequest(word, name, options), {
    current: process.cwd(),
    tracked: process.cwd(),
    env: process.env,
    signal: abortOnSignals(),
    listener: displayFor({ actions: [] }, options),
  });
  return outcome.exitCode;
}

function readRequest(word: string, name: string | undefined, options: RunOptions): ProjectRequest {
  if (name !== undefined)
    throw new CommandFailed(
      `\`${name}\` behind a project names nothing`,
      `an entry point is named so: mlpipe run ${word} -e ${name}`,
    );
  refuseFileOptions(options, "this is an MLproject");
  if (options.r !== undefined)
    throw new CommandFailed(
      "--r is for a .mlpipe file; the command of an MLproject starts its programs itself",
      "put the folder of that Rscript first on PATH",
    );
  refuseBackend(options.backend);
  return {
    word,
    address: readAddress(word, options.version, process.cwd()),
    entryPoint: options.entryPoint ?? "main",
    params: splitPairs(options.param ?? []),
    experiment: readExperiment(options),
    runName: options.runName,
    environmentManager: readManager(options.envManager),
    strict: options.strict ?? true,
    storage: options.storageDir,
    dockerWords: (options.dockerArgs ?? []).flatMap(readDockerArgument),
    trackingUri: options.trackingUri,
    tags: {},
    adopt: undefined,
  };
}

/** Options about the steps and inputs of a file, which a command has not. `what`: why they do not suit. */
export function refuseFileOptions(options: RunOptions, what: string): void {
  const given = {
    "--jobs": options.jobs !== undefined,
    "--keep-going": options.keepGoing === true,
    "--with-deps": options.withDeps === true,
    "--resume": options.resume === true,
    "--failed-only": options.failedOnly === true,
    "--no-cache": options.cache === false,
  };
  for (const [flag, isGiven] of Object.entries(given))
    if (isGiven)
      throw new CommandFailed(
        `${flag} is for the steps of a .mlpipe file, and ${what}`,
        "leave it out",
      );
}

export function refuseBackend(backend = "local"): void {
  if (backend === "local") return;
  throw new CommandFailed(
    `mlpipe runs projects on this machine, not on \`${backend}\``,
    "leave --backend out; the run is logged wherever --tracking-uri says, also to Databricks",
  );
}

/** Throws where both are named. */
export function readExperiment(
  options: Pick<RunOptions, "experimentName" | "experimentId">,
): ProjectRequest["experiment"] {
  refuseTwoExperiments(options);
  const { experimentName, experimentId } = options;
  if (experimentName !== undefined) return { kind: "name", name: experimentName };
  return experimentId === undefined ? undefined : { kind: "id", id: experimentId };
}

/** Throws for what is no such manager. */
export function readManager(word: string | undefined): ProjectRequest["environmentManager"] {
  const manager = environmentManagers.find((one) => one === word);
  if (word === undefined || manager !== undefined) return manager;
  throw new CommandFailed(
    `--env-manager ${word}: there is no such thing`,
    `write one of ${environmentManagers.join(", ")}`,
  );
}

/** As MLflow reads `-A gpus=all` and `-A t`. */
export function readDockerArgument(text: string): readonly string[] {
  const [, name = "", value] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === "" || name.startsWith("-"))
    throw new CommandFailed(`-A ${text}: expected name=value, or a name`, "such as -A gpus=all");
  const flag = name.length === 1 ? `-${name}` : `--${name}`;
  return value === undefined ? [flag] : [flag, value];
}
