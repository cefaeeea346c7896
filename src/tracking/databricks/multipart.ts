/** A big file into S3: in parts, each to an address of its own, and then told to be one. */
import { callEndpoint } from "../client-call.ts";
import { fail } from "../client-failure.ts";
import type { Slice } from "../client-file.ts";
import type { Client } from "../client-http.ts";
import type { Endpoint } from "../endpoints.ts";
import { retry } from "../retry.ts";
import type { Fields, ValuesOf } from "../shape.ts";
import { TrackingError } from "../tracking.ts";
import { partCalls, type GrantInfo } from "./calls.ts";
import type { Artifact } from "./grants.ts";
import { cut } from "./part-sizes.ts";
import { readGrant, sendPiece, type Grant, type Lease } from "./store.ts";
import type { Clients } from "./upload.ts";

/** What names the upload to the workspace. */
interface Upload {
  readonly run_id: string;
  readonly path: string;
  readonly upload_id: string;
}
interface PartTag {
  readonly part_number: number;
  readonly etag: string;
}

export async function uploadInParts(
  clients: Clients,
  { owner, path }: Artifact,
  file: Slice,
): Promise<void> {
  const { workspace, sizes } = clients;
  const parts = cut(file, sizes);
  const artifact = { run_id: owner, path };
  const made = await callUntil(workspace, partCalls.create, {
    ...artifact,
    num_parts: parts.length,
  });
  const upload = { ...artifact, upload_id: made.upload_id };
  try {
    const part_etags = await sendParts(clients, upload, parts, made.upload_credential_infos);
    await callUntil(workspace, partCalls.complete, { ...upload, part_etags });
  } catch (error) {
    await abort(clients, made.abort_credential_info);
    throw error;
  }
}

function callUntil<Request extends Fields, Response extends Fields>(
  { connection, patience, surroundings }: Client,
  endpoint: Endpoint<Request, Response>,
  request: ValuesOf<Request>,
): Promise<ValuesOf<Response>> {
  return retry(patience, surroundings, (budget) =>
    callEndpoint(connection, endpoint, request, budget),
  );
}

async function sendParts(
  clients: Clients,
  upload: Upload,
  parts: readonly Slice[],
  infos: readonly GrantInfo[],
): Promise<readonly PartTag[]> {
  const tags: PartTag[] = [];
  for (const [at, body] of parts.entries()) {
    const lease = openPart(clients, upload, at + 1, infos[at]);
    const { headers } = await sendPiece(clients.store, lease, { method: "PUT", body });
    if (typeof headers["etag"] !== "string")
      throw new TrackingError("ARTIFACT_STORE_FAILED", `No ETag came for a part of ${upload.path}`);
    tags.push({ part_number: at + 1, etag: headers["etag"] });
  }
  return tags;
}

function openPart(
  { workspace: { connection } }: Clients,
  upload: Upload,
  part_number: number,
  info: GrantInfo | undefined,
): Lease {
  const { origin } = connection.settings;
  return {
    grant: requireGrant(info, origin, upload.path),
    renew: async (budget) => {
      const request = { ...upload, part_number };
      const asked = await callEndpoint(connection, partCalls.renew, request, budget);
      return asked.kind === "failed"
        ? asked
        : readGrant(asked.value.upload_credential_info, origin);
    },
  };
}

function requireGrant(info: GrantInfo | undefined, origin: string, path: string): Grant {
  const grant =
    info === undefined
      ? fail<Grant>(
          new TrackingError("NOT_MLFLOW", `${origin} gives too few addresses for ${path}`),
        )
      : readGrant(info, origin);
  if (grant.kind === "failed") throw grant.failure.error;
  return grant.value;
}

/** What is left of a broken upload costs its owner money. Why it broke is what is told, even where this fails too. */
async function abort({ workspace, store }: Clients, info: GrantInfo): Promise<void> {
  const grant = readGrant(info, workspace.connection.settings.origin);
  if (grant.kind === "failed") return;
  const lease = { grant: grant.value, renew: async () => grant };
  await sendPiece(store, lease, { method: "DELETE", body: "" }).catch(() => undefined);
}
