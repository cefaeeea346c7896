/** Requests that are right, for every endpoint of the table. */
import fc from "fast-check";
import type { EndpointName } from "../../../src/tracking/endpoints.ts";
import { filterOf, orderOf } from "./filters.ts";
import * as value from "./values.ts";
import type { Body, Value } from "./values.ts";

interface Parts {
  readonly [name: string]: Value;
}

/** A record whose `more` fields are sometimes left out. */
function fields(always: Parts, more: Parts = {}): fc.Arbitrary<Body> {
  return fc.record({ ...always, ...more }, { requiredKeys: Object.keys(always) });
}

function few(item: Value, maxLength = 3): Value {
  return fc.array(item, { maxLength });
}

/** Mostly with each key once. */
function pairs(key: Value): Value {
  const pair = fields({ key, value: value.word });
  return fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(pair, { maxLength: 3, selector: ({ key }) => key }) },
    { weight: 1, arbitrary: few(pair) },
  );
}

const runId = { run_id: value.run };
const experimentId = { experiment_id: value.experiment };
const modelId = { model_id: value.model };
const named = { name: value.registeredName };
const versioned = { ...named, version: value.version };
const keyValue = (key: Value): Parts => ({ key, value: value.word });
const view = fc.constantFrom("ACTIVE_ONLY", "DELETED_ONLY", "ALL");
const pageSize = fc.constantFrom(1, 2, 3, 100, 1000);
const page = { max_results: pageSize, page_token: fc.oneof(value.token, fc.constant("")) };

type Orderable = Parameters<typeof orderOf>[0];
function searched(search: Orderable): Parts {
  return {
    filter: filterOf(search),
    order_by: orderOf(search) as Value,
    max_results: pageSize,
  };
}

const digest = fc.constantFrom("d1", "d2");
const datasetName = fc.constantFrom("train", "test", "données");
const point = {
  key: value.metricKey,
  value: value.measured,
  timestamp: value.pastTime,
  step: value.step,
};
const aboutDataset = { dataset_name: datasetName, dataset_digest: digest };
/** Of a point: nothing more, its model, its data set, or both. */
function pointWith(always: Parts): fc.Arbitrary<Body> {
  const model = { model_id: value.model };
  return fc.oneof(
    { weight: 5, arbitrary: fields(always) },
    { weight: 1, arbitrary: fields({ ...always, ...model }) },
    { weight: 1, arbitrary: fields({ ...always, ...aboutDataset }) },
    { weight: 1, arbitrary: fields(always, { ...model, ...aboutDataset }) },
  );
}
const dataset = fields(
  { name: datasetName, digest, source_type: fc.constantFrom("local", "http"), source: value.word },
  { schema: value.word, profile: value.word },
);
const datasetInput = fields(
  { dataset },
  { tags: pairs(fc.constantFrom("mlflow.data.context", "k")) },
);
const anyExperiments = few(value.experiment, 3);
const source = fc.constantFrom(
  "runs:/{{run 0}}/model",
  "models:/{{model 0}}",
  "s3://bucket/model",
  "mlflow-artifacts:/0/{{run 0}}/artifacts/model",
  "models:/trees/1",
);
const modelJson = fc.tuple(value.run, fc.constantFrom("model", "a/b")).map(([run, path]) =>
  JSON.stringify({
    artifact_path: path,
    run_id: run,
    utc_time_created: "2024-01-01 00:00:00",
    flavors: { python_function: {} },
    model_uuid: "u",
  }),
);

/** A run's start is its place in the order of searches: nearly always unlike that of others. */
const startTime = fc.noBias(fc.integer({ min: 1_400_000_000_000, max: 1_499_999_999_999 }));

