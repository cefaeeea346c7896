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

/** The answer to a call that failed; anything but a TrackingError is a bug, of which the client learns only that. */
export function refuseFailure(cause: unknown): Reply {
  if (!(cause instanceof TrackingError)) return refuse("INTERNAL_ERROR", "internal error");
  switch (cause.code) {
    case "STORE_UNUSABLE":
      return refuse(
        "TEMPORARILY_UNAVAILABLE",
        "the server cannot use its store now; its log says why",
      );
    case "UNREACHABLE":
    case "NOT_MLFLOW":
      return refuse("TEMPORARILY_UNAVAILABLE", "the server does not reach its own tracker now");
    case "FILE_FAILED":
      return refuse("INTERNAL_ERROR", "the server cannot use its files; its log says why");
    case "INTERNAL_ERROR":
      return refuse("INTERNAL_ERROR", "internal error; the server's log says more");
    default:
      return refuse(cause.code, cause.message);
  }
}
