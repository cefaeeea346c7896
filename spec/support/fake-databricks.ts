/** A Databricks workspace with the rules that a plain MLflow server lacks; behind them, mlpipe's own store answers. */
import { randomBytes } from "node:crypto";
import type { ServerOptions } from "node:https";
import {
  endpoints,
  type Endpoint,
  type EndpointName,
  type ResponseOf,
} from "../../src/tracking/endpoints.ts";
import { parseJson, printJson } from "../../src/tracking/json.ts";
import { MalformedMessage, readMessage } from "../../src/tracking/read-message.ts";
import type { Fields } from "../../src/tracking/shape.ts";
import { openStore } from "../../src/tracking/store/open-store.ts";
import { TrackingError, type Tracking } from "../../src/tracking/tracking.ts";
import { startCloud, type Cloud, type FakeCloud } from "./fake-cloud.ts";
import { listen, type Reply, type Request } from "./listen.ts";

export const account = {
  token: "dapi-SECRET-pat",
  username: "ann@example.com",
  password: "pass-SECRET-word",
  clientId: "0aa1b2c3-client",
  clientSecret: "dose-SECRET-client",
} as const;

export interface FakeDatabricks {
  readonly origin: string;
  /** In what kind of store the artifact at a path lies. */
  kind: (path: string) => Cloud;
  readonly cloud: FakeCloud;
  /** Calls of MLflow and for signed addresses, refused or not. */
  readonly requests: readonly Request[];
  /** Requests for what is neither; answered 404. */
  readonly strays: readonly Request[];
  /** Requests for a token. */
  readonly tokenRequests: readonly Request[];
  /** Seconds that tokens live. */
  tokenLife: number;
  /** No token that was given out until now counts any more. */
  readonly expireTokens: () => void;
  readonly tokens: ReadonlySet<string>;
  /** What the next calls, and the next requests for a token, get instead of being carried out. */
  readonly instead: Reply[];
  readonly insteadOfToken: Reply[];
  readonly close: () => Promise<void>;
}

interface State {
  kind: (path: string) => Cloud;
  readonly cloud: FakeCloud;
  readonly store: Tracking;
  readonly requests: Request[];
  readonly strays: Request[];
  readonly tokenRequests: Request[];
  tokenLife: number;
  readonly tokens: Set<string>;
  readonly live: Set<string>;
  readonly instead: Reply[];
  readonly insteadOfToken: Reply[];
  readonly uploads: Map<string, string>;
}

/** `folder` is where the store behind it may write; it writes nothing there. */
export async function startDatabricks(
  folder: string,
  tls?: ServerOptions,
): Promise<FakeDatabricks> {
  const cloud = await startCloud();
  const store = await openStore(":memory:", { uri: "databricks", folder });
  const live = new Set<string>();
  const state: State = {
    kind: () => "AWS_PRESIGNED_URL",
    cloud,
    store,
    requests: [],
    strays: [],
    tokenRequests: [],
    tokenLife: 3600,
    tokens: new Set(),
    live,
    instead: [],
    insteadOfToken: [],
    uploads: new Map(),
  };
  const server = await listen((request) => serve(state, request), tls);
  return Object.assign(state, {
    origin: server.origin,
    expireTokens: () => live.clear(),
    close: async () => {
      await server.close();
      await cloud.close();
      await store.close();
    },
  });
}

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: printJson(value),
});
const refusal = (status: number, error_code: string, message: string): Reply =>
  json(status, { error_code, message });

async function serve(state: State, request: Request): Promise<Reply> {
  if (request.path === "/oidc/v1/token") return giveToken(state, request);
  const isCall = request.path.startsWith("/api/2.0/mlflow/");
  (isCall ? state.requests : state.strays).push(request);
  if (!isCall) return { status: 404, body: "" };
  const refused = refuseStranger(state, request) ?? state.instead.shift();
  if (refused !== undefined) return refused;
  const name = request.path.slice("/api/2.0/mlflow/".length);
  try {
    const model = /^logged-models\/([^/]+)\/artifacts\/(.*)$/.exec(name);
    if (model !== null) return modelArtifacts(state, model[1] ?? "", model[2] ?? "", request);
    return name.startsWith("artifacts/")
      ? await artifacts(state, name, request)
      : await call(state, name, request);
  } catch (error) {
    if (error instanceof MalformedMessage)
      return refusal(400, "INVALID_PARAMETER_VALUE", error.message);
    if (!(error instanceof TrackingError)) throw error;
    return refusal(error.code === "RESOURCE_DOES_NOT_EXIST" ? 404 : 400, error.code, error.message);
  }
}

