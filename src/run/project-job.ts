/** A project's run, ready to be performed: everything is read, chosen and checked. */
import type { ChosenEnvironment } from "../project/choose-environment.ts";
import type { Tracking } from "../tracking/tracking.ts";
import type { Listener } from "./event.ts";

export interface ProjectJob {
  /** The project's own, absolute: where the command starts. */
  readonly folder: string;
  /** Name of the entry point. */
  readonly entry: string;
  /** For a shell, values filled in. */
  readonly command: string;
  readonly params: readonly ProjectParam[];
  readonly environment: ChosenEnvironment;
  /** What follows `docker run`, such as `--gpus` `all`. */
  readonly dockerWords: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Undefined: the tracker makes one up. */
  readonly runName: string | undefined;
  /** Under `mlflow run`: the run that exists already, in whatever experiment, is used instead of a new one. */
  readonly adopt: string | undefined;
  readonly experiment: ExperimentChoice;
}

export interface ProjectParam {
  readonly name: string;
  /** As it is logged. */
  readonly text: string;
  /** As the command gets it. */
  readonly value: string;
}

/** One that is named and does not exist yet is made. */
export type ExperimentChoice =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "id"; readonly id: string };

export interface ProjectContext {
  readonly tracking: Tracking;
  /** The tracker as any program can reach it from any folder; may hold a login. */
  readonly trackingUri: string;
  /** Where `.mlpipe` is made, absolute. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Aborted with the reason "SIGINT", "SIGTERM" or "SIGHUP". */
  readonly signal: AbortSignal;
  readonly listener: Listener;
}

/** A process to start. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Set on top of what it inherits; undefined: taken away. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
