/** Where artifacts lie: MLflow's locations in the store, and the local folders they stand for. */
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TrackingError } from "../tracking.ts";
import { invalid } from "./store.ts";

/** Where a local MLflow puts the artifacts of an experiment: `mlruns/ID` in the folder it runs in. */
export function defaultLocation(folder: string, experimentId: string): string {
  return toLocation(join(folder, "mlruns", experimentId));
}

/** MLflow takes a plain path for percent-encoded, so a percent sign in a folder's name has to be encoded. */
function toLocation(path: string): string {
  return process.platform === "win32" ? pathToFileURL(path).href : path.replaceAll("%", "%25");
}

/** The location of a new experiment as it is stored: local ones absolute. Throws for what MLflow refuses. */
export function checkLocation(folder: string, location: string): string {
  if (/[#;]/.test(location) || /\?.*\.\./.test(location) || location.startsWith("runs:")) {
    throw invalid(
      `${JSON.stringify(location)} is no place for artifacts`,
      "name a folder, or a URI without # and ;",
    );
  }
  return schemeOf(location) === undefined && !isAbsolute(location)
    ? toLocation(resolve(folder, decode(location)))
    : location;
}

/** The artifact URI of a run: below its experiment's location, in front of a query if there is one. */
export function locateRun(location: string, runId: string): string {
  const start = schemeOf(location) === undefined ? -1 : location.indexOf("?");
  const path = start < 0 ? location : location.slice(0, start);
  const query = start < 0 ? "" : location.slice(start);
  return `${path.replace(/\/+$/, "")}/${runId}/artifacts${query}`;
}

/** Absent for a plain path; a single letter is a drive of Windows. */
function schemeOf(location: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
}

/** The local folder that `uri` means; throws TrackingError where it means none. */
export function localFolder(uri: string, folder: string): string {
  const scheme = schemeOf(uri);
  switch (scheme) {
    case undefined:
      return resolve(folder, decode(uri));
    case "file":
      return fromFileUri(uri, folder);
    case "mlflow-artifacts":
      return join(folder, "mlartifacts", proxiedPath(uri));
    default:
      throw new TrackingError(
        "FILE_FAILED",
        `the artifacts of this run are in ${scheme}:, which mlpipe reaches only through a server`,
        "use the http address of an MLflow server as tracking URI",
      );
  }
}

function fromFileUri(uri: string, folder: string): string {
  if (!/^file:(\/\/)?\//i.test(uri)) return resolve(folder, decode(uri.slice("file:".length)));
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrackingError("FILE_FAILED", `${uri} is no file of this machine`, "", cause);
  }
}

/** MLflow's server keeps what it is given for `mlflow-artifacts:` in `mlartifacts` of its own folder. */
function proxiedPath(uri: string): string {
  const path = /^mlflow-artifacts:(?:\/\/)?(\/.*)$/i.exec(uri)?.[1];
  if (path === undefined || path.split("/").includes("..")) {
    throw new TrackingError(
      "FILE_FAILED",
      `the artifacts of this run are on a server: ${uri}`,
      "use that server's http address as tracking URI",
    );
  }
  return path;
}

/** Text with a stray percent sign stands for itself. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
