/** An MLflow project: what its MLproject file says, read and checked. */
import type { Place } from "../source/text.ts";

export interface Project {
  /** Undefined where it has none. */
  readonly name: string | undefined;
  readonly environment: Environment;
  readonly entries: ReadonlyMap<string, EntryPoint>;
  /** MLflow runs such a project on Databricks only. */
  readonly isSparkJob: boolean;
}

/** Files are paths as the project names them, from its folder. */
export type Environment =
  | { readonly kind: "none" }
  | { readonly kind: "python"; readonly file: string }
  | { readonly kind: "conda"; readonly file: string }
  | DockerEnvironment;

export interface DockerEnvironment {
  readonly kind: "docker";
  readonly image: string;
  /** As after `docker run -v`. */
  readonly volumes: readonly string[];
  /** A variable without a value is copied from this machine. */
  readonly variables: readonly { readonly name: string; readonly value: string | undefined }[];
}

export interface EntryPoint {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** With `{name}` for each value. */
  readonly command: string;
  /** Of the command; undefined for a script that the MLproject does not mention. */
  readonly place: Place | undefined;
}

export interface Parameter {
  readonly name: string;
  /** `path` and `uri` are checked; all others are passed on. */
  readonly type: string;
  /** As Python prints it; undefined: a value must be given. */
  readonly default: string | undefined;
}

/** A project without an MLproject file. */
export const emptyProject: Project = {
  name: undefined,
  environment: { kind: "none" },
  entries: new Map(),
  isSparkJob: false,
};
