/** The one table of MLflow's REST calls that mlpipe speaks: name, verbs, path, request, response. Store, server and client read it. */
import {
  experiment,
  artifactFile,
  datasetInput,
  datasetSummary,
  keyValue,
  loggedModelStatuses,
  loggedModel,
  metricPoint,
  modelInput,
  modelOutput,
  modelVersion,
  registeredModel,
  run,
  runInfo,
  runStatuses,
  viewTypes,
} from "./entities.ts";
import {
  choice,
  double,
  flag,
  integer,
  list,
  message,
  optional,
  preset,
  text,
  type Fields,
  type Message,
  type ValueOf,
} from "./shape.ts";

export type Verb = "GET" | "POST" | "PATCH" | "DELETE";

export interface Endpoint<Request extends Fields, Response extends Fields> {
  /** What a server takes; a client uses the first. */
  readonly verbs: readonly [Verb, ...Verb[]];
  /** Below `/api/2.0/mlflow/`; `{field}` is a field of the request that travels in the path. */
  readonly path: string;
  readonly request: Message<Request>;
  readonly response: Message<Response>;
}

export function call<const Request extends Fields, const Response extends Fields>(
  verbs: readonly [Verb, ...Verb[]],
  path: string,
  request: Request,
  response: Response,
): Endpoint<Request, Response> {
  return { verbs, path, request: message(request), response: message(response) };
}

const nothing = {};
const page = { page_token: optional(text) };
const nextPage = { next_page_token: optional(text) };
const search = {
  filter: optional(text),
  order_by: optional(list(text)),
  max_results: optional(integer),
  ...page,
};
const experimentId = { experiment_id: text };
const runId = { run_id: text };
const modelId = { model_id: text };
const modelName = { name: text };
const versionName = { name: text, version: text };
const tag = { key: text, value: preset(text, "") };
const viewType = optional(choice(viewTypes));

const experimentEndpoints = {
  "experiments/create": call(
    ["POST"],
    "experiments/create",
    { name: text, artifact_location: optional(text), tags: optional(list(keyValue)) },
    experimentId,
  ),
  "experiments/get": call(["GET"], "experiments/get", experimentId, { experiment }),
  "experiments/get-by-name": call(
    ["GET"],
    "experiments/get-by-name",
    { experiment_name: text },
    { experiment },
  ),
  "experiments/search": call(
    ["POST", "GET"],
    "experiments/search",
    { ...search, view_type: viewType },
    { experiments: optional(list(experiment)), ...nextPage },
  ),
  /** Of MLflow before 2; clients of that time still ask. */
  "experiments/list": call(
    ["GET"],
    "experiments/list",
    { view_type: viewType, max_results: optional(integer), ...page },
    { experiments: optional(list(experiment)), ...nextPage },
  ),
  "experiments/update": call(
    ["POST"],
    "experiments/update",
    { ...experimentId, new_name: text },
    nothing,
  ),
  "experiments/delete": call(["POST"], "experiments/delete", experimentId, nothing),
  "experiments/restore": call(["POST"], "experiments/restore", experimentId, nothing),
  "experiments/set-experiment-tag": call(
    ["POST"],
    "experiments/set-experiment-tag",
    { ...experimentId, ...tag },
    nothing,
  ),
  "experiments/delete-experiment-tag": call(
    ["POST"],
    "experiments/delete-experiment-tag",
    { ...experimentId, key: text },
    nothing,
  ),
  "experiments/search-datasets": call(
    ["POST"],
    "experiments/search-datasets",
    { experiment_ids: list(text) },
    { dataset_summaries: optional(list(datasetSummary)) },
  ),
} as const;

