/** `mlflow run` for clients that call it, as `mlflow_run()` in R does: they look for the run's id on standard error. */
import { readAddress } from "../../project/address.ts";
import {
  readDockerArgument,
  readExperiment,
  readManager,
  refuseBackend,
} from "../commands/run-project.ts";
import { splitPairs } from "../entry.ts";
import { displayFor } from "../progress.ts";
import { runProject } from "../run-project.ts";
import { abortOnSignals } from "../signals.ts";
import { trackingUri } from "./tracking-uri.ts";

interface RunCommand {
  readonly entryPoint?: string;
  readonly version?: string;
  readonly paramList?: readonly string[];
  readonly dockerArgs?: readonly string[];
  readonly experimentName?: string;
  readonly experimentId?: string;
  readonly backend?: string;
  readonly conda?: boolean;
  readonly envManager?: string;
  readonly storageDir?: string;
  readonly runName?: string;
}

/** Resolves to the exit code. Params that the project does not declare are passed on, as MLflow does. */
export async function runProjectFor(uri: string, options: RunCommand): Promise<number> {
  refuseBackend(options.backend);
  const { runId, outcome } = await runProject(
    {
      word: uri,
      address: readAddress(uri, options.version, process.cwd()),
      entryPoint: options.entryPoint ?? "main",
      params: splitPairs(options.paramList ?? []),
      experiment: readExperiment(options),
      runName: options.runName,
      environmentManager: readManager(options.conda === false ? "local" : options.envManager),
      strict: false,
      storage: options.storageDir,
      dockerWords: (options.dockerArgs ?? []).flatMap(readDockerArgument),
      trackingUri: trackingUri(process.env),
      tags: {},
      adopt: undefined,
    },
    {
      current: process.cwd(),
      tracked: process.cwd(),
      env: process.env,
      signal: abortOnSignals(),
      listener: displayFor({ actions: [] }, {}),
    },
  );
  if (runId !== undefined) {
    const ended = outcome.status === "FINISHED" ? "succeeded" : "failed";
    process.stderr.write(`=== Run (ID '${runId}') ${ended} ===\n`);
  }
  return outcome.exitCode;
}
