/** The calls of the endpoint table as routes: one read, one `Tracking.call`, one print. */
import { endpoints, type EndpointName, type RequestOf } from "../endpoints.ts";
import { parseRequest } from "../json.ts";
import { printMessage } from "../print-message.ts";
import { MalformedMessage, readMessage } from "../read-message.ts";
import type { Message } from "../shape.ts";
import { TrackingError, type Tracking } from "../tracking.ts";
import { readBody } from "./body.ts";
import { readQuery } from "./query.ts";
import { json, type Asked, type Route } from "./route.ts";

/** Where clients look for the calls; the last is where those before MLflow 1 do. */
const prefixes = ["/api/2.0/mlflow", "/ajax-api/2.0/mlflow", "/api/2.0/preview/mlflow"];

/** Bytes that a request may have; for a batch as many as MLflow takes. */
const limits: { readonly [E in EndpointName]?: number } = { "runs/log-batch": 1_000_000 };
/** Room for the largest things MLflow takes: profiles of data sets. */
const defaultLimit = 64 * 1024 * 1024;

export function callRoutes(tracking: Tracking): readonly Route[] {
  const names = Object.keys(endpoints) as EndpointName[];
  return names.flatMap((name) => prefixes.flatMap((prefix) => routesOf(tracking, name, prefix)));
}

function routesOf(tracking: Tracking, name: EndpointName, prefix: string): readonly Route[] {
  const { verbs, path } = endpoints[name];
  return verbs.map((verb) => ({
    verb,
    path: `${prefix}/${path.replace(/\{(\w+)\}/g, ":$1")}`,
    access: "guarded",
    answer: async (asked) => {
      const given =
        verb === "GET"
          ? readQuery(asked.query, endpoints[name].request)
          : await readJson(asked, name);
      const request = readRequest(endpoints[name].request, { ...given, ...asked.params });
      const response = await tracking.call(name, request as RequestOf<typeof name>);
      return json(printMessage(endpoints[name].response as Message, response));
    },
  }));
}

async function readJson({ headers, body }: Asked, name: EndpointName): Promise<object> {
  const bytes = await readBody(body, limits[name] ?? defaultLimit);
  if (bytes.length === 0) return {};
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? ""))
    throw invalid("the Content-Type of a request has to be application/json");
  const given = parse(bytes.toString("utf8"));
  const message = typeof given === "string" ? parse(given) : given;
  if (typeof message !== "object" || message === null || Array.isArray(message))
    throw invalid("the body is no JSON object");
  return message;
}

/** The parser's own message is left out: it quotes the text. */
function parse(text: string): unknown {
  try {
    return parseRequest(text);
  } catch {
    throw new TrackingError("BAD_REQUEST", "the body is no JSON");
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
