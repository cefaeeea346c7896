/** Which function answers which call: the endpoints table, read by the embedded store. */
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { listArtifacts, listModelArtifacts } from "./artifacts.ts";
import { logBatch } from "./batch.ts";
import { deleteExperiment, restoreExperiment, updateExperiment } from "./change-experiment.ts";
import { deleteRun, restoreRun, updateRun } from "./change-run.ts";
import { createExperiment } from "./create-experiment.ts";
import { createRun } from "./create-run.ts";
import { searchDatasets } from "./datasets.ts";
import { deleteExperimentTag, setExperimentTag } from "./experiment-tags.ts";
import { getExperiment, getExperimentByName } from "./experiments.ts";
import { logModel } from "./log-model.ts";
import {
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  logLoggedModelParams,
  setLoggedModelTags,
} from "./logged-models/change.ts";
import { createLoggedModel } from "./logged-models/create.ts";
import { getLoggedModel } from "./logged-models/models.ts";
import { searchLoggedModels } from "./logged-models/search.ts";
import {
  getMetricHistory,
  getMetricHistoryBulk,
  getMetricHistoryBulkInterval,
} from "./metric-history.ts";
import { logMetric } from "./metrics.ts";
import { logParameter } from "./params.ts";
import { deleteAlias, getByAlias, setAlias } from "./registry/aliases.ts";
import { createModelVersion } from "./registry/create-version.ts";
import {
  createRegisteredModel,
  deleteRegisteredModel,
  getLatestVersions,
  getRegisteredModel,
  renameRegisteredModel,
  updateRegisteredModel,
} from "./registry/models.ts";
import {
  listRegisteredModels,
  searchModelVersions,
  searchRegisteredModels,
} from "./registry/search.ts";
import {
  deleteModelVersionTag,
  deleteRegisteredModelTag,
  setModelVersionTag,
  setRegisteredModelTag,
} from "./registry/tags.ts";
import {
  deleteModelVersion,
  getDownloadUri,
  getModelVersion,
  transitionStage,
  updateModelVersion,
} from "./registry/versions.ts";
import { logInputs, logOutputs } from "./run-inputs.ts";
import { getRun } from "./runs.ts";
import { searchExperiments } from "./search/experiments.ts";
import { searchRuns } from "./search/runs.ts";
import type { Store } from "./store.ts";
import { deleteTag, setTag } from "./tags.ts";

type Answers = {
  readonly [E in EndpointName]: (store: Store, request: RequestOf<E>) => Promise<ResponseOf<E>>;
};

const answers: Answers = {
  "experiments/create": createExperiment,
  "experiments/get": getExperiment,
  "experiments/get-by-name": getExperimentByName,
  "experiments/search": searchExperiments,
  "experiments/list": searchExperiments,
  "experiments/update": updateExperiment,
  "experiments/delete": deleteExperiment,
  "experiments/restore": restoreExperiment,
  "experiments/set-experiment-tag": setExperimentTag,
  "experiments/delete-experiment-tag": deleteExperimentTag,
  "experiments/search-datasets": searchDatasets,
  "runs/create": createRun,
  "runs/update": updateRun,
  "runs/delete": deleteRun,
  "runs/restore": restoreRun,
  "runs/get": getRun,
  "runs/search": searchRuns,
  "runs/log-metric": logMetric,
  "runs/log-parameter": logParameter,
  "runs/log-batch": logBatch,
  "runs/set-tag": setTag,
  "runs/delete-tag": deleteTag,
  "runs/log-model": logModel,
  "runs/log-inputs": logInputs,
  "runs/outputs": logOutputs,
  "metrics/get-history": getMetricHistory,
  "metrics/get-history-bulk": getMetricHistoryBulk,
  "metrics/get-history-bulk-interval": getMetricHistoryBulkInterval,
  "artifacts/list": listArtifacts,
  "logged-models/create": createLoggedModel,
  "logged-models/search": searchLoggedModels,
  "logged-models/get": getLoggedModel,
  "logged-models/finalize": finalizeLoggedModel,
  "logged-models/delete": deleteLoggedModel,
  "logged-models/log-params": logLoggedModelParams,
  "logged-models/set-tags": setLoggedModelTags,
  "logged-models/delete-tag": deleteLoggedModelTag,
  "logged-models/list-artifacts": listModelArtifacts,
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
  return answers[endpoint](store, request);
}
