/** URIs of models: `models:/NAME/VERSION`, `models:/NAME/STAGE`, `models:/NAME/latest`, `models:/NAME@ALIAS`, `models:/MODEL_ID`. */
import type { RequestOf } from "../../endpoints.ts";
import { numberOf, textOf } from "../database.ts";
import { invalid, type Store } from "../store.ts";
import { requireAlias } from "./aliases.ts";
import { isPrompt, latestVersions, requireModel, requireVersion } from "./rows.ts";
import type { ResolvedSource } from "./source.ts";
import { readStage } from "./validate.ts";

export type ModelUri =
  | { readonly kind: "logged"; readonly modelId: string }
  | { readonly kind: "alias"; readonly name: string; readonly alias: string }
  /** A number, a stage or "latest". */
  | { readonly kind: "version"; readonly name: string; readonly which: string };

/** Undefined for what is none. */
export function readModelUri(uri: string): ModelUri | undefined {
  const path = /^models:\/+([^/].*)$/is.exec(uri)?.[1];
  if (path === undefined || /^models:\/\/[^/]/i.test(uri)) return undefined;
  const [name = "", which, ...more] = path.split("/");
  if (more.length > 0 || name.trim() === "") return undefined;
  if (which !== undefined)
    return which.trim() === "" ? undefined : { kind: "version", name, which };
  const at = name.lastIndexOf("@");
  if (at < 0) return { kind: "logged", modelId: name };
  const alias = name.slice(at + 1);
  return alias.trim() === "" ? undefined : { kind: "alias", name: name.slice(0, at), alias };
}

/** The version that is meant, as the source of another: it shares its files, its run and its model. */
export function resolveVersion(
  store: Store,
  { source, run_id, model_id }: RequestOf<"model-versions/create">,
  uri: Exclude<ModelUri, { readonly kind: "logged" }>,
): ResolvedSource {
  requireModel(store, uri.name);
  if (isPrompt(store, uri.name))
    throw invalid(`${JSON.stringify(source)} is a prompt, of which no version can be made`);
  const row = requireVersion(store, uri.name, numberFor(store, uri));
  const runId = textOf(row, "run_id");
  if ((run_id || runId) !== runId || (model_id ?? "") !== "")
    throw invalid(
      `run_id and model_id are not those of ${JSON.stringify(source)}`,
      "leave them out: a version of a version has its run and its model",
    );
  return {
    source: `models:/${uri.name}/${numberOf(row, "version")}`,
    runId,
    modelId: "",
    location: textOf(row, "storage_location") || textOf(row, "source"),
  };
}

function numberFor(store: Store, uri: Exclude<ModelUri, { readonly kind: "logged" }>): string {
  if (uri.kind === "alias") return requireAlias(store, uri.name, uri.alias);
  if (/^\d+$/.test(uri.which)) return uri.which;
  const stage = uri.which.toLowerCase() === "latest" ? undefined : readStage(uri.which);
  const versions = latestVersions(store, uri.name).filter(
    (row) => stage === undefined || row["current_stage"] === stage,
  );
  const last = versions.at(-1);
  if (last === undefined)
    throw invalid(`the registered model ${JSON.stringify(uri.name)} has no version ${uri.which}`);
  return textOf(last, "version");
}
