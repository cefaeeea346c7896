/** An MLflow-compatible tracker, whoever it is: the embedded store, or a server behind a URI. */
import type { Readable } from "node:stream";
import type { ArtifactFile } from "./entities.ts";
import type { EndpointName, RequestOf, ResponseOf } from "./endpoints.ts";

export interface Tracking {
  /** The tracking URI as the user would write it; no password in it. */
  readonly uri: string;
  /** Where that is; absent: `uri` says it. */
  readonly address?: string;
  /**
   * Performs one call. Resolves once the tracker has acknowledged it (the embedded store: once it is durable).
   * Rejects with `TrackingError` only. Retries inside never repeat an effect: two runs are never created for one call.
   */
  call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>>;
  /** Copies a local file to `path` (forward slashes, below the artifact root of a run or a logged model), replacing what is there. */
  upload(ownerId: string, localFile: string, path: string): Promise<void>;
  /** Copies the artifact at `path` (a file, or a folder with all it holds) to `target`, which must not exist yet. */
  download(ownerId: string, path: string, target: string): Promise<void>;
  /** Absent: artifacts go by whole files only. */
  readonly artifacts?: ArtifactStreams;
  /** Ends connections and files; further calls are a bug. */
  close(): Promise<void>;
}

/** Artifacts of runs and models alike: `root` is what their `artifact_uri` says, or a folder above; `path` is below it, "" the root itself. */
export interface ArtifactStreams {
  /** Files and folders directly below; none where there is no folder. Paths count from `root`. */
  list(root: string, path: string): Promise<readonly ArtifactFile[]>;
  read(root: string, path: string): Promise<{ readonly size: number; readonly body: Readable }>;
  /** Resolves once the whole file is durable under its name; until then, and when it rejects, there is what was there before. */
  write(root: string, path: string, body: Readable): Promise<void>;
  /** Removes a file, or a folder with all it holds; what is not there is no error. */
  remove(root: string, path: string): Promise<void>;
}

/** Why a tracker did not do what was asked. `code` is MLflow's error_code, or one of ours for what never reached it. */
export type TrackingErrorCode =
  | "RESOURCE_DOES_NOT_EXIST"
  | "RESOURCE_ALREADY_EXISTS"
  | "INVALID_PARAMETER_VALUE"
  | "PERMISSION_DENIED"
  | "UNAUTHENTICATED"
  /** Now, but perhaps not a moment later: a server is overloaded, the store's file is locked, its disk full. */
  | "TEMPORARILY_UNAVAILABLE"
  | "INTERNAL_ERROR"
  /** Nobody answers at that address, or not in time. */
  | "UNREACHABLE"
  /** Whoever answers cannot prove to be the one who was asked for. */
  | "UNTRUSTED"
  /** Something answers that is no MLflow: HTML, half a body, another protocol. */
  | "NOT_MLFLOW"
  /** The embedded store's file cannot be opened, may not be written, is damaged, or of a schema that is unknown. */
  | "STORE_UNUSABLE"
  /** A file cannot be read or written on this machine. */
  | "FILE_FAILED"
  | (string & {});

/** A call that failed. `message` names the cause, `fix` what the user can do; both one line, no secret in either. */
export class TrackingError extends Error {
  readonly code: TrackingErrorCode;
  readonly fix: string;
  constructor(code: TrackingErrorCode, message: string, fix = "", cause?: unknown) {
    super(message, { cause });
    this.name = "TrackingError";
    this.code = code;
    this.fix = fix;
  }
}

/** Undefined where the tracker has no such thing. */
export async function unlessMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST")
      return undefined;
    throw error;
  }
}
