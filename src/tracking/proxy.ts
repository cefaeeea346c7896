/** Where a run's artifacts can be reached: through a server's artifact proxy, in a folder here, by signed addresses, or not at all. */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import type { Slice } from "./client-file.ts";
import type { Settings } from "./client-settings.ts";
import type { ArtifactFile } from "./entities.ts";

export type ArtifactPlace =
  /** Each artifact at this address + `/` + its encoded path. */
  | { readonly kind: "proxy"; readonly url: string }
  | { readonly kind: "folder"; readonly folder: string }
  /** In a cloud store, each file behind an address that the server signs when it is asked. */
  | {
      readonly kind: "signed";
      /** The slice is the whole file; what is at `path` is replaced. */
      readonly store: (file: Slice, path: string) => Promise<void>;
      /** `target` is overwritten. */
      readonly fetch: (entry: ArtifactFile, target: string) => Promise<void>;
    }
  /** `shown` is the address without user, password and query. */
  | { readonly kind: "elsewhere"; readonly shown: string; readonly fix: string };

export type ReachablePlace = Exclude<ArtifactPlace, { readonly kind: "elsewhere" }>;

const proxyPath = "/api/2.0/mlflow-artifacts/artifacts";

const serveArtifacts =
  "Start the server with `mlflow server --serve-artifacts --artifacts-destination ADDRESS` and use a new experiment: then it hands them on.";

/** `artifactUri` is the run's own. Where it names another host, the tracking server's scheme is used for it, as MLflow does. */
export function locateArtifacts(
  artifactUri: string,
  settings: Pick<Settings, "origin" | "uri">,
): ArtifactPlace {
  const proxied = /^mlflow-artifacts:(?:\/\/([^/]*))?(\/.*)?$/is.exec(artifactUri);
  if (proxied !== null) {
    const [, host = "", path = ""] = proxied;
    const server = host === "" ? settings.uri : otherServer(host, settings.origin);
    return { kind: "proxy", url: `${server}${proxyPath}${encodeUriPath(path)}` };
  }
  if (/^https?:\/\//i.test(artifactUri) && URL.canParse(artifactUri))
    return { kind: "proxy", url: stripAddress(artifactUri) };
  const folder = localFolder(artifactUri);
  if (folder !== undefined) return { kind: "folder", folder };
  return { kind: "elsewhere", shown: stripAddress(artifactUri), fix: serveArtifacts };
}

/** User and password are for the tracking server to know, not for the address of artifacts. */
function otherServer(host: string, origin: string): string {
  return `${new URL(origin).protocol}//${host.slice(host.lastIndexOf("@") + 1)}`;
}

/** The path of an address, whether or not it is encoded already; no slash at its end. */
function encodeUriPath(path: string): string {
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => `/${encodeURIComponent(decodeSegment(segment))}`)
    .join("");
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function localFolder(artifactUri: string): string | undefined {
  if (isAbsolute(artifactUri)) return artifactUri;
  if (!/^file:/i.test(artifactUri)) return undefined;
  try {
    return fileURLToPath(artifactUri);
  } catch {
    return undefined;
  }
}

export function stripAddress(uri: string): string {
  return uri
    .replace(/[?#].*$/s, "")
    .replace(/\/\/[^/]*@/, "//")
    .replace(/\/+$/, "");
}

/** The address of one artifact. */
export function artifactUrl(place: { readonly url: string }, path: string): string {
  return `${place.url}/${path.split("/").map(encodeURIComponent).join("/")}`;
}
