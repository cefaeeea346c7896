/** Where artifacts lie: MLflow's locations in the store, and the local folders they stand for. */
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { TrackingError } from "../tracking.ts";
import { invalid } from "./store.ts";

/** Where a tracker's artifacts go when nobody says where. */
export interface ArtifactPlaces {
  /** Absolute; relative locations count from it. */
  readonly folder: string;
  /** A new experiment's artifacts go to `root/ID`; absent: `mlruns` in the folder, as a local MLflow has it. */
  readonly root?: string;
  /** Absolute; the folder that `mlflow-artifacts:/` stands for; absent: `mlartifacts` in the folder, as MLflow's server has it. */
  readonly destination?: string;
  /** Absolute folders; artifacts that lie elsewhere are not touched. Absent: they may lie anywhere. */
  readonly within?: readonly string[];
}

export function defaultLocation({ folder, root }: ArtifactPlaces, experimentId: string): string {
  if (root === undefined) return toLocation(join(folder, "mlruns", experimentId));
  return `${root.replace(/\/+$/, "")}/${experimentId}`;
}

/** MLflow takes a plain path for percent-encoded, so a percent sign in a folder's name has to be encoded. */
function toLocation(path: string): string {
  return process.platform === "win32" ? pathToFileURL(path).href : path.replaceAll("%", "%25");
}

/** As in MLflow. */
const longestLocation = 2048;

/** The location of a new experiment as it is stored: local ones absolute. Throws for what MLflow refuses. */
export function checkLocation(folder: string, location: string): string {
  if (location.length > longestLocation)
    throw invalid(`a place for artifacts has at most ${longestLocation} characters`);
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

/** The local folder that `uri` means; throws TrackingError where it means none, or one that is not to be touched. */
export function localFolder(uri: string, places: ArtifactPlaces): string {
  const found = readUri(uri, places);
  if (places.within?.some((root) => isWithin(root, found)) !== false) return found;
  throw new TrackingError(
    "PERMISSION_DENIED",
    "these artifacts lie outside the folders that this server keeps artifacts in",
    "start it with their folder as --default-artifact-root or --artifacts-destination",
  );
}

function readUri(
  uri: string,
  { folder, destination = join(folder, "mlartifacts") }: ArtifactPlaces,
): string {
  const scheme = schemeOf(uri);
  switch (scheme) {
    case undefined:
      return resolve(folder, decode(uri));
    case "file":
      return fromFileUri(uri, folder);
    case "mlflow-artifacts":
      return join(destination, proxiedPath(uri));
    default:
      throw new TrackingError(
        "FILE_FAILED",
        `the artifacts of this run are in ${scheme}:, which mlpipe reaches only through a server`,
        "use the http address of an MLflow server as tracking URI",
      );
  }
}

/** Whether `path` is `root` or below it; both absolute, links are not looked at. */
export function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}

function fromFileUri(uri: string, folder: string): string {
  if (!/^file:(\/\/)?\//i.test(uri)) return resolve(folder, decode(uri.slice("file:".length)));
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrackingError("FILE_FAILED", `${uri} is no file of this machine`, "", cause);
  }
}

function proxiedPath(uri: string): string {
  const path = /^mlflow-artifacts:(?:\/\/)?(\/(?!\/).*|\/)$/i.exec(uri)?.[1];
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
