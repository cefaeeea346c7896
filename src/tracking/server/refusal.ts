/** Errors as MLflow's clients read them: a status, a code and a message that gives nothing of this machine away. */
import { TrackingError } from "../tracking.ts";
import { json, type Reply } from "./route.ts";

/** Codes that are not named here are 500, after which clients try again for minutes. */
const statuses: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  CUSTOMER_UNAUTHORIZED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_DOES_NOT_EXIST: 404,
  ABORTED: 409,
  RESOURCE_CONFLICT: 409,
  ALREADY_EXISTS: 409,
  REQUEST_LIMIT_EXCEEDED: 429,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

export function refuse(code: string, message: string, status = statuses[code] ?? 500): Reply {
  return json(JSON.stringify({ error_code: code, message }), status);
}

interface Refusal {
  readonly reply: Reply;
  /** The operator should know: it is no mistake of the client. */
  readonly isOurs: boolean;
}

/** The answer to a call that failed; of what is wrong with this server, the client learns no more than that. */
export function refuseFailure(cause: unknown): Refusal {
  const own =
    cause instanceof TrackingError ? ownTroubles[cause.code] : ownTroubles["INTERNAL_ERROR"];
  if (own !== undefined) return { reply: refuse(...own), isOurs: true };
  const { code, message } = cause as TrackingError;
  return { reply: refuse(code, message), isOurs: false };
}

const ownTroubles: Readonly<Record<string, readonly [code: string, message: string]>> = {
  INTERNAL_ERROR: ["INTERNAL_ERROR", "internal error; the server's log says more"],
  STORE_UNUSABLE: [
    "TEMPORARILY_UNAVAILABLE",
    "the server cannot use its store now; its log says why",
  ],
  TEMPORARILY_UNAVAILABLE: [
    "TEMPORARILY_UNAVAILABLE",
    "the server cannot use its store just now, ask again; its log says why",
  ],
  UNREACHABLE: ["TEMPORARILY_UNAVAILABLE", "the server does not reach its own tracker now"],
  NOT_MLFLOW: ["TEMPORARILY_UNAVAILABLE", "the server does not reach its own tracker now"],
  // Asking again, as clients do after 500, would not help.
  FILE_FAILED: ["BAD_REQUEST", "the server cannot use its files for this; its log says why"],
};
