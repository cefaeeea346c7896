/**
 * The contract between the runner and a step's process, whatever its language: two files.
 * `step.json` is written by the runner before the step starts; `events.ndjson` is appended to by the step, one JSON object
 * a line, each line complete when its line break is there. A step that ends without its `end` event has failed.
 * Commands that are no steps, such as those of an MLproject, find the path of such a file in MLPIPE_STEP_EVENTS.
 *
 * Numbers: a float travels as a C99 hexadecimal text ("0x1.999999999999ap-5", "nan", "inf", "-inf"; "-0x0p+0" is kept),
 * so that every bit survives every reader; ints are JSON integers within ±(2^53-1).
 */
import type { Flavor, Format, Language, ParamType, StdCall } from "../check/program.ts";

/** `value` by type: float → hex text, int → number, bool → boolean, string/uri/path → string (path absolute), null → null. */
export interface StepParam {
  readonly name: string;
  readonly type: ParamType;
  readonly value: WireValue;
}
export type WireValue =
  | null
  | boolean
  | number
  | string
  | { readonly float: string }
  | readonly WireValue[];

/** An input on disk; `path` is absolute. For a model it is the folder that holds `MLmodel`. */
export type StepInput =
  | {
      readonly variable: string;
      readonly kind: "artifact";
      readonly format: Format;
      readonly path: string;
    }
  | {
      readonly variable: string;
      readonly kind: "model";
      readonly flavor: Flavor;
      readonly path: string;
    };

/** A declared output. Where `required` is false and nothing of that name is there, the step says nothing about it. */
export interface StepMetric {
  readonly key: string;
  readonly variable: string | null;
  /** True: a vector; element i is step i from 1, or its integer names are the steps. */
  readonly over: boolean;
  readonly call: StdCall | null;
  readonly required: boolean;
}
export interface StepArtifact {
  readonly key: string;
  readonly variable: string | null;
  readonly format: Format;
  /** Below `outputs`; also the path below `folder` where a file is taken from if there is no such variable. */
  readonly path: string;
  readonly required: boolean;
}
export interface StepModel {
  readonly key: string;
  readonly variable: string | null;
  readonly flavor: Flavor;
  readonly path: string;
  readonly packages: readonly string[];
  readonly probe: string | null;
  readonly required: boolean;
}

/** The content of `step.json`. All paths are absolute. */
export interface StepFile {
  readonly protocol: 1;
  readonly run: { readonly id: string; readonly name: string };
  readonly step: string;
  readonly language: Language;
  /**
   * The code's own file. For a fence the runner writes it with the fence's bytes and nothing else; `shownAs` and `line` say
   * where its first line stands for the user (`iris.mlpipe`, 23). For a script: its own path and line 1.
   */
  readonly code: {
    readonly path: string;
    readonly shownAs: string;
    readonly line: number;
    readonly script: boolean;
  };
  readonly params: readonly StepParam[];
  readonly inputs: readonly StepInput[];
  readonly metrics: readonly StepMetric[];
  readonly artifacts: readonly StepArtifact[];
  readonly models: readonly StepModel[];
  /** Variable name → name of the environment variable that holds it. The secret itself is in no file. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly seed: number | null;
  /** The project's folder: the working directory. */
  readonly folder: string;
  /** Where artifacts and models are written, each at its `path` below it. */
  readonly outputs: string;
  readonly events: string;
  /**
   * The runner appends to it what the code logs to MLflow by itself, before the code is told that it is logged: a line
   * `{"metric":"loss"}` or `{"artifact":"model/MLmodel"}` each. Such an output is there; not to be looked up again.
   */
  readonly logged: string;
  /** `--cp 0.05 --maxdepth 3`: what scripts find in commandArgs(TRUE) and process.argv. Empty for fences. */
  readonly args: readonly string[];
}

