/** What the handlers of the embedded store share, and the ways they refuse. */
import { randomBytes } from "node:crypto";
import { TrackingError } from "../tracking.ts";
import type { ArtifactPlaces } from "./artifact-place.ts";
import type { Database } from "./database.ts";

export interface Store extends ArtifactPlaces {
  readonly database: Database;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The id of a new run; a logged model's has `m-` before it. */
  readonly newId: () => string;
}

/** 32 hexadecimal digits. */
export function randomId(): string {
  return randomBytes(16).toString("hex");
}

/** The request asks for something MLflow does not allow. */
export function invalid(message: string, fix = ""): TrackingError {
  return new TrackingError("INVALID_PARAMETER_VALUE", message, fix);
}

/** The request names something that is not there. */
export function missing(message: string, fix = ""): TrackingError {
  return new TrackingError("RESOURCE_DOES_NOT_EXIST", message, fix);
}

/** The request is well-formed, and the tables cannot hold what it asks for: MLflow's name for what its database refuses. */
export function refused(message: string, fix = ""): TrackingError {
  return new TrackingError("BAD_REQUEST", message, fix);
}
