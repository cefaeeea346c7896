/** Calls that only Databricks knows: addresses in its cloud store, signed for one artifact of a run. */
import { explainMalformed, explainRefusal, fail, tryParse } from "../client-failure.ts";
import { exchange, type Connection } from "../client-http.ts";
import { encodeQuery } from "../client-request.ts";
import { MalformedMessage, readMessage } from "../read-message.ts";
import type { Attempt, Budget } from "../retry.ts";
import {
  choice,
  integer,
  list,
  message,
  optional,
  text,
  type Fields,
  type Message,
  type ValueOf,
} from "../shape.ts";

const grantTypes = [
  "AWS_PRESIGNED_URL",
  "GCP_SIGNED_URL",
  "AZURE_SAS_URI",
  "AZURE_ADLS_GEN2_SAS_URI",
] as const;

const grant = message({
  signed_uri: text,
  type: choice(grantTypes),
  headers: optional(list(message({ name: text, value: text }))),
});
export type GrantInfo = ValueOf<typeof grant>;

const upload = { run_id: text, path: text, upload_id: text };

const calls = {
  "credentials-for-read": {
    method: "POST",
    request: message({ run_id: text, path: list(text) }),
    response: message({ credential_infos: list(grant) }),
  },
  "credentials-for-write": {
    method: "POST",
    request: message({ run_id: text, path: list(text) }),
    response: message({ credential_infos: list(grant) }),
  },
  "create-multipart-upload": {
    method: "POST",
    request: message({ run_id: text, path: text, num_parts: integer }),
    response: message({
      upload_id: text,
      upload_credential_infos: list(grant),
      abort_credential_info: grant,
    }),
  },
  "get-presigned-upload-part-url": {
    method: "GET",
    request: message({ ...upload, part_number: integer }),
    response: message({ upload_credential_info: grant }),
  },
  "complete-multipart-upload": {
    method: "POST",
    request: message({
      ...upload,
      part_etags: list(message({ part_number: integer, etag: text })),
    }),
    response: message({}),
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly method: "GET" | "POST";
      readonly request: Message<Fields>;
      readonly response: Message<Fields>;
    }
  >
>;
export type CallName = keyof typeof calls;
export type RequestOf<C extends CallName> = ValueOf<(typeof calls)[C]["request"]>;
export type ResponseOf<C extends CallName> = ValueOf<(typeof calls)[C]["response"]>;

/** One attempt of one call. */
export async function ask<C extends CallName>(
  connection: Connection,
  name: C,
  request: RequestOf<C>,
  budget: Budget,
): Promise<Attempt<ResponseOf<C>>> {
  const { method, response } = calls[name];
  const { settings } = connection;
  const url = `${settings.uri}/api/2.0/mlflow/artifacts/${name}`;
  const answered = await exchange(
    connection,
    method === "GET"
      ? { method, url: `${url}?${encodeQuery(request)}` }
      : {
          method,
          url,
          headers: { "content-type": "application/json" },
          body: JSON.stringify(request),
        },
    budget,
  );
  if (answered.kind === "failed") return answered;
  const answer = answered.value;
  if (answer.status !== 200) return { kind: "failed", failure: explainRefusal(answer, settings) };
  try {
    const read = readMessage(response, tryParse(answer.text), { name: "the answer" });
    return { kind: "done", value: read as ResponseOf<C> };
  } catch (cause) {
    if (!(cause instanceof MalformedMessage)) throw cause;
    return fail(explainMalformed(answer, cause.message, settings));
  }
}
