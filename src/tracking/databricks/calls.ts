/** Calls that only Databricks knows: addresses in its cloud store, signed for one artifact of a run or of a logged model. */
import { call } from "../endpoints.ts";
import { choice, integer, list, message, optional, text, type ValueOf } from "../shape.ts";

const grant = message({
  signed_uri: text,
  type: choice(["AWS_PRESIGNED_URL", "GCP_SIGNED_URL", "AZURE_SAS_URI", "AZURE_ADLS_GEN2_SAS_URI"]),
  headers: optional(list(message({ name: text, value: text }))),
});
export type GrantInfo = ValueOf<typeof grant>;

const ofRun = { run_id: text, path: list(text) };
const grantsOfRun = { credential_infos: list(grant) };
const ofModel = { model_id: text, paths: list(text) };
const grantsOfModel = { credentials: list(message({ credential_info: grant })) };

export const grantCalls = {
  run: {
    read: call(["POST"], "artifacts/credentials-for-read", ofRun, grantsOfRun),
    write: call(["POST"], "artifacts/credentials-for-write", ofRun, grantsOfRun),
  },
  model: {
    read: call(
      ["POST"],
      "logged-models/{model_id}/artifacts/credentials-for-download",
      ofModel,
      grantsOfModel,
    ),
    write: call(
      ["POST"],
      "logged-models/{model_id}/artifacts/credentials-for-upload",
      ofModel,
      grantsOfModel,
    ),
  },
} as const;

const upload = { run_id: text, path: text, upload_id: text };

/** A file of a run that goes to S3 in parts. */
export const partCalls = {
  create: call(
    ["POST"],
    "artifacts/create-multipart-upload",
    { run_id: text, path: text, num_parts: integer },
    { upload_id: text, upload_credential_infos: list(grant), abort_credential_info: grant },
  ),
  renew: call(
    ["GET"],
    "artifacts/get-presigned-upload-part-url",
    { ...upload, part_number: integer },
    { upload_credential_info: grant },
  ),
  complete: call(
    ["POST"],
    "artifacts/complete-multipart-upload",
    { ...upload, part_etags: list(message({ part_number: integer, etag: text })) },
    {},
  ),
} as const;
