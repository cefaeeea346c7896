/** The local folders that the artifact URIs in the store stand for. */
import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { TrackingError } from "../tracking.ts";
import { decode, schemeOf } from "./artifact-location.ts";

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

/** The local folder that `uri` means; throws TrackingError where it means none, or one that is not to be touched. */
export function localFolder(uri: string, places: ArtifactPlaces): string {
  const found = whereItLies(readUri(uri, places), places);
  if (places.within?.some((root) => isWithin(root, found)) !== false) return found;
  throw new TrackingError(
    "PERMISSION_DENIED",
    "these artifacts lie outside the folders that this server keeps artifacts in",
    "start it with their folder as --default-artifact-root or --artifacts-destination",
  );
}

/** A store whose folder was moved, or copied to another machine, has its artifacts beside it, though it names where they were. */
function whereItLies(named: string, { folder }: ArtifactPlaces): string {
  const [, before = "", below = ""] = movable.exec(named) ?? [];
  const beside = join(folder, "mlruns");
  const isMoved = below !== "" && !existsSync(join(before, "mlruns")) && existsSync(beside);
  return isMoved ? join(beside, below) : named;
}

const movable = /^(.*)[/\\]mlruns[/\\](.+)$/;

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
