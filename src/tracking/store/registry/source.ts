/** Where the files of a new model version may lie: nowhere that lets its readers out of the artifacts of its run or model. */
import type { RequestOf } from "../../endpoints.ts";
import { placeWithin } from "../artifact-path.ts";
import { checkHost, decode, decodeFully, schemeOf } from "../artifact-location.ts";
import { localFolder } from "../artifact-place.ts";
import { textOf } from "../database.ts";
import { requireRun } from "../run-row.ts";
import { invalid, missing, type Store } from "../store.ts";
import { requireVersion } from "./rows.ts";
import { readVersionNumber } from "./validate.ts";

export interface ResolvedSource {
  readonly runId: string;
  /** What get-download-uri answers. */
  readonly location: string;
}

/** Throws TrackingError for a source that may not be one. */
export async function resolveSource(
  store: Store,
  { source, run_id = "" }: RequestOf<"model-versions/create">,
): Promise<ResolvedSource> {
  checkHost(source);
  if (leadsUp(source)) throw refuse(source, "it has parts that lead up, or a # in it");
  switch (schemeOf(source)) {
    case undefined:
    case "file":
    case "mlflow-artifacts":
      await requireInRun(store, source, run_id);
      return { runId: run_id, location: source };
    case "models":
      return store.database.read(() => resolveModel(store, source, run_id));
    default:
      return { runId: run_id, location: source };
  }
}

function refuse(source: string, why: string): Error {
  return invalid(
    `${JSON.stringify(source)} cannot be the source of a version: ${why}`,
    "name a place below the artifacts of the run that run_id names",
  );
}

/** In any way of writing it. */
function leadsUp(source: string): boolean {
  const decoded = decodeFully(source);
  return /[#\\\0]/.test(decoded) || decoded.split(/[/?]/).includes("..");
}

async function requireInRun(store: Store, source: string, runId: string): Promise<void> {
  if (runId === "")
    throw refuse(source, "only the artifacts of a run can be, and there is no run_id");
  const root = await store.database.read(() =>
    textOf(requireRun(store, runId), "artifact_uri").replace(/\/+$/, ""),
  );
  if (source !== root && !source.startsWith(`${root}/`))
    throw refuse(source, `it is not below the artifacts of run ${runId}`);
  await placeWithin(localFolder(root, store), `./${decode(source.slice(root.length))}`);
}

/** `models:/NAME/VERSION` is that version again; `models:/m-…` is a logged model. */
function resolveModel(store: Store, source: string, runId: string): ResolvedSource {
  const [, name = "", version = ""] = /^models:\/+([^/]+)(?:\/([^/]+))?\/?$/i.exec(source) ?? [];
  if (name === "") throw refuse(source, "write models:/NAME/VERSION or models:/MODEL_ID");
  if (version === "") return resolveLogged(store, name, runId);
  const row = requireVersion(store, name, readVersionNumber(version));
  const located = store.database.first(
    "SELECT coalesce(storage_location, source) AS uri FROM model_versions WHERE name = ? AND version = ?",
    name,
    Number(version),
  );
  return { runId: runId || textOf(row, "run_id"), location: textOf(located ?? {}, "uri") };
}

function resolveLogged(store: Store, modelId: string, runId: string): ResolvedSource {
  const row = store.database.hasColumn("logged_models", "model_id")
    ? store.database.first(
        "SELECT artifact_location, source_run_id FROM logged_models WHERE model_id = ? AND lifecycle_stage = 'active'",
        modelId,
      )
    : undefined;
  if (row === undefined) throw missing(`there is no logged model ${modelId}`);
  return {
    runId: runId || textOf(row, "source_run_id"),
    location: textOf(row, "artifact_location"),
  };
}
