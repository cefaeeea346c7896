/** A cloud store that takes nothing but addresses that were signed for it, by the rules of S3, Google Cloud, Azure's blobs or its data lake. */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { GrantInfo } from "../../src/tracking/databricks/calls.ts";
import { listen, type Reply, type Request } from "./listen.ts";

export type Cloud = GrantInfo["type"];
type Purpose = "read" | "write" | "part" | "abort";

/** Headers that come with a signature; the data lake itself knows none of the blobs' own. */
const signedHeaders: Readonly<Record<Cloud, Readonly<Record<string, string>>>> = {
  AWS_PRESIGNED_URL: { "x-amz-server-side-encryption": "AES256" },
  GCP_SIGNED_URL: { "x-goog-content-sha256": "UNSIGNED-PAYLOAD" },
  AZURE_SAS_URI: { "x-ms-blob-type": "BlockBlob", "x-ms-meta-owner": "mlflow" },
  AZURE_ADLS_GEN2_SAS_URI: { "x-ms-blob-type": "BlockBlob" },
};
const smallestPart = 5 * 1024 * 1024;

interface Signature {
  readonly cloud: Cloud;
  readonly key: string;
  readonly purpose: Purpose;
  readonly part: number;
  expired: boolean;
}
/** What has been sent, and cannot be seen yet. */
interface Unfinished {
  readonly pieces: Map<string, Buffer>;
}

export interface FakeCloud {
  readonly origin: string;
  /** Whole objects by their key. */
  readonly objects: Map<string, Buffer>;
  readonly unfinished: Map<string, Unfinished>;
  readonly requests: readonly Request[];
  /** What no client may do: each in a sentence. */
  readonly violations: readonly string[];
  /** Every signature given out: none may show anywhere. */
  readonly signatures: ReadonlyMap<string, Signature>;
  readonly sign: (cloud: Cloud, key: string, purpose: Purpose, part?: number) => GrantInfo;
  /** As many of the next signatures are over when they are given out. */
  expireNext: number;
  /** What the next requests get instead of being carried out. */
  readonly instead: Reply[];
  /** Makes an object of S3 of its parts; undefined: all is well. */
  readonly assemble: (key: string, etags: readonly string[]) => string | undefined;
  readonly close: () => Promise<void>;
}

export async function startCloud(): Promise<FakeCloud> {
  const signatures = new Map<string, Signature>();
  const violations: string[] = [];
  const cloud = {
    objects: new Map<string, Buffer>(),
    unfinished: new Map<string, Unfinished>(),
    requests: [] as Request[],
    violations,
    signatures,
    expireNext: 0,
    instead: [] as Reply[],
  };
  const server = await listen((request) => {
    cloud.requests.push(request);
    return cloud.instead.shift() ?? serve(cloud, request);
  });
  return Object.assign(cloud, {
    origin: server.origin,
    close: server.close,
    sign: (type: Cloud, key: string, purpose: Purpose, part = 0): GrantInfo => {
      const secret = `SIG${randomBytes(12).toString("hex")}`;
      const expired = cloud.expireNext > 0;
      if (expired) cloud.expireNext -= 1;
      signatures.set(secret, { cloud: type, key, purpose, part, expired });
      const path = key.split("/").map(encodeURIComponent).join("/");
      const headers = purpose === "write" || purpose === "part" ? signedHeaders[type] : {};
      return {
        signed_uri: `${server.origin}/${path}?sig=${secret}`,
        type,
        headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
      };
    },
    assemble: (key: string, etags: readonly string[]) => assemble(cloud, key, etags),
  });
}

type State = Pick<FakeCloud, "objects" | "unfinished" | "signatures"> & { violations: string[] };

