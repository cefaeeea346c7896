/** The one table of MLflow's REST calls that mlpipe speaks: name, verb, path, request, response. */

export const runStatuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof runStatuses)[number];
export type Lifecycle = "active" | "deleted";
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}
/** Times are milliseconds since 1970; `value` may be NaN or infinite (MLflow's SQL schema keeps ±Inf as ±1.797…e308). */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}
export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly artifact_location: string;
  readonly lifecycle_stage: Lifecycle;
  readonly creation_time?: number;
  readonly last_update_time?: number;
  readonly tags?: readonly KeyValue[];
}
export interface RunInfo {
  readonly run_id: string;
  readonly run_uuid: string;
  readonly run_name: string;
  readonly experiment_id: string;
  readonly user_id: string;
  readonly status: RunStatus;
  readonly start_time: number;
  readonly end_time?: number;
  readonly artifact_uri: string;
  readonly lifecycle_stage: Lifecycle;
}
export interface RunData {
  /** The latest point of each metric. */
  readonly metrics?: readonly MetricPoint[];
  readonly params?: readonly KeyValue[];
  readonly tags?: readonly KeyValue[];
}
export interface TrackedRun {
  readonly info: RunInfo;
  readonly data: RunData;
}
export interface ArtifactFile {
  /** Path below the run's artifact root. */
  readonly path: string;
  readonly is_dir: boolean;
  readonly file_size?: number;
}
interface Page {
  readonly next_page_token?: string;
}
type Empty = Record<string, never>;

/** Request and response of every call, by its name. */
export interface Endpoints {
  "experiments/create": {
    request: { name: string; artifact_location?: string; tags?: readonly KeyValue[] };
    response: { experiment_id: string };
  };
  "experiments/get": { request: { experiment_id: string }; response: { experiment: Experiment } };
  "experiments/get-by-name": {
    request: { experiment_name: string };
    response: { experiment: Experiment };
  };
  "experiments/search": {
    request: {
      filter?: string;
      order_by?: readonly string[];
      view_type?: ViewType;
      max_results: number;
      page_token?: string;
    };
    response: { experiments?: readonly Experiment[] } & Page;
  };
  "experiments/set-experiment-tag": {
    request: { experiment_id: string; key: string; value: string };
    response: Empty;
  };
  "runs/create": {
    request: {
      experiment_id: string;
      user_id?: string;
      run_name?: string;
      start_time: number;
      tags?: readonly KeyValue[];
    };
    response: { run: TrackedRun };
  };
  "runs/update": {
    request: { run_id: string; status?: RunStatus; end_time?: number; run_name?: string };
    response: { run_info: RunInfo };
  };
  "runs/get": { request: { run_id: string }; response: { run: TrackedRun } };
  "runs/search": {
    request: {
      experiment_ids: readonly string[];
      filter?: string;
      run_view_type?: ViewType;
      max_results?: number;
      order_by?: readonly string[];
      page_token?: string;
    };
    response: { runs?: readonly TrackedRun[] } & Page;
  };
  "runs/log-batch": {
    request: {
      run_id: string;
      metrics?: readonly MetricPoint[];
      params?: readonly KeyValue[];
      tags?: readonly KeyValue[];
    };
    response: Empty;
  };
  "runs/set-tag": { request: { run_id: string; key: string; value: string }; response: Empty };
  "runs/log-model": { request: { run_id: string; model_json: string }; response: Empty };
  "metrics/get-history": {
    request: { run_id: string; metric_key: string; max_results?: number; page_token?: string };
    response: { metrics?: readonly MetricPoint[] } & Page;
  };
  "artifacts/list": {
    request: { run_id: string; path?: string; page_token?: string };
    response: { root_uri: string; files?: readonly ArtifactFile[] } & Page;
  };
}
export type EndpointName = keyof Endpoints;
export type RequestOf<E extends EndpointName> = Endpoints[E]["request"];
export type ResponseOf<E extends EndpointName> = Endpoints[E]["response"];

/** Verb of each call; its path is `/api/2.0/mlflow/` + its name. */
export const verbs: { readonly [E in EndpointName]: "GET" | "POST" } = {
  "experiments/create": "POST",
  "experiments/get": "GET",
  "experiments/get-by-name": "GET",
  "experiments/search": "POST",
  "experiments/set-experiment-tag": "POST",
  "runs/create": "POST",
  "runs/update": "POST",
  "runs/get": "GET",
  "runs/search": "POST",
  "runs/log-batch": "POST",
  "runs/set-tag": "POST",
  "runs/log-model": "POST",
  "metrics/get-history": "GET",
  "artifacts/list": "GET",
};