const basic = (name: string, secret: string): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;

function giveToken(state: State, request: Request): Reply {
  state.tokenRequests.push(request);
  const refused = state.insteadOfToken.shift();
  if (refused !== undefined) return refused;
  const form = new URLSearchParams(request.body.toString());
  const asks = form.get("grant_type") === "client_credentials" && form.get("scope") === "all-apis";
  if (request.method !== "POST" || !asks) return json(400, { error: "invalid_request" });
  if (request.headers.authorization !== basic(account.clientId, account.clientSecret))
    return json(401, {
      error: "invalid_client",
      error_description: `no ${request.headers.authorization}`,
    });
  const access_token = `eyJ-SECRET-${randomBytes(8).toString("hex")}`;
  state.tokens.add(access_token);
  state.live.add(access_token);
  return json(200, { access_token, token_type: "Bearer", expires_in: state.tokenLife });
}

function refuseStranger({ tokens, live }: State, { headers }: Request): Reply | undefined {
  const { authorization = "" } = headers;
  if (authorization === basic(account.username, account.password)) return undefined;
  const token = /^Bearer (.*)$/.exec(authorization)?.[1];
  if (token === undefined)
    return refusal(401, "401", "Credential was not sent or was of an unsupported type.");
  if (token === account.token || live.has(token)) return undefined;
  return tokens.has(token)
    ? refusal(401, "401", `Token is expired: ${token}`)
    : refusal(403, "403", `Invalid access token: ${token}`);
}

function requestOf({ method, query, body }: Request): Record<string, unknown> {
  if (method !== "GET") return parseJson(body.toString()) as Record<string, unknown>;
  return Object.fromEntries(query);
}

async function call(state: State, name: string, request: Request): Promise<Reply> {
  const endpoint = name as EndpointName;
  const described: Endpoint<Fields, Fields> | undefined = endpoints[endpoint];
  if (described === undefined) return refusal(404, "ENDPOINT_NOT_FOUND", `No API ${name}`);
  const given = requestOf(request);
  // The store behind has `Default`; no workspace does.
  if (given["experiment_id"] === "0")
    return refusal(404, "RESOURCE_DOES_NOT_EXIST", "Node ID 0 does not exist.");
  checkName(given["experiment_name"] ?? (name === "experiments/create" ? given["name"] : "/"));
  const read = readMessage(described.request, given, { name: "the request" });
  const all = await state.store.call(endpoint, read as never);
  const answer = name === "experiments/search" ? withoutDefault(all) : all;
  return { ...json(200, answer), body: managed(printJson(answer)) };
}

function withoutDefault({
  experiments = [],
  ...rest
}: ResponseOf<"experiments/search">): ResponseOf<"experiments/search"> {
  const own = experiments.filter(({ experiment_id }) => experiment_id !== "0");
  return { ...rest, ...(own.length > 0 && { experiments: own }) };
}

function checkName(name: unknown): void {
  if (typeof name === "string" && name.startsWith("/")) return;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `Got an invalid experiment name '${String(name)}'. It must be an absolute path within the workspace`,
  );
}

/** Runs keep their artifacts where the workspace keeps them. */
function managed(text: string): string {
  const root = "dbfs:/databricks/mlflow-tracking";
  return text
    .replace(
      /"artifact_uri":"[^"]*?\/?(\d+)\/([0-9a-f]{32})\/artifacts"/g,
      `"artifact_uri":"${root}/$1/$2/artifacts"`,
    )
    .replace(
      /"artifact_uri":"[^"]*?\/?(\d+)\/models\/(m-[0-9a-f]{32})\/artifacts"/g,
      `"artifact_uri":"${root}/$1/logged_models/$2/artifacts"`,
    );
}

