/** One visit to every endpoint of the table that MLflow still has: requests that a client sends, one after the other. */
import type { EndpointName } from "../../../src/tracking/endpoints.ts";
import type { Step } from "./step.ts";
import { stepOf } from "./steps.ts";
import type { Body } from "./values.ts";

const run = { run_id: "{{run 0}}" };
const experiment = { experiment_id: "{{experiment 1}}" };
const model = { model_id: "{{model 0}}" };
const trees = { name: "trees" };
const first = { ...trees, version: "1" };
const dataset = { name: "train", digest: "d1", source_type: "local", source: "{}" };
const tag = { key: "team", value: "blue" };

const calls: readonly (readonly [EndpointName, Body])[] = [
  ["experiments/create", { name: "iris", tags: [tag] }],
  ["experiments/get", experiment],
  ["experiments/get-by-name", { experiment_name: "iris" }],
  ["experiments/set-experiment-tag", { ...experiment, key: "note", value: "x" }],
  ["experiments/delete-experiment-tag", { ...experiment, key: "note" }],
  ["experiments/update", { ...experiment, new_name: "flowers" }],
  ["experiments/search", { max_results: 5, filter: "name LIKE 'f%' AND tags.team = 'blue'" }],
  ["runs/create", { ...experiment, start_time: 1_450_000_000_000, run_name: "first", tags: [tag] }],
  ["runs/create", { ...experiment, start_time: 1_450_000_000_001, run_name: "second" }],
  ["runs/log-metric", { ...run, key: "loss", value: 0.5, timestamp: 1_500_000_000_000, step: 1 }],
  ["runs/log-metric", { ...run, key: "loss", value: "NaN", timestamp: 1_500_000_000_001, step: 2 }],
  ["runs/log-parameter", { ...run, key: "lr", value: "0.1" }],
  [
    "runs/log-batch",
    {
      ...run,
      metrics: [{ key: "acc", value: 0.25, timestamp: 1_500_000_000_002, step: -1 }],
      params: [{ key: "depth", value: "3" }],
      tags: [{ key: "kind", value: "tree" }],
    },
  ],
  ["runs/set-tag", { ...run, key: "note", value: "x" }],
  ["runs/delete-tag", { ...run, key: "note" }],
  [
    "runs/log-inputs",
    { ...run, datasets: [{ dataset, tags: [{ key: "mlflow.data.context", value: "training" }] }] },
  ],
  ["experiments/search-datasets", { experiment_ids: ["{{experiment 1}}"] }],
  [
    "logged-models/create",
    {
      ...experiment,
      name: "forest",
      model_type: "r",
      source_run_id: "{{run 0}}",
      params: [{ key: "a", value: "1" }],
      tags: [tag],
    },
  ],
  ["logged-models/get", model],
  ["logged-models/log-params", { ...model, params: [{ key: "b", value: "2" }] }],
  ["logged-models/set-tags", { ...model, tags: [{ key: "kind", value: "tree" }] }],
  ["logged-models/delete-tag", { ...model, tag_key: "kind" }],
  [
    "runs/log-metric",
    { ...run, ...model, key: "loss", value: 0.125, timestamp: 1_500_000_000_003, step: 3 },
  ],
  ["logged-models/finalize", { ...model, status: "LOGGED_MODEL_READY" }],
  ["logged-models/list-artifacts", model],
  ["logged-models/search", { experiment_ids: ["{{experiment 1}}"], filter: "metrics.loss < 1" }],
  ["runs/outputs", { ...run, models: [{ ...model, step: 3 }] }],
  [
    "runs/log-model",
    {
      ...run,
      model_json: JSON.stringify({
        artifact_path: "m",
        run_id: "{{run 0}}",
        utc_time_created: "2024-01-01",
        flavors: {},
        model_uuid: "u",
      }),
    },
  ],
  ["runs/update", { ...run, status: "FINISHED", end_time: 1_500_000_000_009, run_name: "done" }],
  ["runs/get", run],
  [
    "runs/search",
    {
      experiment_ids: ["{{experiment 1}}"],
      filter: "metrics.loss < 1 AND params.lr = '0.1' AND attributes.status = 'FINISHED'",
      order_by: ["metrics.acc DESC"],
    },
  ],
  ["metrics/get-history", { ...run, metric_key: "loss" }],
  ["metrics/get-history-bulk", { run_id: ["{{run 0}}", "{{run 1}}"], metric_key: "loss" }],
  [
    "metrics/get-history-bulk-interval",
    { run_ids: ["{{run 0}}"], metric_key: "loss", max_results: 10 },
  ],
  ["artifacts/list", run],
  ["registered-models/create", { ...trees, description: "of wood", tags: [tag] }],
  [
    "model-versions/create",
    { ...trees, source: "runs:/{{run 0}}/m", ...run, tags: [tag], description: "the first" },
  ],
  ["model-versions/create", { ...trees, source: "models:/{{model 0}}", ...model }],
  ["model-versions/get", first],
  ["model-versions/update", { ...first, description: "changed" }],
  ["model-versions/set-tag", { ...first, key: "note", value: "x" }],
  ["model-versions/delete-tag", { ...first, key: "note" }],
  [
    "model-versions/transition-stage",
    { ...first, stage: "Production", archive_existing_versions: true },
  ],
  ["model-versions/get-download-uri", first],
  ["model-versions/search", { filter: "name = 'trees'", order_by: ["version_number DESC"] }],
  ["registered-models/set-alias", { ...first, alias: "best" }],
  ["registered-models/get-by-alias", { ...trees, alias: "best" }],
  ["registered-models/get", trees],
  ["registered-models/get-latest-versions", { ...trees, stages: ["Production"] }],
  ["registered-models/delete-alias", { ...trees, alias: "best" }],
  ["registered-models/set-tag", { ...trees, key: "note", value: "x" }],
  ["registered-models/delete-tag", { ...trees, key: "note" }],
  ["registered-models/update", { ...trees, description: "of steel" }],
  ["registered-models/rename", { ...trees, new_name: "woods" }],
  ["registered-models/search", { filter: "name LIKE 'w%'" }],
  ["model-versions/delete", { name: "woods", version: "2" }],
  ["registered-models/delete", { name: "woods" }],
  ["logged-models/delete", model],
  ["runs/delete", run],
  ["runs/restore", run],
  ["experiments/delete", experiment],
  ["experiments/restore", experiment],
];

/** The endpoints that the tour visits. */
export const toured: ReadonlySet<EndpointName> = new Set(calls.map(([name]) => name));

const files = "/api/2.0/mlflow-artifacts/artifacts";
const below = `${files}/{{experiment 1}}/{{run 0}}/artifacts`;
const artifacts: readonly Step[] = [
  { verb: "PUT", path: `${below}/plots/a.txt`, text: "hello", type: "text/plain" },
  { verb: "GET", path: `${below}/plots/a.txt` },
  { verb: "GET", path: files, query: [["path", "{{experiment 1}}/{{run 0}}/artifacts/plots"]] },
  stepOf("artifacts/list", { ...run, path: "plots" }),
  {
    verb: "GET",
    path: "/get-artifact",
    query: [
      ["run_id", "{{run 0}}"],
      ["path", "plots/a.txt"],
    ],
  },
  { verb: "DELETE", path: `${below}/plots/a.txt` },
];

export const tour: readonly Step[] = [
  ...calls.map(([name, body]) => stepOf(name, body)),
  ...artifacts,
];
