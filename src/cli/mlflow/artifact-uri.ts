/** What MLflow's names for artifacts stand for: `runs:/ID/path`, `models:/NAME/VERSION`, `models:/NAME@ALIAS`, a path. */
import { fileURLToPath } from "node:url";
import { type Tracking, TrackingError } from "../../tracking/tracking.ts";

export type ArtifactPlace =
  /** `path` is below the run's artifacts; "" is all of them. */
  | { readonly kind: "run"; readonly runId: string; readonly path: string }
  | { readonly kind: "local"; readonly path: string };

/** Asks the registry where a model's name needs it. Throws TrackingError. */
export async function locateArtifact(uri: string, tracking: Tracking): Promise<ArtifactPlace> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return { kind: "local", path: uri };
    case "file":
      return { kind: "local", path: fileURLToPath(uri) };
    case "runs":
      return locateInRun(uri);
    case "models":
      return locateModel(uri, tracking);
    default:
      throw refuse(uri, "use runs:/RUN_ID/path, models:/NAME/VERSION, or a path of this machine");
  }
}

function refuse(uri: string, fix: string): TrackingError {
  return new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${uri} names no artifact that can be fetched`,
    fix,
  );
}

function locateInRun(uri: string): ArtifactPlace {
  const [, runId = "", path = ""] = /^runs:\/{1,3}([^/]+)(?:\/(.*))?$/i.exec(uri) ?? [];
  if (runId === "") throw refuse(uri, "write runs:/RUN_ID/path");
  return { kind: "run", runId, path: path.replace(/\/+$/, "") };
}

async function locateModel(uri: string, tracking: Tracking): Promise<ArtifactPlace> {
  const [, name = "", alias, version] =
    /^models:\/([^/@]+)(?:@([^/]+)|\/([^/]+))$/i.exec(uri) ?? [];
  if (name === "") throw refuse(uri, "write models:/NAME/VERSION or models:/NAME@ALIAS");
  const found =
    alias === undefined
      ? await findVersion(name, version ?? "", tracking)
      : (await tracking.call("registered-models/get-by-alias", { name, alias })).model_version;
  return locateSource(found.source, found.run_id);
}

/** A version's number, `latest`, or a stage. */
async function findVersion(
  name: string,
  version: string,
  tracking: Tracking,
): Promise<{ readonly source: string; readonly run_id?: string }> {
  if (/^\d+$/.test(version))
    return (await tracking.call("model-versions/get", { name, version })).model_version;
  const { model_versions = [] } = await tracking.call("registered-models/get-latest-versions", {
    name,
    ...(version === "latest" ? {} : { stages: [version] }),
  });
  const [newest] = model_versions.toSorted((a, b) => Number(b.version) - Number(a.version));
  if (newest !== undefined) return newest;
  throw new TrackingError("RESOURCE_DOES_NOT_EXIST", `the model ${name} has no version ${version}`);
}

/** The source of a version is the address that its run's artifacts had when it was registered. */
function locateSource(source: string, runId: string | undefined): ArtifactPlace {
  if (/^runs:/i.test(source)) return locateInRun(source);
  if (runId === undefined || runId === "") throw refuse(source, "its version names no run");
  const folder = `/${runId}/artifacts/`;
  const at = source.indexOf(folder);
  if (at < 0) throw refuse(source, `it is not below the artifacts of run ${runId}`);
  return locateInRun(`runs:/${runId}/${source.slice(at + folder.length)}`);
}
