/** The calls of the endpoint table as routes: one read, one `Tracking.call`, one print. */
import { endpoints, type EndpointName, type RequestOf } from "../endpoints.ts";
import { parseRequest } from "../json.ts";
import { printMessage } from "../print-message.ts";
import { MalformedMessage, readMessage } from "../read-message.ts";
import type { Message } from "../shape.ts";
import { TrackingError, type Tracking } from "../tracking.ts";
import { readBody, type BodyLimits } from "./body.ts";
import { cutLongValues } from "./long-values.ts";
import { readQuery } from "./query.ts";
import { json, type Asked, type Route } from "./route.ts";

/** Where clients look for the calls; the last is where those before MLflow 1 do. */
const prefixes = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/2.0/preview/mlflow"];

/** Bytes that a request may have: of a batch as many as MLflow takes, of inputs room for profiles of data sets. */
const byteLimits: { readonly [E in EndpointName]?: number } = {
  "runs/log-batch": 1_000_000,
  "runs/log-inputs": 64 << 20,
};
const defaultByteLimit = 8 << 20;

export interface CallOptions {
  /** Milliseconds within which the body of a request has to be here. */
  readonly patience: number;
  /** Learns what was done otherwise than asked for. */
  readonly log: (notice: TrackingError) => void;
}

export function callRoutes(tracking: Tracking, options: CallOptions): readonly Route[] {
  const names = Object.keys(endpoints) as EndpointName[];
  return names.flatMap((name) => {
    const answer = answerTo(tracking, name, options);
    return prefixes.flatMap((prefix) => routesOf(name, prefix, answer));
  });
}

function routesOf(name: EndpointName, prefix: string, answer: Route["answer"]): readonly Route[] {
  const { verbs, path } = endpoints[name];
  const place = `${prefix}/${path.replace(/\{(\w+)\}/g, ":$1")}`;
  return verbs.map((verb) => ({ verb, path: place, access: "guarded", answer }));
}

function answerTo(
  tracking: Tracking,
  name: EndpointName,
  { patience, log }: CallOptions,
): Route["answer"] {
  const shapes: { readonly request: Message; readonly response: Message } = endpoints[name];
  const limits = { bytes: byteLimits[name] ?? defaultByteLimit, milliseconds: patience };
  return async (asked) => {
    const given =
      asked.verb === "GET" && asked.query !== ""
        ? readQuery(asked.query, shapes.request)
        : await readJson(asked, limits);
    const request = readRequest(shapes.request, { ...given, ...asked.params });
    const fitting = cutLongValues(name, request as RequestOf<typeof name>, log);
    const response = await tracking.call(name, fitting);
    return json(printMessage(shapes.response, response));
  };
}

async function readJson(asked: Asked, limits: BodyLimits): Promise<object> {
  const bytes = await readBody(asked.body, limits);
  // A page of another origin can send a POST of other types without being asked whether it may.
  if (asked.verb === "POST" && !/^application\/json(;|$)/.test(asked.headers["content-type"] ?? ""))
    throw invalid("the Content-Type of a request has to be application/json");
  if (bytes.length === 0) return {};
  const given = parse(decode(bytes));
  const message = typeof given === "string" ? parse(given) : given;
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw invalid("the body is no JSON object");
  return message;
}

/** Text in another encoding would be stored as something else. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new TrackingError("BAD_REQUEST", "the body is no UTF-8");
  }
}

/** The parser's own message is left out: it quotes the text. */
function parse(text: string): unknown {
  try {
    return parseRequest(text);
  } catch {
    throw invalid("the body is no JSON");
  }
}

function readRequest(shape: Message, given: object): unknown {
  try {
    return readMessage(shape, given, { name: "the body", emptyIsMissing: true });
  } catch (cause) {
    if (cause instanceof MalformedMessage) throw invalid(cause.message);
    throw cause;
  }
}

function invalid(message: string): TrackingError {
  return new TrackingError("INVALID_PARAMETER_VALUE", message);
}
