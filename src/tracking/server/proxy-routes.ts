/** The artifact proxy of `mlflow-artifacts:` addresses: files by their path below the place where the server keeps them. */
import type { ArtifactFile } from "../entities.ts";
import { TrackingError, type ArtifactStreams } from "../tracking.ts";
import { fileReply, uploadOf } from "./artifact-replies.ts";
import { refuse } from "./refusal.ts";
import { json, type Asked, type Reply, type Route } from "./route.ts";

const prefixes = ["/api/2.0/mlflow-artifacts", "/ajax-api/2.0/mlflow-artifacts"];
const root = "mlflow-artifacts:/";

export function proxyRoutes(artifacts: ArtifactStreams, uploadLimit: number): readonly Route[] {
  const path = ({ params }: Asked): string => params["*"] ?? "";
  const answers: readonly (readonly [Route["verb"], string, Route["answer"]])[] = [
    ["GET", "artifacts", (asked) => listBelow(artifacts, asked)],
    [
      "GET",
      "artifacts/*",
      async (asked) => {
        const { size, body } = await artifacts.read(root, required(path(asked)));
        return fileReply(path(asked), size, body);
      },
    ],
    [
      "PUT",
      "artifacts/*",
      async (asked) => {
        await artifacts.write(root, path(asked), uploadOf(asked, uploadLimit));
        return { status: 200, headers: {}, body: "" };
      },
    ],
    [
      "DELETE",
      "artifacts/*",
      async (asked) => {
        await artifacts.remove(root, path(asked));
        return json("{}");
      },
    ],
    ...["create", "complete", "abort"].map(
      (step) => ["POST", `mpu/${step}/*`, refuseParts] as const,
    ),
  ];
  return prefixes.flatMap((prefix) =>
    answers.map(([verb, below, answer]) => ({
      verb,
      path: `${prefix}/${below}`,
      access: "guarded" as const,
      answer,
    })),
  );
}

function required(path: string): string {
  if (path !== "") return path;
  throw new TrackingError("INVALID_PARAMETER_VALUE", "the address names no artifact");
}

/** Unlike in `artifacts/list`, the names alone. */
async function listBelow(artifacts: ArtifactStreams, { query }: Asked): Promise<Reply> {
  const folder = new URLSearchParams(query).get("path") ?? "";
  const files = await artifacts.list(root, folder);
  return json(JSON.stringify(files.length === 0 ? {} : { files: files.map(nameAlone) }));
}

function nameAlone(file: ArtifactFile): ArtifactFile {
  return { ...file, path: file.path.slice(file.path.lastIndexOf("/") + 1) };
}

/** As MLflow does for files of its own machine; clients then send the file whole. */
function refuseParts(): Reply {
  return refuse("NOT_IMPLEMENTED", "uploads in parts are not served here: send the file whole");
}
