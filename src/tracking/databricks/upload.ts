/** One file into the cloud store of a workspace, in the way of the cloud that it is in. */
import { randomUUID } from "node:crypto";
import { isModelId } from "../artifact-owner.ts";
import type { Slice } from "../client-file.ts";
import type { Client } from "../client-http.ts";
import { openLease, type Artifact } from "./grants.ts";
import { uploadInParts } from "./multipart.ts";
import { biggestWhole, cut, type PartSizes } from "./part-sizes.ts";
import { TrackingError } from "../tracking.ts";
import { sendPiece, type Lease } from "./store.ts";

export interface Clients {
  readonly workspace: Client;
  readonly store: Client;
  readonly sizes: PartSizes;
}

/** Replaces the artifact. */
export async function uploadSigned(
  clients: Clients,
  artifact: Artifact,
  file: Slice,
): Promise<void> {
  const lease = await openLease(clients.workspace, "write", artifact);
  const { type } = lease.grant;
  switch (type) {
    case "AWS_PRESIGNED_URL":
      return putIntoS3(clients, lease, artifact, file);
    case "GCP_SIGNED_URL":
      return putWhole(clients, lease, file);
    case "AZURE_SAS_URI":
      return putBlocks(clients, lease, file);
    case "AZURE_ADLS_GEN2_SAS_URI":
      return appendAll(clients, lease, file);
    default:
      return type satisfies never;
  }
}

/** Workspaces take parts for files of runs only. */
async function putIntoS3(
  clients: Clients,
  lease: Lease,
  artifact: Artifact,
  file: Slice,
): Promise<void> {
  const ofModel = isModelId(artifact.owner);
  if (file.length <= (ofModel ? biggestWhole : clients.sizes.whole))
    return putWhole(clients, lease, file);
  if (!ofModel) return uploadInParts(clients, artifact, file);
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `${artifact.path} is bigger than the 5 GiB that S3 takes as one file of a logged model`,
    "Split it, or log it as an artifact of the run.",
  );
}

async function putWhole({ store }: Clients, lease: Lease, file: Slice): Promise<void> {
  await sendPiece(store, lease, { method: "PUT", body: file });
}

/** What a blob is like is said once, with the list that makes it of its blocks. */
const describesBlob = (header: string): boolean =>
  /^x-ms-(blob-|meta-|tags$|access-tier$)/.test(header);

/** Azure's blobs: blocks first, then the list of them, which makes the blob appear. */
async function putBlocks({ store, sizes }: Clients, lease: Lease, file: Slice): Promise<void> {
  const blocks = cut(file, sizes).map((body) => ({ body, id: newBlockId() }));
  for (const { body, id } of blocks)
    await sendPiece(store, lease, {
      method: "PUT",
      query: { comp: "block", blockid: id },
      takes: (header) => !describesBlob(header),
      headers: { "x-ms-blob-type": "BlockBlob" },
      body,
    });
  await sendPiece(store, lease, {
    method: "PUT",
    query: { comp: "blocklist" },
    takes: (header) => header !== "x-ms-blob-type",
    body: listBlocks(blocks.map(({ id }) => id)),
  });
}

/** All of one blob have to be equally long; others may be writing the same blob. */
function newBlockId(): string {
  return Buffer.from(randomUUID()).toString("base64");
}

function listBlocks(ids: readonly string[]): string {
  const blocks = ids.map((id) => `<Uncommitted>${id}</Uncommitted>`).join("");
  return `<?xml version="1.0" encoding="utf-8"?><BlockList>${blocks}</BlockList>`;
}

/** Azure Data Lake: a file is made, appended to, and flushed, which makes its content appear. */
async function appendAll({ store, sizes }: Clients, lease: Lease, file: Slice): Promise<void> {
  const takes = (header: string): boolean => !header.startsWith("x-ms-blob-");
  const send = (method: "PUT" | "PATCH", query: Readonly<Record<string, string>>, body: Slice) =>
    sendPiece(store, lease, { method, query, takes, body });
  const nothing = { ...file, length: 0 };
  await send("PUT", { resource: "file" }, nothing);
  for (const part of cut(file, sizes))
    await send("PATCH", { action: "append", position: String(part.start) }, part);
  await send("PATCH", { action: "flush", position: String(file.length) }, nothing);
}