const runEndpoints = {
  "runs/create": call(
    ["POST"],
    "runs/create",
    {
      experiment_id: preset(text, "0"),
      user_id: optional(text),
      run_name: optional(text),
      start_time: preset(integer, 0),
      tags: optional(list(keyValue)),
    },
    { run },
  ),
  "runs/update": call(
    ["POST"],
    "runs/update",
    {
      ...runId,
      status: optional(choice(runStatuses)),
      end_time: optional(integer),
      run_name: optional(text),
    },
    { run_info: runInfo },
  ),
  "runs/delete": call(["POST"], "runs/delete", runId, nothing),
  "runs/restore": call(["POST"], "runs/restore", runId, nothing),
  "runs/get": call(["GET"], "runs/get", runId, { run }),
  "runs/search": call(
    ["POST"],
    "runs/search",
    { experiment_ids: preset(list(text), []), ...search, run_view_type: viewType },
    { runs: optional(list(run)), ...nextPage },
  ),
  "runs/log-metric": call(
    ["POST"],
    "runs/log-metric",
    {
      ...runId,
      key: text,
      value: double,
      timestamp: integer,
      step: preset(integer, 0),
      model_id: optional(text),
      dataset_name: optional(text),
      dataset_digest: optional(text),
    },
    nothing,
  ),
  "runs/log-parameter": call(["POST"], "runs/log-parameter", { ...runId, ...tag }, nothing),
  "runs/log-batch": call(
    ["POST"],
    "runs/log-batch",
    {
      ...runId,
      metrics: optional(list(metricPoint)),
      params: optional(list(keyValue)),
      tags: optional(list(keyValue)),
    },
    nothing,
  ),
  "runs/set-tag": call(["POST"], "runs/set-tag", { ...runId, ...tag }, nothing),
  "runs/delete-tag": call(["POST"], "runs/delete-tag", { ...runId, key: text }, nothing),
  "runs/log-model": call(["POST"], "runs/log-model", { ...runId, model_json: text }, nothing),
  "runs/log-inputs": call(
    ["POST"],
    "runs/log-inputs",
    { ...runId, datasets: optional(list(datasetInput)), models: optional(list(modelInput)) },
    nothing,
  ),
  "runs/outputs": call(["POST"], "runs/outputs", { ...runId, models: list(modelOutput) }, nothing),
  "metrics/get-history": call(
    ["GET"],
    "metrics/get-history",
    { ...runId, metric_key: text, max_results: optional(integer), ...page },
    { metrics: optional(list(metricPoint)), ...nextPage },
  ),
  "metrics/get-history-bulk": call(
    ["GET"],
    "metrics/get-history-bulk",
    { run_id: list(text), metric_key: text, max_results: optional(integer) },
    { metrics: list(metricPoint) },
  ),
  "metrics/get-history-bulk-interval": call(
    ["GET"],
    "metrics/get-history-bulk-interval",
    {
      run_ids: list(text),
      metric_key: text,
      start_step: optional(integer),
      end_step: optional(integer),
      max_results: optional(integer),
    },
    { metrics: optional(list(metricPoint)) },
  ),
  "artifacts/list": call(
    ["GET"],
    "artifacts/list",
    { ...runId, path: optional(text), ...page },
    { root_uri: text, files: optional(list(artifactFile)), ...nextPage },
  ),
} as const;

const loggedModelEndpoints = {
  "logged-models/create": call(
    ["POST"],
    "logged-models",
    {
      ...experimentId,
      name: optional(text),
      model_type: optional(text),
      source_run_id: optional(text),
      params: optional(list(keyValue)),
      tags: optional(list(keyValue)),
    },
    { model: loggedModel },
  ),
  "logged-models/search": call(
    ["POST"],
    "logged-models/search",
    {
      experiment_ids: preset(list(text), []),
      filter: optional(text),
      datasets: optional(list(message({ dataset_name: text, dataset_digest: optional(text) }))),
      max_results: optional(integer),
      order_by: optional(
        list(
          message({
            field_name: text,
            ascending: preset(flag, true),
            dataset_name: optional(text),
            dataset_digest: optional(text),
          }),
        ),
      ),
      ...page,
    },
    { models: optional(list(loggedModel)), ...nextPage },
  ),
  "logged-models/get": call(["GET"], "logged-models/{model_id}", modelId, { model: loggedModel }),
  "logged-models/finalize": call(
    ["PATCH"],
    "logged-models/{model_id}",
    { ...modelId, status: choice(loggedModelStatuses) },
    { model: loggedModel },
  ),
  "logged-models/delete": call(["DELETE"], "logged-models/{model_id}", modelId, nothing),
  "logged-models/log-params": call(
    ["POST"],
    "logged-models/{model_id}/params",
    { ...modelId, params: optional(list(keyValue)) },
    nothing,
  ),
  "logged-models/set-tags": call(
    ["PATCH"],
    "logged-models/{model_id}/tags",
    { ...modelId, tags: optional(list(keyValue)) },
    { model: optional(loggedModel) },
  ),
  "logged-models/delete-tag": call(
    ["DELETE"],
    "logged-models/{model_id}/tags/{tag_key}",
    { ...modelId, tag_key: text },
    nothing,
  ),
  "logged-models/list-artifacts": call(
    ["GET"],
    "logged-models/{model_id}/artifacts/directories",
    { ...modelId, artifact_directory_path: optional(text), ...page },
    { root_uri: text, files: optional(list(artifactFile)), ...nextPage },
  ),
} as const;