/** Real stores repeat what was signed in their refusals. */
const refuse = (status: number, code: string, secret: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message><SignatureProvided>${secret}</SignatureProvided></Error>`,
});

function serve(state: State, request: Request): Reply {
  const secret = request.query.get("sig") ?? "";
  const signature = state.signatures.get(secret);
  if (request.headers.authorization !== undefined)
    return violate(state, request, "signs in at the store", secret);
  if (signature === undefined || request.path !== `/${encodeKey(signature.key)}`)
    return violate(state, request, "has no signature for that", secret);
  if (signature.expired) return refuse(403, "AuthenticationFailed", secret);
  if (request.method === "GET") return read(state, signature, secret);
  if (signature.purpose === "read") return violate(state, request, "may only read", secret);
  if (request.headers["content-length"] === undefined && request.method !== "DELETE")
    return violate(state, request, "does not say how much it sends", secret);
  return write(state, request, signature) ?? violate(state, request, "is not understood", secret);
}

function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}

function violate(state: State, { method, path }: Request, what: string, secret: string): Reply {
  state.violations.push(`${method} ${path} ${what}`);
  return refuse(403, "SignatureDoesNotMatch", secret);
}

function read({ objects }: State, { key, purpose }: Signature, secret: string): Reply {
  const object = objects.get(key);
  if (purpose !== "read") return refuse(403, "AccessDenied", secret);
  return object === undefined ? refuse(404, "NoSuchKey", secret) : { status: 200, body: object };
}

/** Undefined: no request that this cloud knows. */
function write(state: State, request: Request, signature: Signature): Reply | undefined {
  switch (signature.cloud) {
    case "AWS_PRESIGNED_URL":
    case "GCP_SIGNED_URL":
      return writeObject(state, request, signature);
    case "AZURE_SAS_URI":
      return writeBlob(state, request, signature);
    case "AZURE_ADLS_GEN2_SAS_URI":
      return writeLake(state, request, signature);
    default:
      return signature.cloud satisfies never;
  }
}

function piecesOf({ unfinished }: State, key: string): Map<string, Buffer> {
  const found = unfinished.get(key) ?? { pieces: new Map<string, Buffer>() };
  unfinished.set(key, found);
  return found.pieces;
}

function writeObject(state: State, request: Request, signature: Signature): Reply | undefined {
  const { key, purpose, part, cloud } = signature;
  if (request.method === "DELETE" && purpose === "abort") {
    state.unfinished.delete(key);
    return { status: 204 };
  }
  const asSigned =
    request.method === "PUT" &&
    request.headers["content-type"] === undefined &&
    hasHeaders(request.headers, signedHeaders[cloud]);
  if (!asSigned) return undefined;
  if (purpose === "part") piecesOf(state, key).set(String(part), request.body);
  else state.objects.set(key, request.body);
  return { status: 200, headers: { etag: `"${digest(request.body)}"` } };
}

function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}

function hasHeaders(given: IncomingHttpHeaders, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => given[name] === value);
}

function assemble(state: State, key: string, etags: readonly string[]): string | undefined {
  const pieces = piecesOf(state, key);
  const parts = etags.map((_, at) => pieces.get(String(at + 1)) ?? Buffer.alloc(0));
  if (parts.slice(0, -1).some((part) => part.length < smallestPart)) return "EntityTooSmall";
  if (parts.some((part, at) => etags[at] !== `"${digest(part)}"`)) return "InvalidPart";
  state.objects.set(key, Buffer.concat(parts));
  state.unfinished.delete(key);
  return undefined;
}

function writeBlob(state: State, request: Request, { key }: Signature): Reply | undefined {
  const { query, headers, body } = request;
  if (request.method !== "PUT") return undefined;
  const pieces = piecesOf(state, key);
  if (query.get("comp") === "block") {
    if (headers["x-ms-meta-owner"] !== undefined) return undefined;
    pieces.set(query.get("blockid") ?? "", body);
    return { status: 201 };
  }
  if (query.get("comp") !== "blocklist" || headers["x-ms-meta-owner"] !== "mlflow")
    return undefined;
  const ids = [...body.toString().matchAll(/<Uncommitted>([^<]+)</g)].map(([, id = ""]) => id);
  if (ids.some((id) => !pieces.has(id)) || new Set(ids.map(({ length }) => length)).size > 1)
    return { status: 400, body: "<Error><Code>InvalidBlockList</Code></Error>" };
  state.objects.set(key, Buffer.concat(ids.map((id) => pieces.get(id) ?? Buffer.alloc(0))));
  state.unfinished.delete(key);
  return { status: 201 };
}

/** Appends may come in any order; flushing wants them without a gap. */
function writeLake(state: State, request: Request, { key }: Signature): Reply | undefined {
  const { method, query, body } = request;
  if (request.headers["x-ms-blob-type"] !== undefined) return undefined;
  if (method === "PUT" && query.get("resource") === "file") {
    state.unfinished.set(key, { pieces: new Map() });
    return { status: 201 };
  }
  const pieces = state.unfinished.get(key)?.pieces;
  if (method !== "PATCH" || pieces === undefined) return undefined;
  const position = Number(query.get("position"));
  const appends = query.get("action") === "append";
  if (appends) pieces.set(String(position), body);
  if (appends && query.get("flush") !== "true") return { status: 202 };
  return flush(state, key, appends ? position + body.length : position);
}

function flush(state: State, key: string, length: number): Reply {
  const pieces = [...piecesOf(state, key)].toSorted(([a], [b]) => Number(a) - Number(b));
  const whole = Buffer.concat(pieces.map(([, piece]) => piece));
  const gapless = pieces.every(
    ([position], at) =>
      Number(position) === pieces.slice(0, at).reduce((sum, [, piece]) => sum + piece.length, 0),
  );
  if (!gapless || whole.length !== length) return { status: 400, headers: badPosition };
  state.objects.set(key, whole);
  state.unfinished.delete(key);
  return { status: 200 };
}

const badPosition = { "x-ms-error-code": "InvalidFlushPosition" };
