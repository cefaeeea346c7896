/** What a tracker keeps, as MLflow's messages have it. Times are milliseconds since 1970. */
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
  type ValueOf,
} from "./shape.ts";

export const runStatuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof runStatuses)[number];

export function isEnd(status: RunStatus): boolean {
  return status === "FINISHED" || status === "FAILED" || status === "KILLED";
}

export const lifecycles = ["active", "deleted"] as const;
export type Lifecycle = (typeof lifecycles)[number];
export const viewTypes = ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const;
export type ViewType = (typeof viewTypes)[number];

const lifecycle = preset(choice(lifecycles), "active");

export const keyValue = message({ key: text, value: preset(text, "") });
export type KeyValue = ValueOf<typeof keyValue>;

/** `value` may be NaN or infinite (MLflow's SQL schema keeps ±Inf as ±1.797…e308). */
export const metricPoint = message({
  key: text,
  value: double,
  timestamp: integer,
  step: preset(integer, 0),
  /** The logged model and the data set that the value is about. */
  model_id: optional(text),
  dataset_name: optional(text),
  dataset_digest: optional(text),
  run_id: optional(text),
});
export type MetricPoint = ValueOf<typeof metricPoint>;

export const experiment = message({
  experiment_id: text,
  name: text,
  artifact_location: preset(text, ""),
  lifecycle_stage: lifecycle,
  creation_time: optional(integer),
  last_update_time: optional(integer),
  tags: optional(list(keyValue)),
});
export type Experiment = ValueOf<typeof experiment>;

export const runInfo = message({
  run_id: text,
  /** The same; servers before 1.0 know only this one. */
  run_uuid: text,
  run_name: preset(text, ""),
  experiment_id: text,
  user_id: preset(text, ""),
  status: choice(runStatuses),
  start_time: preset(integer, 0),
  end_time: optional(integer),
  artifact_uri: preset(text, ""),
  lifecycle_stage: lifecycle,
});
export type RunInfo = ValueOf<typeof runInfo>;

/** The latest point of each metric, the params and the tags. */
const runData = message({
  metrics: optional(list(metricPoint)),
  params: optional(list(keyValue)),
  tags: optional(list(keyValue)),
});
export type RunData = ValueOf<typeof runData>;

export const dataset = message({
  name: text,
  digest: text,
  source_type: text,
  source: text,
  schema: optional(text),
  profile: optional(text),
});
export type Dataset = ValueOf<typeof dataset>;

export const datasetInput = message({ tags: optional(list(keyValue)), dataset });
export type DatasetInput = ValueOf<typeof datasetInput>;
export const modelInput = message({ model_id: text });
export const modelOutput = message({ model_id: text, step: preset(integer, 0) });
export type ModelOutput = ValueOf<typeof modelOutput>;

export const run = message({
  info: runInfo,
  data: preset(runData, {}),
  inputs: optional(
    message({
      dataset_inputs: optional(list(datasetInput)),
      model_inputs: optional(list(modelInput)),
    }),
  ),
  outputs: optional(message({ model_outputs: optional(list(modelOutput)) })),
});
export type TrackedRun = ValueOf<typeof run>;

/** `path` is below the artifact root of its run or model. */
export const artifactFile = message({
  path: text,
  is_dir: preset(flag, false),
  file_size: optional(integer),
});
export type ArtifactFile = ValueOf<typeof artifactFile>;

export const datasetSummary = message({
  experiment_id: text,
  name: text,
  digest: text,
  context: optional(text),
});

export const loggedModelStatuses = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;

/** A model of MLflow 3: it has files of its own and may belong to a run. */
export const loggedModel = message({
  info: message({
    /** `m-` and 32 hexadecimal digits. */
    model_id: text,
    experiment_id: text,
    name: preset(text, ""),
    creation_timestamp_ms: preset(integer, 0),
    last_updated_timestamp_ms: preset(integer, 0),
    artifact_uri: preset(text, ""),
    status: choice(loggedModelStatuses),
    model_type: optional(text),
    source_run_id: optional(text),
    status_message: optional(text),
    tags: optional(list(keyValue)),
    registrations: optional(list(message({ name: text, version: text }))),
  }),
  data: preset(
    message({ params: optional(list(keyValue)), metrics: optional(list(metricPoint)) }),
    {},
  ),
});
export type LoggedModel = ValueOf<typeof loggedModel>;

export const modelVersionStatuses = [
  "PENDING_REGISTRATION",
  "FAILED_REGISTRATION",
  "READY",
] as const;

export const modelVersion = message({
  name: text,
  /** A whole number, as text. */
  version: text,
  creation_timestamp: preset(integer, 0),
  last_updated_timestamp: preset(integer, 0),
  user_id: optional(text),
  current_stage: optional(text),
  description: optional(text),
  source: preset(text, ""),
  run_id: optional(text),
  status: preset(choice(modelVersionStatuses), "READY"),
  status_message: optional(text),
  tags: optional(list(keyValue)),
  run_link: optional(text),
  aliases: optional(list(text)),
  model_id: optional(text),
});
export type ModelVersion = ValueOf<typeof modelVersion>;

export const registeredModel = message({
  name: text,
  creation_timestamp: preset(integer, 0),
  last_updated_timestamp: preset(integer, 0),
  description: optional(text),
  /** The latest version of each stage. */
  latest_versions: optional(list(modelVersion)),
  tags: optional(list(keyValue)),
  aliases: optional(list(message({ alias: text, version: text }))),
});
export type RegisteredModel = ValueOf<typeof registeredModel>;
