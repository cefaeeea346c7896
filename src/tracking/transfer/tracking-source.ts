/** A tracker, embedded store or server, as a source of runs. */
import type { LoggedModel, MetricPoint, ModelVersion, TrackedRun } from "../entities.ts";
import { TrackingError, unlessMissing, type Tracking } from "../tracking.ts";
import { askPages, listExperiments } from "../pages.ts";
import type { Source } from "./source.ts";

/** As many as MLflow gives at a time without effort; it lowers what is too many itself. */
const pageSize = 1000;
const historyPageSize = 10_000;
const modelPageSize = 100;

/** How the artifacts of this tracker are read. */
export type Artifacts = Pick<Source, "files" | "read">;

export function trackingSource(tracking: Tracking, identity: string, artifacts: Artifacts): Source {
  return {
    uri: tracking.uri,
    identity,
    ...artifacts,
    async *experiments() {
      yield* await listExperiments(tracking, "ALL");
    },
    runs: (experimentId) => listRuns(tracking, experimentId),
    run: (runId) =>
      unlessMissing(async () => (await tracking.call("runs/get", { run_id: runId })).run),
    metricKeys: async ({ data }) => (data.metrics ?? []).map(({ key }) => key),
    history: (runId, key) => walkHistory(tracking, runId, key),
    loggedModels: (experimentId) => listLoggedModels(tracking, experimentId),
    loggedModel: (modelId) =>
      unlessMissing(
        async () => (await tracking.call("logged-models/get", { model_id: modelId })).model,
      ),
    async *registeredModels() {
      const ask = { max_results: modelPageSize };
      for await (const { registered_models = [] } of askPages(
        tracking,
        "registered-models/search",
        ask,
      ))
        yield* registered_models;
    },
    modelVersions: (name) => listVersions(tracking, name),
    close: () => tracking.close(),
  };
}

/** Every point of a metric of a run; nothing where there is none. */
export async function* walkHistory(
  tracking: Tracking,
  runId: string,
  key: string,
): AsyncGenerator<readonly MetricPoint[]> {
  const ask = { run_id: runId, metric_key: key, max_results: historyPageSize };
  for await (const { metrics = [] } of askPages(tracking, "metrics/get-history", ask))
    yield metrics;
}

/** Oldest first, so that runs which come while the list is walked are at its end. */
async function* listRuns(tracking: Tracking, experimentId: string): AsyncGenerator<TrackedRun> {
  const ask = {
    experiment_ids: [experimentId],
    run_view_type: "ALL",
    max_results: pageSize,
    order_by: ["attributes.start_time ASC"],
  } as const;
  for await (const { runs = [] } of askPages(tracking, "runs/search", ask)) yield* runs;
}

async function* listLoggedModels(
  tracking: Tracking,
  experimentId: string,
): AsyncGenerator<LoggedModel> {
  const ask = { experiment_ids: [experimentId], max_results: modelPageSize };
  try {
    for await (const { models = [] } of askPages(tracking, "logged-models/search", ask))
      yield* models;
  } catch (error) {
    if (!isUnknownCall(error)) throw error;
  }
}

/** Servers before MLflow 3 have no logged models, and say so in their web server's words. */
export function isUnknownCall(error: unknown): error is TrackingError {
  const codes = ["ENDPOINT_NOT_FOUND", "NOT_FOUND", "NOT_IMPLEMENTED", "NOT_MLFLOW"];
  return error instanceof TrackingError && codes.includes(error.code);
}

/** From the lowest number to the highest; nothing where there is no such model. */
export async function* listVersions(
  tracking: Tracking,
  name: string,
): AsyncGenerator<ModelVersion> {
  const ask = { ...filterByName(name), max_results: pageSize };
  const versions: ModelVersion[] = [];
  for await (const { model_versions = [] } of askPages(tracking, "model-versions/search", ask))
    versions.push(...model_versions.filter((version) => version.name === name));
  yield* versions.toSorted((a, b) => Number(a.version) - Number(b.version));
}

/** MLflow's filters know no escape: a name with both kinds of quotes cannot be asked for. */
function filterByName(name: string): { readonly filter?: string } {
  if (!name.includes("'")) return { filter: `name = '${name}'` };
  return name.includes('"') ? {} : { filter: `name = "${name}"` };
}
