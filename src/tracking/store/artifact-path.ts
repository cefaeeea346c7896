/** Paths of artifacts, kept below the run's folder whatever they are written like and wherever links point. */
import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { TrackingError } from "../tracking.ts";
import { decodeFully } from "./artifact-location.ts";
import { isWithin } from "./artifact-place.ts";
import { invalid } from "./store.ts";

/** Files that are being uploaded start so; MLflow hides them from its lists too. */
export const unfinishedPrefix = ".artifact.uploading.";

function isPlain(path: string): boolean {
  const segments = path.split("/");
  return (
    !/[\\#\0\n]/.test(path) &&
    !/^[a-z]:/i.test(path) &&
    !segments.some(
      (part) => part === "" || part === "." || part === ".." || part.startsWith(unfinishedPrefix),
    )
  );
}

/** Throws unless `path` is a plain relative path with forward slashes. */
export function checkArtifactPath(path: string): void {
  if (isPlain(path) && isPlain(decodeFully(path))) return;
  throw invalid(
    `${JSON.stringify(path)} is no path of an artifact`,
    "name it below the run's artifacts, with forward slashes, without .. and #",
  );
}

/** The path behind all links of `path`, or of its nearest folder that exists. */
function realNearest(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (cause) {
    const parent = dirname(path);
    if (parent === path || !isAbsent(cause)) throw cause;
    return realNearest(parent);
  }
}

function isAbsent(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    "code" in cause &&
    (cause.code === "ENOENT" || cause.code === "ENOTDIR")
  );
}

/** `path` below `root`, absolute; throws when a link on the way leads out of `root`. Neither has to exist. */
export function placeWithin(root: string, path: string): string {
  const place = resolve(root, path);
  if (!isWithin(realNearest(root), realNearest(place)) || !isWithin(root, place)) {
    throw new TrackingError(
      "PERMISSION_DENIED",
      `${JSON.stringify(path)} leads out of the run's artifacts through a link`,
      `remove the link below ${root}`,
    );
  }
  return place;
}
