/** One transfer under way: its two ends, what is known of both by now, and who is told. */
import type { Experiment, MetricPoint, TrackedRun } from "../entities.ts";
import type { TransferEvent } from "./event.ts";
import type { ModelCopy } from "./model-copies.ts";
import type { Report, Source } from "./source.ts";
import type { RunCopy, Target } from "./target.ts";

export interface Ends {
  readonly source: Source;
  readonly target: Target;
}

export interface Transfer extends Ends {
  /** Nothing is written. */
  readonly isRehearsal: boolean;
  /** Whether a run is to be copied; others are only looked for, where one that is copied names them. */
  readonly selects: (run: TrackedRun) => boolean;
  readonly tell: (event: TransferEvent) => void;
  readonly report: Report;
  /** The source's, by id. */
  readonly experiments: ReadonlyMap<string, Experiment>;
  /** Points that the source's logged models have of its runs, by run. */
  readonly modelPoints: ReadonlyMap<string, readonly MetricPoint[]>;
  readonly known: Known;
}

/** Grows with each thing that is found or made at the target. */
export interface Known {
  /** The target's experiments by name, whatever has become of them. */
  readonly experiments: Map<string, Experiment>;
  /** Copies of the source's runs and models at the target when the transfer began, by root. */
  readonly runCopies: ReadonlyMap<string, RunCopy>;
  readonly modelCopies: ReadonlyMap<string, ModelCopy>;
  /** By the source's ids, once asked for. */
  readonly placedExperiments: Map<string, Promise<string | undefined>>;
  readonly placedRuns: Map<string, Promise<Placed<RunCopy> | undefined>>;
  readonly placedModels: Map<string, Promise<Placed<ModelCopy> | undefined>>;
}

export interface Placed<Copy> {
  readonly copy: Copy;
  /** Made in this transfer, and so without any of its content yet. */
  readonly isNew: boolean;
}

/** Ids of the target's experiments. */
export function experimentIds({ known }: Transfer): readonly string[] {
  return [...known.experiments.values()].map(({ experiment_id }) => experiment_id);
}

/** What `work` answers for `key`, asked for once; a failure is no answer. */
export function once<Value>(
  answers: Map<string, Promise<Value>>,
  key: string,
  work: () => Promise<Value>,
): Promise<Value> {
  const known =
    answers.get(key) ??
    work().catch((error: unknown) => {
      answers.delete(key);
      throw error;
    });
  answers.set(key, known);
  return known;
}
