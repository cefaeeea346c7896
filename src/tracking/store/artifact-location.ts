/** Where artifacts lie as the tables have it: locations of experiments, and the URIs of runs and models below them. */
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ArtifactPlaces } from "./artifact-place.ts";
import { invalid } from "./store.ts";

export function defaultLocation({ folder, root }: ArtifactPlaces, experimentId: string): string {
  if (root === undefined) return toLocation(join(folder, "mlruns", experimentId));
  return `${root.replace(/\/+$/, "")}/${experimentId}`;
}

/** MLflow takes a plain path for percent-encoded, so a percent sign in a folder's name has to be encoded. */
function toLocation(path: string): string {
  return process.platform === "win32" ? pathToFileURL(path).href : path.replaceAll("%", "%25");
}

/** Schemes that name a host, to which nobody may send the server. */
const hostSchemes: ReadonlySet<string> = new Set(
  "ftp sftp hdfs viewfs http https r2 b2 abfss".split(" "),
);
/** What may follow a `;` in these is read as something else than a path. */
const schemesWithParameters: ReadonlySet<string | undefined> = new Set([
  undefined,
  ..."file ftp http https mms rtsp sftp shttp sip sips tel".split(" "),
]);
const longestLocation = 2048;

/** The location of a new experiment as it is stored: local ones absolute. Throws for what MLflow refuses. */
export function checkLocation(folder: string, location: string): string {
  const scheme = schemeOf(location);
  const [path = "", query = ""] = location.split(/\?(.*)/s);
  if (
    location.includes("#") ||
    (path.includes(";") && schemesWithParameters.has(scheme)) ||
    decodeFully(query).includes("..") ||
    scheme === "runs"
  ) {
    throw invalid(
      `${JSON.stringify(location)} is no place for artifacts`,
      "name a folder, or a URI without # and ;",
    );
  }
  checkHost(location);
  const stored = toAbsolute(folder, location);
  if (stored.length > longestLocation)
    throw invalid(`the place for artifacts is longer than ${longestLocation} characters`);
  return stored;
}

function toAbsolute(folder: string, location: string): string {
  const scheme = schemeOf(location);
  if (scheme === undefined && !isAbsolute(location))
    return toLocation(resolve(folder, decode(location)));
  if (scheme === "file" && !/^file:\//i.test(location))
    return pathToFileURL(resolve(folder, decode(location.slice("file:".length)))).href;
  return location;
}

/** Throws for a URI that names another machine by its address. */
export function checkHost(uri: string): void {
  const scheme = schemeOf(uri);
  const isForeign = scheme === "mlflow-artifacts" && /^mlflow-artifacts:\/\/[^/]/i.test(uri);
  if (isForeign || (scheme !== undefined && hostSchemes.has(scheme))) {
    throw invalid(
      `${JSON.stringify(uri)} names a machine that artifacts would be fetched from`,
      "name a folder, a bucket, or a place below mlflow-artifacts:/",
    );
  }
}

/** The artifact URI of a run: below its experiment's location. */
export function locateRun(location: string, runId: string): string {
  return locateBelow(location, `${runId}/artifacts`);
}

/** A query of the location stays at the end. */
function locateBelow(location: string, path: string): string {
  const start = schemeOf(location) === undefined ? -1 : location.indexOf("?");
  const folder = start < 0 ? location : location.slice(0, start);
  const query = start < 0 ? "" : location.slice(start);
  return `${folder.replace(/\/+$/, "")}/${path}${query}`;
}

/** The artifact URI of a logged model, as `locateRun`. */
export function locateModel(location: string, modelId: string): string {
  return locateBelow(location, `models/${modelId}/artifacts`);
}

/** Absent for a plain path; a single letter is a drive of Windows. */
export function schemeOf(location: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
}

/** More layers of encoding than this are an attack. */
const mostLayers = 10;

/** Decoded until nothing changes, so that no way of writing `..` slips through. */
export function decodeFully(text: string): string {
  let decoded = text;
  for (let layer = 0; layer < mostLayers; layer++) {
    const next = decode(decoded);
    if (next === decoded) return decoded;
    decoded = next;
  }
  throw invalid(`${JSON.stringify(text.slice(0, 40))} is encoded again and again`);
}

/** Text with a stray percent sign stands for itself. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
