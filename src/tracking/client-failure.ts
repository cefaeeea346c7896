/** What went wrong between client and server, as one line with its cause and one with what to do, and whether to try again. */
import type { Attempt, Effect, Failure } from "./retry.ts";
import { sayCutOff } from "./client-breakdown.ts";
import { parseJson } from "./json.ts";
import type { Settings } from "./client-settings.ts";
import { TrackingError, type TrackingErrorCode } from "./tracking.ts";

/** An answer that has arrived whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

type Place = Pick<Settings, "uri" | "secrets" | "advice">;

export function fail<T>(
  error: TrackingError,
  effect?: Effect,
  afterMs?: number,
): Attempt<T> & { readonly kind: "failed" } {
  const retry = effect === undefined ? undefined : { effect, afterMs };
  return { kind: "failed", failure: { error, retry } };
}

/** One line, short enough to read, no control characters, no secret. */
export function tidy(text: string, secrets: readonly string[]): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), line);
  return clean.length > 600 ? `${clean.slice(0, 600)}…` : clean;
}

/** An answer whose status is not 2xx. */
export function explainRefusal(answer: Answer, place: Place): Failure {
  const own = readOwnError(answer.text);
  const error =
    own === undefined
      ? explainForeign(answer, place)
      : new TrackingError(own.code, tidy(own.message, place.secrets), fixFor(own.code, place));
  return { error, retry: whetherToRetry(answer) };
}

/** MLflow's own error, which knows best what is wrong. */
function readOwnError(
  text: string,
): { readonly code: string; readonly message: string } | undefined {
  const answer = tryParse(text);
  if (typeof answer !== "object" || answer === null) return undefined;
  const { error_code: code, message } = answer as Record<string, unknown>;
  if (typeof code !== "string" || !/^[A-Z_]+$/.test(code)) return undefined;
  const said = typeof message === "string" ? message.trim() : "";
  return { code, message: said === "" ? `The server refused with ${code}` : said };
}

export function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

function fixFor(code: string, { advice }: Place): string {
  if (code === "UNAUTHENTICATED") return advice.signIn;
  if (code === "PERMISSION_DENIED") return advice.permission;
  return code === "REQUEST_LIMIT_EXCEEDED" ? waitLonger : "";
}

/** Something that speaks HTTP but answers not as MLflow's calls do: a proxy, a login page, another service. */
function explainForeign(answer: Answer, place: Place): TrackingError {
  const { status } = answer;
  const { advice } = place;
  const said = quoteExcerpt(answer, place.secrets);
  const make = (code: TrackingErrorCode, message: string, fix: string): TrackingError =>
    new TrackingError(code, `${place.uri} ${message}`, fix);
  if (status === 401)
    return make("UNAUTHENTICATED", `wants to know who is asking${said}`, advice.signIn);
  if (status === 403)
    return make("PERMISSION_DENIED", `refuses this request${said}`, advice.permission);
  if (status === 407) return make("UNAUTHENTICATED", `is behind a proxy that wants a password`, "");
  if (status === 413)
    return make("INVALID_PARAMETER_VALUE", `refuses a body of this size${said}`, "");
  if (status === 429)
    return make("REQUEST_LIMIT_EXCEEDED", `gets too many requests${said}`, waitLonger);
  if (isDisabled(answer)) return make("ENDPOINT_NOT_FOUND", `does not offer this${said}`, "");
  if (status === 500) return make("INTERNAL_ERROR", `answers 500${said}`, waitLonger);
  if (status >= 500 && !neverMlflow.includes(status))
    return make("TEMPORARILY_UNAVAILABLE", `answers ${status}${said}`, waitLonger);
  if (status >= 300 && status < 400) return make("NOT_MLFLOW", redirect(answer), advice.address);
  return make("NOT_MLFLOW", `answers ${status}, and not as MLflow does${said}`, advice.address);
}

/** Whoever does not know the verb, as a plain file server, or the protocol: that does not pass. */
const neverMlflow: readonly number[] = [501, 505];

const waitLonger =
  "Try again in a while; MLPIPE_TRACKING_TIMEOUT=120 waits up to 120 seconds by itself.";

/** MLflow says so with status 503, though it stays so until the server is started with another flag. */
function isDisabled({ status, text }: Answer): boolean {
  return status === 503 && text.includes("disabled due to");
}

/** Where to, without the query: it may carry a token. */
function redirect({ headers }: Answer): string {
  const to = String(headers["location"] ?? "nowhere").replace(/[?#].*$/s, "");
  return `sends every request on to ${tidy(to.replace(/\/\/[^/]*@/, "//"), [])}, as a login page or a moved server does`;
}

/** HTML is known by its title, JSON by its message. */
function quoteExcerpt({ text }: Answer, secrets: readonly string[]): string {
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? messageIn(tryParse(text));
  const excerpt = tidy(title ?? (/^\s*</.test(text) ? "" : text), secrets).slice(0, 200);
  return excerpt === "" ? "" : `: ${excerpt}`;
}

function messageIn(answer: unknown): string | undefined {
  if (typeof answer !== "object" || answer === null || !("message" in answer)) return undefined;
  return typeof answer.message === "string" ? answer.message : undefined;
}

/** A 2xx answer that could not be read; `reason` names what is wrong with it. */
export function explainMalformed(answer: Answer, reason: string, place: Place): Failure {
  if (isCutOff(answer))
    return {
      error: new TrackingError("NOT_MLFLOW", sayCutOff(place.uri), place.advice.server),
      retry: { effect: "settled" },
    };
  const html = /^\s*<|text\/html/i.test(
    `${answer.text.slice(0, 200)} ${String(answer.headers["content-type"])}`,
  );
  const what = html ? `a web page${quoteExcerpt(answer, place.secrets)}` : reason;
  const message = `${place.uri} answers, but not as MLflow does: ${tidy(what, place.secrets)}`;
  const error = new TrackingError("NOT_MLFLOW", message, place.advice.address);
  return { error, retry: undefined };
}

/** Something on the way may lose the end of an answer and count anew what is left of it. */
function isCutOff({ text }: Answer): boolean {
  return /^\s*\{/.test(text) && tryParse(text) === undefined;
}

const temporary: readonly number[] = [408, 429, 500, 502, 503, 504];

export function whetherToRetry(answer: Answer): Failure["retry"] {
  if (!temporary.includes(answer.status) || isDisabled(answer)) return undefined;
  return { effect: effectOf(answer.status), afterMs: readRetryAfter(answer) };
}

/** 504 comes from a gateway that has stopped waiting, while the server behind it may still be at work. */
function effectOf(status: number): Effect {
  if (status === 429) return "untouched";
  return status === 504 ? "pending" : "settled";
}

/** Seconds, or a date. */
function readRetryAfter({ headers }: Answer): number | undefined {
  const text = String(headers["retry-after"] ?? "").trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
