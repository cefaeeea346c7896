/** Which function answers which call: the endpoints table, read by the embedded store. */
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError } from "../tracking.ts";
import { listArtifacts } from "./artifacts.ts";
import { logBatch } from "./batch.ts";
import {
  createExperiment,
  getExperiment,
  getExperimentByName,
  setExperimentTag,
} from "./experiments.ts";
import { getMetricHistory } from "./metrics.ts";
import { logModel } from "./models.ts";
import {
  createRegisteredModel,
  deleteAlias,
  deleteRegisteredModel,
  deleteRegisteredModelTag,
  getByAlias,
  getLatestVersions,
  getRegisteredModel,
  renameRegisteredModel,
  setAlias,
  setRegisteredModelTag,
  updateRegisteredModel,
} from "./registry/models.ts";
import {
  listRegisteredModels,
  searchModelVersions,
  searchRegisteredModels,
} from "./registry/search.ts";
import {
  createModelVersion,
  deleteModelVersion,
  deleteModelVersionTag,
  getDownloadUri,
  getModelVersion,
  setModelVersionTag,
  transitionStage,
  updateModelVersion,
} from "./registry/versions.ts";
import { createRun, getRun, updateRun } from "./runs.ts";
import { searchExperiments } from "./search-experiments.ts";
import { searchRuns } from "./search-runs.ts";
import type { Store } from "./store.ts";
import { setTag } from "./tags.ts";

type Answers = {
  readonly [E in EndpointName]?: (store: Store, request: RequestOf<E>) => Promise<ResponseOf<E>>;
};

const answers: Answers = {
  "experiments/create": createExperiment,
  "experiments/get": getExperiment,
  "experiments/get-by-name": getExperimentByName,
  "experiments/search": searchExperiments,
  "experiments/set-experiment-tag": setExperimentTag,
  "runs/create": createRun,
  "runs/update": updateRun,
  "runs/get": getRun,
  "runs/search": searchRuns,
  "runs/log-batch": logBatch,
  "runs/set-tag": setTag,
  "runs/log-model": logModel,
  "metrics/get-history": getMetricHistory,
  "artifacts/list": listArtifacts,
  "registered-models/create": createRegisteredModel,
  "registered-models/get": getRegisteredModel,
  "registered-models/rename": renameRegisteredModel,
  "registered-models/update": updateRegisteredModel,
  "registered-models/delete": deleteRegisteredModel,
  "registered-models/search": searchRegisteredModels,
  "registered-models/list": listRegisteredModels,
  "registered-models/get-latest-versions": getLatestVersions,
  "registered-models/set-tag": setRegisteredModelTag,
  "registered-models/delete-tag": deleteRegisteredModelTag,
  "registered-models/set-alias": setAlias,
  "registered-models/delete-alias": deleteAlias,
  "registered-models/get-by-alias": getByAlias,
  "model-versions/create": createModelVersion,
  "model-versions/get": getModelVersion,
  "model-versions/update": updateModelVersion,
  "model-versions/transition-stage": transitionStage,
  "model-versions/delete": deleteModelVersion,
  "model-versions/search": searchModelVersions,
  "model-versions/get-download-uri": getDownloadUri,
  "model-versions/set-tag": setModelVersionTag,
  "model-versions/delete-tag": deleteModelVersionTag,
};

/** Performs one call; resolves once what it wrote is on disk. */
export async function answer<E extends EndpointName>(
  store: Store,
  endpoint: E,
  request: RequestOf<E>,
): Promise<ResponseOf<E>> {
  const handler = answers[endpoint];
  if (handler === undefined)
    throw new TrackingError("NOT_IMPLEMENTED", `the embedded store does not know ${endpoint} yet`);
  return handler(store, request);
}
