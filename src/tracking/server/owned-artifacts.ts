/** Artifacts by whose they are: a run's, a model version's, a logged model's. */
import { TrackingError, type ArtifactStreams, type Tracking } from "../tracking.ts";
import { fileReply, uploadOf } from "./artifact-replies.ts";
import { json, type Reply, type Route } from "./route.ts";

export function ownedArtifactRoutes(
  tracking: Tracking,
  artifacts: ArtifactStreams,
  uploadLimit: number,
): readonly Route[] {
  const get = (path: string, answer: Route["answer"]): Route => ({
    verb: "GET",
    path,
    access: "guarded",
    answer,
  });
  return [
    get("/get-artifact", async (asked) => {
      const given = new URLSearchParams(asked.query);
      const root = await rootOfRun(tracking, given);
      return send(artifacts, root, named(given, "path"));
    }),
    get("/model-versions/get-artifact", async (asked) => {
      const given = new URLSearchParams(asked.query);
      const root = await rootOfVersion(tracking, named(given, "name"), named(given, "version"));
      return send(artifacts, root, named(given, "path"));
    }),
    ...["/api", "/ajax-api"].map((prefix) =>
      get(`${prefix}/2.0/mlflow/logged-models/:model_id/artifacts/files`, async (asked) => {
        const given = new URLSearchParams(asked.query);
        const root = await rootOfModel(tracking, asked.params["model_id"] ?? "");
        return send(artifacts, root, named(given, "artifact_file_path"));
      }),
    ),
    {
      verb: "POST",
      path: "/ajax-api/2.0/mlflow/upload-artifact",
      access: "guarded",
      answer: async (asked) => {
        const given = new URLSearchParams(asked.query);
        const path = named(given, "path");
        const root = await rootOfRun(tracking, given);
        await artifacts.write(root, path, uploadOf(asked, uploadLimit));
        return json("{}");
      },
    },
  ];
}

async function send(artifacts: ArtifactStreams, root: string, path: string): Promise<Reply> {
  const { size, body } = await artifacts.read(root, path);
  return fileReply(path, size, body);
}

function named(given: URLSearchParams, ...names: readonly string[]): string {
  const value = names.map((name) => given.get(name)).find((each) => each !== null && each !== "");
  if (typeof value === "string") return value;
  throw new TrackingError("INVALID_PARAMETER_VALUE", `${names[0]} is missing`);
}

async function rootOfRun(tracking: Tracking, given: URLSearchParams): Promise<string> {
  const { run } = await tracking.call("runs/get", { run_id: named(given, "run_id", "run_uuid") });
  return run.info.artifact_uri;
}

async function rootOfModel(tracking: Tracking, modelId: string): Promise<string> {
  const { model } = await tracking.call("logged-models/get", { model_id: modelId });
  return model.info.artifact_uri;
}

/** A version's files are its own, or those of the logged model or the run that it was made of. */
async function rootOfVersion(tracking: Tracking, name: string, version: string): Promise<string> {
  const { artifact_uri } = await tracking.call("model-versions/get-download-uri", {
    name,
    version,
  });
  const [, kind, id = "", below = ""] =
    /^(models|runs):\/+([^/]+)(\/.*)?$/.exec(artifact_uri) ?? [];
  if (kind === "models") return (await rootOfModel(tracking, id)) + below;
  if (kind === "runs")
    return (await rootOfRun(tracking, new URLSearchParams({ run_id: id }))) + below;
  return artifact_uri;
}