export const requests: Readonly<Record<EndpointName, fc.Arbitrary<Body>>> = {
  "experiments/create": fields(
    { name: value.experimentName },
    {
      artifact_location: fc.constantFrom("s3://bucket/x", "mlflow-artifacts:/elsewhere", ""),
      tags: pairs(value.tagKey),
    },
  ),
  "experiments/get": fields(experimentId),
  "experiments/get-by-name": fields({ experiment_name: value.experimentName }),
  "experiments/search": fields(searched("experiments/search"), {
    view_type: view,
    page_token: value.token,
  }),
  "experiments/list": fields({}, { view_type: view, ...page }),
  "experiments/update": fields({ ...experimentId, new_name: value.experimentName }),
  "experiments/delete": fields(experimentId),
  "experiments/restore": fields(experimentId),
  "experiments/set-experiment-tag": fields({ ...experimentId, ...keyValue(value.tagKey) }),
  "experiments/delete-experiment-tag": fields({ ...experimentId, key: value.tagKey }),
  "experiments/search-datasets": fields({ experiment_ids: anyExperiments }),
  "runs/create": fields(
    { ...experimentId, start_time: startTime },
    {
      run_name: fc.constantFrom("first", "second", "été"),
      user_id: fc.constantFrom("ada", "Bob"),
      tags: pairs(fc.oneof(value.tagKey, fc.constant("mlflow.runName"))),
    },
  ),
  "runs/update": fields(runId, {
    status: fc.constantFrom("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"),
    end_time: value.pastTime,
    run_name: fc.constantFrom("first", "third", ""),
  }),
  "runs/delete": fields(runId),
  "runs/restore": fields(runId),
  "runs/get": fields(runId),
  "runs/search": fields(
    { experiment_ids: anyExperiments, ...searched("runs/search") },
    { run_view_type: view, page_token: value.token },
  ),
  "runs/log-metric": pointWith({ ...runId, ...point }),
  "runs/log-parameter": fields({ ...runId, ...keyValue(value.paramKey) }),
  "runs/log-batch": fields(runId, {
    metrics: few(pointWith(point), 5),
    params: pairs(value.paramKey),
    tags: pairs(fc.oneof(value.tagKey, fc.constant("mlflow.runName"))),
  }),
  "runs/set-tag": fields({
    ...runId,
    ...keyValue(fc.oneof(value.tagKey, fc.constant("mlflow.runName"))),
  }),
  "runs/delete-tag": fields({ ...runId, key: value.tagKey }),
  "runs/log-model": fields({ ...runId, model_json: modelJson }),
  "runs/log-inputs": fields(
    { ...runId, datasets: few(datasetInput) },
    { models: few(fields(modelId)) },
  ),
  "runs/outputs": fields({ ...runId, models: few(fields({ ...modelId, step: value.step })) }),
  "metrics/get-history": fields({ ...runId, metric_key: value.metricKey }, page),
  "metrics/get-history-bulk": fields(
    { run_id: few(value.run), metric_key: value.metricKey },
    { max_results: pageSize },
  ),
  "metrics/get-history-bulk-interval": fields(
    { run_ids: few(value.run), metric_key: value.metricKey },
    { start_step: value.step, end_step: value.step, max_results: pageSize },
  ),
  "artifacts/list": fields(runId, { path: fc.constantFrom("", "model", "model/a.txt", "x") }),
  "logged-models/create": fields(experimentId, {
    name: fc.constantFrom("forest", "Forêt", "tree"),
    model_type: fc.constantFrom("agent", "classifier"),
    source_run_id: value.run,
    params: pairs(value.paramKey),
    tags: pairs(value.tagKey),
  }),
  "logged-models/search": fields(
    { experiment_ids: anyExperiments },
    {
      filter: filterOf("logged-models/search"),
      datasets: few(fields({ dataset_name: datasetName }, { dataset_digest: digest }), 2),
      max_results: fc.constantFrom(1, 2, 50),
      order_by: few(
        fields(
          {
            field_name: fc.constantFrom(
              "creation_timestamp",
              "metrics.loss",
              "name",
              "metrics.`a.b`",
              "params.lr",
              "nonsense",
            ),
          },
          { ascending: fc.boolean(), dataset_name: datasetName, dataset_digest: digest },
        ),
        2,
      ),
      page_token: value.token,
    },
  ),
  "logged-models/get": fields(modelId),
  "logged-models/finalize": fields({
    ...modelId,
    status: fc.constantFrom(
      "LOGGED_MODEL_READY",
      "LOGGED_MODEL_UPLOAD_FAILED",
      "LOGGED_MODEL_PENDING",
    ),
  }),
  "logged-models/delete": fields(modelId),
  "logged-models/log-params": fields({ ...modelId, params: pairs(value.paramKey) }),
  "logged-models/set-tags": fields({ ...modelId, tags: pairs(value.tagKey) }),
  "logged-models/delete-tag": fields({
    ...modelId,
    tag_key: fc.constantFrom("team", "é", "mlflow.note.content"),
  }),
  "logged-models/list-artifacts": fields(modelId, {
    artifact_directory_path: fc.constantFrom("", "model", "x"),
  }),
  "registered-models/create": fields(named, { tags: pairs(value.tagKey), description: value.word }),
  "registered-models/get": fields(named),
  "registered-models/rename": fields({ ...named, new_name: value.registeredName }),
  "registered-models/update": fields(named, { description: value.word }),
  "registered-models/delete": fields(named),
  "registered-models/search": fields(searched("registered-models/search"), {
    page_token: value.token,
  }),
  "registered-models/list": fields({}, page),
  "registered-models/get-latest-versions": fields(named, { stages: few(value.stage, 2) }),
  "registered-models/set-tag": fields({ ...named, ...keyValue(value.tagKey) }),
  "registered-models/delete-tag": fields({ ...named, key: value.tagKey }),
  "registered-models/set-alias": fields({ ...versioned, alias: value.alias }),
  "registered-models/delete-alias": fields({ ...named, alias: value.alias }),
  "registered-models/get-by-alias": fields({ ...named, alias: value.alias }),
  "model-versions/create": fields(
    { ...named, source },
    {
      run_id: value.run,
      tags: pairs(value.tagKey),
      run_link: value.word,
      description: value.word,
      model_id: value.model,
    },
  ),
  "model-versions/get": fields(versioned),
  "model-versions/update": fields(versioned, { description: value.word }),
  "model-versions/transition-stage": fields({
    ...versioned,
    stage: fc.oneof(value.stage, fc.constantFrom("production", "nonsense")),
    archive_existing_versions: fc.boolean(),
  }),
  "model-versions/delete": fields(versioned),
  "model-versions/search": fields(searched("model-versions/search"), { page_token: value.token }),
  "model-versions/get-download-uri": fields(versioned),
  "model-versions/set-tag": fields({ ...versioned, ...keyValue(value.tagKey) }),
  "model-versions/delete-tag": fields({ ...versioned, key: value.tagKey }),
};
