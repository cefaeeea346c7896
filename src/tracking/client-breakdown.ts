/** A connection that could not be made or that broke: told by the codes of Node and undici. */
import type { Effect, Failure } from "./retry.ts";
import type { Settings } from "./client-settings.ts";
import { TrackingError, type TrackingErrorCode } from "./tracking.ts";

/** How far the exchange had come: once the headers are there, whoever answers has made up its mind. */
type Phase = "waiting" | "answering";

type Place = Pick<Settings, "origin" | "uri" | "advice">;

interface Explanation {
  readonly code: TrackingErrorCode;
  readonly message: string;
  readonly fix: string;
  readonly effect: Effect | undefined;
}

/** `url` is at the server, or wherever artifacts lie. */
export function explainBreakdown(
  cause: unknown,
  phase: Phase,
  waitedMs: number,
  { url, settings }: { readonly url: string; readonly settings: Settings },
): Failure {
  const { origin } = new URL(url);
  const place = origin === settings.origin ? settings : { ...settings, origin, uri: origin };
  const { code, message, fix, effect } = explain(codeOf(cause), phase, waitedMs, place);
  const error = new TrackingError(code, message, fix, cause);
  return attribute({ error, retry: effect === undefined ? undefined : { effect } }, url, settings);
}

/** Where artifacts lie elsewhere and nobody answers there, the server itself is not lost. */
export function attribute(
  failure: Failure,
  url: string,
  { origin }: Pick<Settings, "origin">,
): Failure {
  const { code, message, fix, cause } = failure.error;
  const isAway = code === "UNREACHABLE" || code === "TEMPORARILY_UNAVAILABLE";
  if (!isAway || new URL(url).origin === origin) return failure;
  return { ...failure, error: new TrackingError("ARTIFACT_STORE_FAILED", message, fix, cause) };
}

/** The first code along the causes; several addresses of one name fail together, for the same reason. */
function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return "";
  if (cause.name === "TimeoutError") return "TIMEOUT";
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  return codeOf(cause.cause);
}

const waitLonger =
  "Check that the server is well; MLFLOW_HTTP_REQUEST_TIMEOUT=120 waits up to 120 seconds for an answer.";

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection is refused",
  EHOSTUNREACH: "there is no way to that machine",
  ENETUNREACH: "there is no way to that network",
  ENETDOWN: "the network is down",
  EHOSTDOWN: "that machine is down",
  ETIMEDOUT: "it takes no connection in time",
  UND_ERR_CONNECT_TIMEOUT: "it takes no connection in time",
};
const timeouts = ["TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"];

function explain(code: string, phase: Phase, waitedMs: number, place: Place): Explanation {
  const host = hostAndPort(place.origin);
  const { advice } = place;
  const make = (
    kind: "UNREACHABLE" | "UNTRUSTED" | "NOT_MLFLOW",
    message: string,
    fix: string,
    effect: Effect | undefined,
  ): Explanation => ({ code: kind, message, fix, effect });
  const reason = unreachable[code];
  if (reason !== undefined)
    return make(
      "UNREACHABLE",
      `Nobody answers at ${host}: ${reason}`,
      advice.reach(host),
      "untouched",
    );
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return make("UNREACHABLE", `No machine is known as ${host}`, advice.name, "untouched");
  if (timeouts.includes(code))
    return make("UNREACHABLE", `${host} gave no answer ${within(waitedMs)}`, waitLonger, "pending");
  if (isDistrust(code))
    return make(
      "UNTRUSTED",
      `The certificate of ${host} is not trusted (${code})`,
      advice.certificate,
      undefined,
    );
  if (/^ERR_SSL|^EPROTO|^HPE_/.test(code))
    return make("NOT_MLFLOW", `${host} ${misspoken(place.origin)}`, advice.scheme, undefined);
  if (phase === "answering")
    return make("NOT_MLFLOW", sayCutOff(place.uri), advice.server, "settled");
  return make(
    "UNREACHABLE",
    `${host} ended the connection without an answer`,
    advice.server,
    "settled",
  );
}

export function sayCutOff(uri: string): string {
  return `The answer of ${uri} breaks off in the middle`;
}

function misspoken(origin: string): string {
  return origin.startsWith("https:")
    ? "does not speak TLS as https:// needs it"
    : "answers with something that is not HTTP";
}

function isDistrust(code: string): boolean {
  return /CERT|UNABLE_TO_|SELF_SIGNED|ERR_TLS_/.test(code);
}

function within(milliseconds: number): string {
  return `within ${Math.max(0.1, Math.round(milliseconds / 100) / 10)} s`;
}

/** The port is named even where it is the scheme's own. */
function hostAndPort(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port === "" ? (protocol === "https:" ? 443 : 80) : port}`;
}
