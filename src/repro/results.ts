/** What an execution of a run has given, output by output: what is compared, whoever has recorded it. */
import type { Flavor, Format } from "../check/program.ts";
import type { Failure } from "../run/event.ts";
import type { RecordedOutput } from "../run/manifest/manifest.ts";

/** In the order in which it was logged. `value` has every bit, NaN and infinities too. */
export interface Point {
  readonly step: number;
  readonly value: number;
}

export type Output =
  | { readonly kind: "metric"; readonly key: string; readonly points: readonly Point[] }
  /** `path`: absolute, a file or a folder. What was logged by call and not declared has the format `file` or `folder`. */
  | {
      readonly kind: "artifact";
      readonly key: string;
      readonly format: Format;
      readonly path: string;
    }
  /** `path`: absolute, the folder that holds `MLmodel`. */
  | {
      readonly kind: "model";
      readonly key: string;
      readonly flavor: Flavor;
      readonly path: string;
    };

/** An artifact or a model of which only the digests are at hand. `path`: below the artifacts of its run. */
export interface DigestedOutput extends Pick<RecordedOutput, "key" | "path" | "files" | "content"> {
  readonly kind: "digests";
  readonly of: RecordedOutput["kind"];
  /** `folder` for a model. */
  readonly format: Format;
}

/** What was recorded of an execution, whether its files are still there or not. */
export type KnownOutput = Output | DigestedOutput;

export interface StepResults<Of = Output> {
  readonly step: string;
  /** Undefined: it has done well. */
  readonly failure: Failure | undefined;
  /** In the order of their declaration; what was only logged by call comes behind. */
  readonly outputs: readonly Of[];
}

/** Of a whole run. Steps in the plan's order; one that was never started is not among them. */
export interface Results<Of = Output> {
  readonly failure: Failure | undefined;
  readonly steps: readonly StepResults<Of>[];
}
