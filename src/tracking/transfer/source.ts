/** Where runs come from in a push or an import: anything that can be read to its end, deleted things included. */
import type {
  Experiment,
  LoggedModel,
  MetricPoint,
  ModelVersion,
  RegisteredModel,
  TrackedRun,
} from "../entities.ts";

/** Whose artifacts: those of a run or of a logged model; `uri` is where they are said to be. */
export interface Owner {
  readonly kind: "run" | "model";
  readonly id: string;
  readonly uri: string;
}

export interface SourceFile {
  /** Below the owner's artifact root, with forward slashes. */
  readonly path: string;
  readonly size: number;
  /** When its content last changed, in milliseconds since 1970; absent where that cannot be known. */
  readonly changed?: number;
}

/** Something that cannot be brought over; all else still is. `place` is a path, or names the thing. */
export interface Problem {
  readonly place: string;
  readonly message: string;
}

export type Report = (problem: Problem) => void;

/** Lists are read as they are walked. Each may reject with TrackingError; what is malformed is reported and left out. */
export interface Source {
  /** As a user would write it; no password in it. */
  readonly uri: string;
  /** The same text for the same place, every time. */
  readonly identity: string;
  experiments(): AsyncIterable<Experiment>;
  /** Of each at least its info and tags. */
  runs(experimentId: string): AsyncIterable<TrackedRun>;
  /** With all that belongs to it but its metrics; undefined where there is none of this id that can be read. */
  run(runId: string): Promise<TrackedRun | undefined>;
  /** Of all metrics of a run. */
  metricKeys(run: TrackedRun): Promise<readonly string[]>;
  /** Every point, in pieces. */
  history(runId: string, key: string): AsyncIterable<readonly MetricPoint[]>;
  loggedModels(experimentId: string): AsyncIterable<LoggedModel>;
  /** Undefined where there is none of this id that can be read. */
  loggedModel(modelId: string): Promise<LoggedModel | undefined>;
  registeredModels(): AsyncIterable<RegisteredModel>;
  /** From the lowest number to the highest. */
  modelVersions(name: string): AsyncIterable<ModelVersion>;
  files(owner: Owner): AsyncIterable<SourceFile>;
  /** Hands over a local file with the artifact's content, which is there only until `use` has ended. */
  read<T>(owner: Owner, path: string, use: (localFile: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