interface ArtifactRequest {
  readonly run_id: string;
  readonly path: string | readonly string[];
  readonly upload_id: string;
  readonly num_parts: number;
  readonly part_number: number;
  readonly part_etags: readonly { readonly part_number: number; readonly etag: string }[];
}

async function artifacts(state: State, name: string, request: Request): Promise<Reply> {
  const given = requestOf(request) as unknown as ArtifactRequest;
  const { run } = await state.store.call("runs/get", { run_id: given.run_id });
  const root = `${run.info.experiment_id}/${given.run_id}`;
  const key = `${root}/${String(given.path)}`;
  const { cloud } = state;
  const kind = state.kind(String(given.path));
  switch (name) {
    case "artifacts/list":
      return json(200, list(state, root, typeof given.path === "string" ? given.path : ""));
    case "artifacts/credentials-for-read":
    case "artifacts/credentials-for-write": {
      const purpose = name.endsWith("read") ? "read" : "write";
      const paths = given.path as readonly string[];
      const infos = paths.map((path) => cloud.sign(state.kind(path), `${root}/${path}`, purpose));
      return json(200, { credential_infos: infos });
    }
    case "artifacts/create-multipart-upload": {
      const upload_id = randomBytes(6).toString("hex");
      state.uploads.set(upload_id, key);
      const parts = Array.from({ length: given.num_parts }, (_, at) => at + 1);
      return json(200, {
        upload_id,
        upload_credential_infos: parts.map((part) => cloud.sign(kind, key, "part", part)),
        abort_credential_info: cloud.sign(kind, key, "abort"),
      });
    }
    case "artifacts/get-presigned-upload-part-url":
      requireUpload(state, given.upload_id, key);
      return json(200, {
        upload_credential_info: cloud.sign(kind, key, "part", Number(given.part_number)),
      });
    case "artifacts/complete-multipart-upload": {
      requireUpload(state, given.upload_id, key);
      const wrong = cloud.assemble(
        key,
        given.part_etags.map(({ etag }) => etag),
      );
      return wrong === undefined ? json(200, {}) : refusal(400, "INVALID_PARAMETER_VALUE", wrong);
    }
    default:
      return refusal(404, "ENDPOINT_NOT_FOUND", `No API ${name}`);
  }
}

function modelArtifacts(state: State, model_id: string, what: string, request: Request): Reply {
  const root = `logged_models/${model_id}`;
  const given = requestOf(request);
  if (what === "directories")
    return json(200, list(state, root, String(given["artifact_directory_path"] ?? "")));
  if (!/^credentials-for-(down|up)load$/.test(what))
    return refusal(404, "ENDPOINT_NOT_FOUND", `No API ${what}`);
  const purpose = what.endsWith("download") ? "read" : "write";
  const credentials = (given["paths"] as readonly string[]).map((path) => ({
    model_id,
    credential_info: state.cloud.sign(state.kind(path), `${root}/${path}`, purpose),
  }));
  return json(200, { credentials });
}

function requireUpload({ uploads }: State, id: string, key: string): void {
  if (uploads.get(id) !== key) throw new TrackingError("RESOURCE_DOES_NOT_EXIST", "No such upload");
}

function list({ cloud }: State, root: string, folder: string): object {
  const prefix = folder === "" ? `${root}/` : `${root}/${folder}/`;
  const files = new Map<string, object>();
  for (const [key, content] of cloud.objects) {
    if (!key.startsWith(prefix)) continue;
    const [name = "", ...deeper] = key.slice(prefix.length).split("/");
    const path = folder === "" ? name : `${folder}/${name}`;
    files.set(
      path,
      deeper.length > 0
        ? { path, is_dir: true }
        : { path, is_dir: false, file_size: content.length },
    );
  }
  return {
    root_uri: `dbfs:/databricks/mlflow-tracking/${root}/artifacts`,
    files: [...files.values()],
  };
}
