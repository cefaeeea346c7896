/** What a tracking URI names, read as MLflow and SQLAlchemy read it. */
import { resolve } from "node:path";
import { TrackingError } from "./tracking.ts";

export type TrackingPlace =
  /** `file` is absolute. */
  | { readonly kind: "store"; readonly uri: string; readonly file: string }
  | { readonly kind: "server"; readonly uri: string }
  /** `profile` is undefined where the URI names none. */
  | { readonly kind: "databricks"; readonly uri: string; readonly profile: string | undefined };

const defaultUri = "sqlite:///mlflow.db";

/** Reads `uri` (none, or an empty one, is MLflow's default); relative files count from `folder`. Throws TrackingError for what mlpipe cannot write to. */
export function readTrackingUri(uri: string | undefined, folder: string): TrackingPlace {
  const written = uri === undefined || uri.trim() === "" ? defaultUri : uri.trim();
  const scheme = /^([a-z][a-z0-9.-]+)(\+[a-z0-9]+)?(:|$)/i.exec(written)?.[1]?.toLowerCase();
  switch (scheme) {
    case "sqlite":
      return { kind: "store", uri: written, file: resolve(folder, databaseFile(written)) };
    case "http":
    case "https":
      return { kind: "server", uri: written };
    case "databricks":
      return { kind: "databricks", uri: written, profile: databricksProfile(written) };
    case "databricks-uc":
      throw refuse(
        "databricks-uc is Unity Catalog's registry of models, which keeps no runs",
        "use databricks, or databricks://PROFILE, as the tracking URI",
      );
    case "postgresql":
    case "postgres":
    case "mysql":
    case "mssql":
    case "oracle":
      throw refuse(
        `mlpipe does not write to a ${scheme} database itself`,
        "start `mlflow server` with that database as --backend-store-uri and use the server's http address",
      );
    default:
      throw refuseFolder(written, scheme);
  }
}

/** Whether runs that are tracked there have to keep to the rules of a Databricks workspace. */
export function isDatabricks(uri: string): boolean {
  return /^\s*databricks(:|\s*$)/i.test(uri);
}

function databricksProfile(uri: string): string | undefined {
  const written = uri.slice("databricks".length);
  if (written === "") return undefined;
  const profile = /^:\/\/([^/:]+)\/?$/.exec(written)?.[1];
  if (profile !== undefined) return profile;
  throw /^:\/\/[^/:]+:/.test(written)
    ? refuse(
        "a tracking URI of the form databricks://SCOPE:PREFIX reads secrets that only notebooks on Databricks can",
        "use databricks://PROFILE, with a profile of ~/.databrickscfg",
      )
    : refuse(`${uri} names no profile`, "use databricks, or databricks://PROFILE");
}

function databaseFile(uri: string): string {
  const file = /^sqlite(?:\+\w+)?:\/\/\/([^?]+)/i.exec(uri)?.[1];
  const fix =
    "write sqlite:///name.db for a file in this folder, sqlite:////folder/name.db for one elsewhere";
  if (file === undefined) throw refuse(`${uri} names no file`, fix);
  if (file === ":memory:" || file.startsWith("file:")) {
    throw refuse(`${uri} is no plain file, so nothing would be kept`, fix);
  }
  return file;
}

function refuseFolder(uri: string, scheme: string | undefined): TrackingError {
  if (scheme !== undefined && scheme !== "file" && uri.includes(":")) {
    return refuse(
      `${scheme}: is no kind of tracking URI that mlpipe knows`,
      `use ${defaultUri} or the http address of an MLflow server`,
    );
  }
  return refuse(
    `${uri} is a folder store, which MLflow itself no longer opens (since 3.13)`,
    `use ${defaultUri}; \`mlpipe import ${folderOf(uri)}\` brings its runs over`,
  );
}

function folderOf(uri: string): string {
  return uri.replace(/^file:(\/\/)?/i, "");
}

function refuse(message: string, fix: string): TrackingError {
  return new TrackingError("INVALID_PARAMETER_VALUE", message, fix);
}