/** One line of `events.ndjson`. `t` is milliseconds since 1970. */
export type StepEvent =
  /** `session`: of R, the name of its own folder among the temporary files; absent: there is none on this machine. */
  | {
      readonly t: number;
      readonly kind: "start";
      readonly runtime: string;
      readonly session?: string;
    }
  /** `value` is a hex float text. `step` is an integer, 0 where none was given. */
  | {
      readonly t: number;
      readonly kind: "metric";
      readonly key: string;
      readonly value: string;
      readonly step: number;
    }
  /** Many points of one metric at once. Arrays of equal length. */
  | {
      readonly t: number;
      readonly kind: "metrics";
      readonly key: string;
      readonly values: readonly string[];
      readonly steps: readonly number[];
    }
  | { readonly t: number; readonly kind: "tag"; readonly key: string; readonly value: string }
  /** A declared or called-out artifact lies complete at `path` below `outputs`; `folder` when it is one. */
  | {
      readonly t: number;
      readonly kind: "artifact";
      readonly key: string;
      readonly path: string;
      readonly folder: boolean;
    }
  /** A model's folder lies complete at `path` below `outputs`, without MLmodel: the runner writes that. */
  | {
      readonly t: number;
      readonly kind: "model";
      readonly key: string;
      readonly path: string;
      readonly flavor: Flavor;
      /** Further keys of the flavor, as MLmodel shall have them, e.g. `{"version":"0.1.0","model":"crate.bin"}`. */
      readonly flavorInfo: Readonly<Record<string, string>>;
      readonly packages: readonly { readonly name: string; readonly version: string }[];
    }
  /** `code` is an R08xx or E04xx code of the message table; the texts are the step's own. */
  | {
      readonly t: number;
      readonly kind: "warning" | "error";
      readonly code: string;
      readonly message: string;
      readonly fix: string;
      /** As the user knows the file (`iris.mlpipe`); null when the place is unknown. */
      readonly file: string | null;
      readonly line: number | null;
      readonly column: number | null;
      /** Calls that led there, innermost last, as the language prints them; for the log, not for the message. */
      readonly trace: readonly string[];
    }
  /**
   * An error of the code that a library has caught, so that R goes on: `with(mlflow_start_run(), …)` and `mlflow_source()` do.
   * `file` and `line` are null where the place is unknown.
   */
  | {
      readonly t: number;
      readonly kind: "swallowed";
      readonly message: string;
      readonly file: string | null;
      readonly line: number | null;
    }
  /** The closing event. `ok` false: an error event came before. Also names the packages that the code loaded. */
  | {
      readonly t: number;
      readonly kind: "end";
      readonly ok: boolean;
      readonly packages: readonly { readonly name: string; readonly version: string }[];
      /** Random numbers were drawn though the step has no seed. */
      readonly unseeded: boolean;
      readonly loaded: StepLoaded;
      /** Absent where the runner knows all that there is to know, as of Node. */
      readonly facts?: StepFacts;
    };

/** What only R itself knows of its surroundings. */
export interface StepFacts {
  /** As `Sys.getlocale()` and `icuGetCollate()` name them. */
  readonly locale: string;
  readonly collator: string;
  /** Absolute paths of the libraries of linear algebra that were loaded. */
  readonly libraries: readonly string[];
  /** Names of the packages that came with R. */
  readonly base: readonly string[];
  /** What `RNGkind()` said before the code and after it. */
  readonly atStart: readonly string[];
  readonly atEnd: readonly string[];
  /** The numbers of `.Random.seed` after the code, with commas; "" where there was none. */
  readonly state: string;
}

/** Where what the code has loaded lies, as absolute paths; empty where the step sees another file system, as in WebR. */
export interface StepLoaded {
  /** Packages by their own folders; R itself as its package `base`. */
  readonly packages: readonly { readonly name: string; readonly path: string }[];
  /** R's libraries in the order in which they are searched. */
  readonly libraries: readonly string[];
  /** Modules that are in no package. */
  readonly files: readonly string[];
}
