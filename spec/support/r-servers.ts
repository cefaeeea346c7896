/** Servers that R scripts log to by mlpipe's own {mlflow}, and what Python's client reads of them afterwards. */
import { afterAll, beforeAll, describe } from "vitest";
import { openTracking } from "../../src/tracking/open.ts";
import { openServer } from "../../src/tracking/server/open-server.ts";
import { askPython, mlflowFolder, startMlflow } from "./mlflow.ts";
import { type Ended, type Folder, temporaryFolder } from "./mlpipe.ts";
import { noR } from "./r-step.ts";
import { type Script, printedBy, runScript } from "./stand-ins.ts";

/** A run as Python's client reads it. */
export interface ReadRun {
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  /** Values as Python prints them. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Without what every run has. */
  readonly tags: Readonly<Record<string, string>>;
  /** Size of each file. */
  readonly artifacts: Readonly<Record<string, number>>;
}

export interface RServer {
  readonly uri: () => string;
  readonly run: (code: string, script?: Script) => Promise<Ended>;
  /** What `code` prints after library(mlflow), line by line without blanks at their ends; it must end well. */
  readonly lines: (code: string, script?: Script) => Promise<readonly string[]>;
  /** What a Python snippet answers, see askPython(). */
  readonly python: <T>(snippet: string, given?: unknown) => Promise<T>;
  /** The runs of an experiment, the oldest first. */
  readonly runsOf: (experiment: string) => Promise<readonly ReadRun[]>;
}

interface Running {
  readonly uri: string;
  readonly stop: () => Promise<void>;
}

async function startOwn(folder: string): Promise<Running> {
  const artifacts = { root: "mlflow-artifacts:" };
  const tracking = await openTracking(undefined, { folder, artifacts });
  const server = await openServer({ port: 0, tracking });
  const stop = async (): Promise<void> => {
    await server.close();
    await tracking.close();
  };
  return { uri: server.url, stop };
}

const kinds = [
  { name: "the real MLflow", start: startMlflow },
  { name: "mlpipe's own server", start: startOwn },
];

/** Defines the same tests against each server. */
export function describeServers(define: (server: RServer) => void): void {
  describe.skipIf(mlflowFolder === undefined || noR).each(kinds)("with $name", ({ start }) => {
    let folder: Folder;
    let running: Running;
    beforeAll(async () => {
      folder = temporaryFolder();
      running = await start(folder.path);
    });
    afterAll(async () => {
      await running?.stop();
      folder?.[Symbol.dispose]();
    });
    define(serverOf(() => ({ uri: running.uri, folder: folder.path })));
  });
}

function serverOf(where: () => { readonly uri: string; readonly folder: string }): RServer {
  const here = (script: Script = {}): Script => ({
    ...script,
    env: { MLFLOW_TRACKING_URI: where().uri, ...script.env },
  });
  const python: RServer["python"] = (snippet, given) =>
    askPython(snippet, { trackingUri: where().uri, folder: where().folder, given });
  return {
    uri: () => where().uri,
    run: (code, script) => runScript(code, here(script)),
    lines: async (code, script) => {
      const printed = await printedBy(`library(mlflow)\n${code}`, here(script));
      return printed.trimEnd().split(/ *\n/);
    },
    python,
    runsOf: (experiment) => python(readRuns, experiment),
  };
}

const readRuns = `
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
def below(files, path=None):
    found = {}
    for file in files.list_artifacts(path):
        found.update(below(files, file.path) if file.is_dir else {file.path: file.file_size or 0})
    return found
experiment = client.get_experiment_by_name(given)
runs = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"])
always = ("mlflow.runName", "mlflow.log-model.history")
answer([{
    "status": run.info.status, "params": run.data.params,
    "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
    "tags": {key: value for key, value in run.data.tags.items() if key not in always},
    "artifacts": below(get_artifact_repository(run.info.artifact_uri)),
} for run in runs])`;
