/** A server that does not answer, and where what was meant for it goes instead. */
import { TrackingError } from "../tracking.ts";

export interface Loss {
  /** What the server's client found out. */
  readonly error: TrackingError;
  /** The store's URI. */
  readonly store: string;
  /** True: runs had begun at the server, and what comes now is the rest of them. */
  readonly isMidRun: boolean;
}

/** Nobody is there, or only a gateway that has nobody behind it. All other failures are answers, and stand. */
export function isDown(error: unknown): error is TrackingError {
  const codes = ["UNREACHABLE", "TEMPORARILY_UNAVAILABLE"];
  return error instanceof TrackingError && codes.includes(error.code);
}