const registeredModelEndpoints = {
  "registered-models/create": call(
    ["POST"],
    "registered-models/create",
    { ...modelName, tags: optional(list(keyValue)), description: optional(text) },
    { registered_model: registeredModel },
  ),
  "registered-models/get": call(["GET"], "registered-models/get", modelName, {
    registered_model: registeredModel,
  }),
  "registered-models/rename": call(
    ["POST"],
    "registered-models/rename",
    { ...modelName, new_name: text },
    { registered_model: registeredModel },
  ),
  "registered-models/update": call(
    ["PATCH"],
    "registered-models/update",
    { ...modelName, description: optional(text) },
    { registered_model: registeredModel },
  ),
  "registered-models/delete": call(["DELETE"], "registered-models/delete", modelName, nothing),
  /** MLflow takes GET alone; R's client sends POST. */
  "registered-models/search": call(["GET", "POST"], "registered-models/search", search, {
    registered_models: optional(list(registeredModel)),
    ...nextPage,
  }),
  /** Of MLflow before 2. */
  "registered-models/list": call(
    ["GET"],
    "registered-models/list",
    { max_results: optional(integer), ...page },
    { registered_models: optional(list(registeredModel)), ...nextPage },
  ),
  "registered-models/get-latest-versions": call(
    ["POST", "GET"],
    "registered-models/get-latest-versions",
    { ...modelName, stages: optional(list(text)) },
    { model_versions: optional(list(modelVersion)) },
  ),
  "registered-models/set-tag": call(
    ["POST"],
    "registered-models/set-tag",
    { ...modelName, ...tag },
    nothing,
  ),
  "registered-models/delete-tag": call(
    ["DELETE"],
    "registered-models/delete-tag",
    { ...modelName, key: text },
    nothing,
  ),
  "registered-models/set-alias": call(
    ["POST"],
    "registered-models/alias",
    { ...versionName, alias: text },
    nothing,
  ),
  "registered-models/delete-alias": call(
    ["DELETE"],
    "registered-models/alias",
    { ...modelName, alias: text },
    nothing,
  ),
  "registered-models/get-by-alias": call(
    ["GET"],
    "registered-models/alias",
    { ...modelName, alias: text },
    { model_version: modelVersion },
  ),
} as const;

const modelVersionEndpoints = {
  "model-versions/create": call(
    ["POST"],
    "model-versions/create",
    {
      ...modelName,
      source: text,
      run_id: optional(text),
      tags: optional(list(keyValue)),
      run_link: optional(text),
      description: optional(text),
      model_id: optional(text),
    },
    { model_version: modelVersion },
  ),
  "model-versions/get": call(["GET"], "model-versions/get", versionName, {
    model_version: modelVersion,
  }),
  "model-versions/update": call(
    ["PATCH"],
    "model-versions/update",
    { ...versionName, description: optional(text) },
    { model_version: modelVersion },
  ),
  "model-versions/transition-stage": call(
    ["POST"],
    "model-versions/transition-stage",
    { ...versionName, stage: text, archive_existing_versions: preset(flag, false) },
    { model_version: modelVersion },
  ),
  "model-versions/delete": call(["DELETE"], "model-versions/delete", versionName, nothing),
  "model-versions/search": call(["GET"], "model-versions/search", search, {
    model_versions: optional(list(modelVersion)),
    ...nextPage,
  }),
  "model-versions/get-download-uri": call(["GET"], "model-versions/get-download-uri", versionName, {
    artifact_uri: text,
  }),
  "model-versions/set-tag": call(
    ["POST"],
    "model-versions/set-tag",
    { ...versionName, ...tag },
    nothing,
  ),
  "model-versions/delete-tag": call(
    ["DELETE"],
    "model-versions/delete-tag",
    { ...versionName, key: text },
    nothing,
  ),
} as const;

export const endpoints = {
  ...experimentEndpoints,
  ...runEndpoints,
  ...loggedModelEndpoints,
  ...registeredModelEndpoints,
  ...modelVersionEndpoints,
} as const;

export type EndpointName = keyof typeof endpoints;
export type RequestOf<E extends EndpointName> = ValueOf<(typeof endpoints)[E]["request"]>;
export type ResponseOf<E extends EndpointName> = ValueOf<(typeof endpoints)[E]["response"]>;
