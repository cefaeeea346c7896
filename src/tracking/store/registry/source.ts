/** Where the files of a new model version may lie: nowhere that lets its readers out of the artifacts of its run or model. */
import { relative } from "node:path";
import type { KeyValue } from "../../entities.ts";
import type { RequestOf } from "../../endpoints.ts";
import { checkHost, decodeFully, schemeOf } from "../artifact-location.ts";
import { TrackingError } from "../../tracking.ts";
import { placeWithin } from "../artifact-path.ts";
import { isWithin, localFolder } from "../artifact-place.ts";
import { textOf } from "../database.ts";
import { requireActiveModel } from "../logged-models/models.ts";
import { requireRun } from "../run-row.ts";
import { invalid, type Store } from "../store.ts";
import { promptTag } from "./rows.ts";
import { readModelUri, resolveVersion } from "./model-uri.ts";

export interface ResolvedSource {
  /** As it is kept: stages, aliases and "latest" are replaced by the version they mean now. */
  readonly source: string;
  /** Empty: none. */
  readonly runId: string;
  /** Empty: none. */
  readonly modelId: string;
  /** What get-download-uri answers. */
  readonly location: string;
}
type Request = RequestOf<"model-versions/create">;

/** What stands for the source of a prompt, which has no files. */
const promptSources = new Set(["dummy-source", "prompt-template"]);

/** Throws TrackingError for a source that may not be one. */
export async function resolveSource(store: Store, request: Request): Promise<ResolvedSource> {
  const { source, run_id: runId = "", model_id: modelId = "", tags = [] } = request;
  if (isPromptRequest(tags)) {
    if (!promptSources.has(source)) throw refuse(source, "a prompt has no files");
    return { source, runId, modelId, location: source };
  }
  checkHost(source);
  const given = await store.database.read(() => resolveGiven(store, request));
  const scheme = schemeOf(given.source);
  if (scheme === undefined || scheme === "file" || scheme === "mlflow-artifacts")
    await requireOwned(store, given);
  else if (!isPlainUri(given.source))
    throw refuse(given.source, "it has parts that lead elsewhere");
  return store.database.read(() => complete(store, given));
}

function isPromptRequest(tags: readonly KeyValue[]): boolean {
  return tags.findLast(({ key }) => key === promptTag)?.value.toLowerCase() === "true";
}

function refuse(source: string, why: string): Error {
  return invalid(
    `${JSON.stringify(source)} cannot be the source of a version: ${why}`,
    "name a place below the artifacts of the run that run_id, or the model that model_id names",
  );
}

/** In any way of writing it. */
function isPlainUri(source: string): boolean {
  const decoded = decodeFully(source.replaceAll("+", " "));
  const path = decoded.replace(/^[^:]*:(\/\/[^/]*)?/, "").replace(/[?#].*$/s, "");
  const parts = path.split("/").slice(1);
  return (
    path.startsWith("/") &&
    !decoded.includes("\0") &&
    !decoded.split("/").includes("..") &&
    !parts.includes(".") &&
    !/\?.*\.\./s.test(decoded)
  );
}

/** Of what is to be a version: whose it says to be, and that it says so. */
function resolveGiven(store: Store, request: Request): ResolvedSource {
  const { source, run_id: runId = "", model_id: modelId = "" } = request;
  const given = { source, runId, modelId, location: source };
  switch (schemeOf(source)) {
    case "runs": {
      const owner = /^runs:\/+([^/]+)\/./i.exec(source)?.[1];
      if (/^runs:\/\/[^/]/i.test(source) || modelId !== "" || runId === "" || owner !== runId)
        throw refuse(source, "run_id has to name the run in it");
      return given;
    }
    case "models": {
      const uri = readModelUri(source);
      if (uri === undefined) throw refuse(source, "write models:/NAME/VERSION or models:/MODEL_ID");
      if (uri.kind !== "logged") return resolveVersion(store, request, uri);
      if (uri.modelId !== modelId) throw refuse(source, "model_id has to name the model in it");
      rootOf(store, given);
      return given;
    }
    default:
      return given;
  }
}

/** Throws unless the source is the root of the run's or model's artifacts or below it, whatever links there are. */
async function requireOwned(store: Store, given: ResolvedSource): Promise<void> {
  const { source, modelId, runId } = given;
  if (modelId === "" && runId === "") throw refuse(source, "it is of no run and no model");
  const root = await store.database.read(() => rootOf(store, given));
  const { within: _, ...places } = store;
  const decoded = decodeFully(source);
  const isOdd = /[#\\\0]/.test(decoded) || decoded.split(/[/?]/).includes("..");
  if (isOdd || isLocal(source) !== isLocal(root) || !isReachable(root))
    throw refuse(source, "it is not below the artifacts of its run or model");
  const [folder, place] = [localFolder(root, places), localFolder(source, places)];
  if (!isWithin(folder, place))
    throw refuse(source, "it is not below the artifacts of its run or model");
  placeWithin(folder, relative(folder, place));
}

function isLocal(uri: string): boolean {
  return schemeOf(uri) !== "mlflow-artifacts";
}

function isReachable(root: string): boolean {
  return [undefined, "file", "mlflow-artifacts"].includes(schemeOf(root));
}

function rootOf(store: Store, { source, modelId, runId }: ResolvedSource): string {
  try {
    return modelId === ""
      ? textOf(requireRun(store, runId), "artifact_uri")
      : textOf(requireActiveModel(store, modelId), "artifact_location");
  } catch (cause) {
    if (!(cause instanceof TrackingError)) throw cause;
    throw refuse(source, "there is no such run or model");
  }
}

/** The place of a logged model's files, and its run where no other is named. */
function complete(store: Store, given: ResolvedSource): ResolvedSource {
  if (given.modelId === "") return given;
  const model = requireActiveModel(store, given.modelId);
  const isModel = readModelUri(given.source)?.kind === "logged";
  return {
    ...given,
    runId: given.runId || textOf(model, "source_run_id"),
    location: isModel ? textOf(model, "artifact_location") : given.location,
  };
}
