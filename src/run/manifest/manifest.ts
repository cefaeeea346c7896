/** What is recorded of a run so that it can be executed again: `mlpipe/manifest.json` among its artifacts. */
import type { ParamType } from "../../check/program.ts";
import type { Digest } from "../cache/digest.ts";

/** `path` with forward slashes; of a folder `sha256` is that of the list of its files. */
export interface RecordedFile {
  readonly path: string;
  readonly sha256: Digest;
  readonly bytes: number;
}

/** Floats are C99 hexadecimal texts, so that every bit is kept. */
export type RecordedValue =
  | null
  | boolean
  | number
  | string
  | { readonly float: string }
  | readonly RecordedValue[];

export interface RecordedParam {
  readonly name: string;
  readonly type: ParamType;
  readonly value: RecordedValue;
  /** False: the code names it nowhere. Null: it may read params whose names do not stand in it. */
  readonly named: boolean | null;
}

/** A file or folder that a step was given, or that its code names. */
export interface RecordedInput {
  /** Null: it is no declared input, the code names it or has loaded it. */
  readonly variable: string | null;
  /** `project`: `path` counts from the project's folder. `run`: from the artifacts of the run `run`. `machine`: it is absolute. */
  readonly from: "project" | "standard" | "step" | "run" | "machine";
  readonly path: string;
  /** The run or the step that made it, where one did. */
  readonly of: string | null;
  /** True: a file of code. */
  readonly code: boolean;
  /** True: what `path` names is a folder, or a model. */
  readonly folder: boolean;
  /** Paths count from `path`; of a file it is one with the path "". */
  readonly files: readonly RecordedFile[];
  /** False: it is too large to be kept a copy of. */
  readonly kept: boolean;
}

export interface RecordedMetric {
  readonly key: string;
  readonly points: number;
  /** Of the last one: its step, and its value, as `%.17g` prints it and as hexadecimal text. */
  readonly step: number;
  readonly value: string;
  readonly hex: string;
}

/** What an output means, apart from how it was written. */
export interface RecordedContent {
  readonly sha256: Digest;
  /** Of the way to read files: digests of different versions say nothing about each other. */
  readonly version: number;
}

export interface RecordedOutput {
  readonly key: string;
  readonly kind: "artifact" | "model";
  readonly path: string;
  /** As in `RecordedInput`. Empty where the code has logged it to MLflow by itself. */
  readonly files: readonly RecordedFile[];
  /**
   * Null where nobody has worked it out: the output has more than 8 MiB, one of its files unpacks to more, it cannot be read
   * without R, the code has logged it to MLflow by itself, or an older mlpipe has made it.
   */
  readonly content: RecordedContent | null;
}

/** Random numbers of R: the kinds as `RNGkind()` names them, and the SHA-256 of `.Random.seed` at the end. */
export interface RecordedGenerator {
  readonly atStart: readonly string[];
  readonly atEnd: readonly string[];
  /** Null: no random number was ever asked for. */
  readonly state: Digest | null;
}

/** What executed a step, as it was found in its own process. */
export interface RecordedProcess {
  readonly runtime: string;
  /** `own`: it belongs to the language itself. `pinned`: a lock file of the project names its version. */
  readonly packages: readonly {
    readonly name: string;
    readonly version: string;
    readonly own: boolean;
    readonly pinned: boolean;
  }[];
  /** Linear algebra. */
  readonly libraries: readonly RecordedFile[];
  /** As the language itself names it; "" where it does not tell. */
  readonly locale: string;
  readonly collator: string;
  readonly generator: RecordedGenerator | null;
  /** Random numbers were drawn though neither the file nor the code names a seed. */
  readonly unseeded: boolean;
  readonly milliseconds: number;
}

export interface RecordedStep {
  readonly name: string;
  readonly language: string;
  readonly script: string | null;
  /** Of the code as it was executed. */
  readonly code: Digest | null;
  readonly params: readonly RecordedParam[];
  readonly seed: number | null;
  /** `run`: the run's own. `step`: made from the run's and the step's name. */
  readonly seededBy: "run" | "step" | null;
  /** Names of variables with secrets. */
  readonly secrets: readonly string[];
  readonly inputs: readonly RecordedInput[];
  readonly metrics: readonly RecordedMetric[];
  readonly outputs: readonly RecordedOutput[];
  /** What the plan sets for it; null: takes away. */
  readonly variables: Readonly<Record<string, string | null>>;
  /** Variables that the code names, each with the first 16 bits of the SHA-256 of its value; null where it was not set. */
  readonly named: Readonly<Record<string, string | null>>;
  /** Profiles and environment files that R has read before the code. */
  readonly startFiles: readonly RecordedFile[];
  /** Null: nobody knows, since it came from the cache of an older mlpipe. */
  readonly process: RecordedProcess | null;
  /** The run that made what it gave, where it came from the cache. */
  readonly cachedFrom: string | null;
  readonly failed: RecordedFailure | null;
}

export interface RecordedFailure {
  readonly code: string;
  readonly message: string;
  readonly place: string;
}

export interface RecordedMachine {
  readonly system: string;
  readonly kernel: string;
  readonly architecture: string;
  /** "" where it cannot be told. */
  readonly libc: string;
  readonly cpu: string;
  /** As /proc/cpuinfo lists them, and as this process may use. */
  readonly cores: number;
  readonly usableCores: number;
  /** As octal digits. */
  readonly umask: string;
  readonly timeZone: string;
  readonly node: string;
  readonly icu: string;
  /** That steer languages and libraries: LANG, LC_*, TZ, *_NUM_THREADS, R_LIBS … */
  readonly variables: Readonly<Record<string, string>>;
}

export interface RecordedGit {
  readonly commit: string;
  /** Without user name and password; "" where there is none. */
  readonly remote: string;
  /** The project's folder in the work tree; "" where it is its top. */
  readonly folder: string;
  /** Tracked files that are not as in the commit. */
  readonly changed: readonly string[];
  /** `mlpipe/changes.patch`; null where nothing is changed, or it would be too large. */
  readonly patch: RecordedFile | null;
}

/** One thing that a replay of the run would lack, and what mends it. */
export interface Lack {
  readonly what: "code" | "seeds" | "inputs" | "files" | "packages" | "start";
  readonly why: string;
  readonly fix: string;
}

/** An entry point of an MLproject, whose one step is its command. */
export interface RecordedProject {
  readonly entry: string;
  /** `text` is what the run has, `value` what the command got. */
  readonly params: readonly {
    readonly name: string;
    readonly text: string;
    readonly value: string;
  }[];
  readonly environment: string;
  readonly dockerWords: readonly string[];
}

export interface Manifest {
  readonly manifest: 1;
  readonly mlpipe: string;
  readonly run: string;
  readonly file: string;
  readonly experiment: string;
  /** The project's folder, as it was called. */
  readonly folder: string;
  readonly seed: number | null;
  /** `mlpipe/plan.json`, and what lies below `mlpipe/source`. */
  readonly plan: RecordedFile;
  readonly sources: readonly RecordedFile[];
  readonly git: RecordedGit | null;
  readonly machine: RecordedMachine;
  /** Null: it is a run of a `.mlpipe` file. */
  readonly project: RecordedProject | null;
  /** Those that began. */
  readonly steps: readonly RecordedStep[];
  readonly lacks: readonly Lack[];
}
