/** The waist: a checked program. Above it is text; below it nobody sees syntax. Plain data, every name resolved. */
import type { Place } from "../source/text.ts";

/** A value as the language has it. Numbers keep every bit; a whole-number param is a safe integer. */
export type Value = null | boolean | number | string | readonly Value[];

export type ParamType = "int" | "float" | "string" | "bool" | "path" | "uri";
export type Language = "r" | "js" | "ts";
export type Format =
  | "csv"
  | "json"
  | "text"
  | "rds"
  | "parquet"
  | "png"
  | "html"
  | "file"
  | "folder";
export type Flavor = "crate" | "file" | "folder";
export type Goal = "maximize" | "minimize";

/** A text with holes, as parts; a hole is a path such as `cp`, `run.id`, `seed`. A text without holes has one string. */
export type Template = readonly (string | { readonly hole: readonly string[] })[];

export interface RangeDomain {
  readonly kind: "range";
  /** Absent ends are -Infinity and Infinity. */
  readonly low: number;
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
  readonly by: number | undefined;
}
export interface ListDomain {
  readonly kind: "list";
  readonly values: readonly Value[];
}
/** `pattern` is a JavaScript regular expression that must match the whole text. */
export interface PatternDomain {
  readonly kind: "pattern";
  readonly pattern: string;
}
export type Domain = RangeDomain | ListDomain | PatternDomain;

export interface Param {
  /** MLflow's key and the variable's name in code. */
  readonly name: string;
  readonly type: ParamType;
  readonly nullable: boolean;
  /** Undefined: required. */
  readonly default: Value | undefined;
  readonly domain: Domain | undefined;
  readonly doc: string;
  readonly place: Place;
}

export type CompareOperator = ">=" | "<=" | "!=" | "=" | ">" | "<" | "like" | "ilike";
/** `left` is a dotted path: a metric or param name, `tags.status`. `right` is a value or another path (params only). */
export interface Comparison {
  readonly left: readonly string[];
  readonly operator: CompareOperator;
  readonly right: { readonly value: Value } | { readonly path: readonly string[] };
}
/** All comparisons must hold. `text` is the condition as written, for messages. */
export interface Condition {
  readonly comparisons: readonly Comparison[];
  readonly text: string;
  readonly place: Place;
}
export interface Requirement {
  readonly condition: Condition;
  readonly note: string;
}

export interface Tag {
  readonly key: string;
  readonly value: Template;
}

/** A variable of the code, or a value that was written. */
export type CallArgument = { readonly name: string } & (
  | { readonly value: Value }
  | { readonly variable: string }
);
/** A call of a standard function, computed in the step's language from its variables. */
export interface StdCall {
  readonly function: string;
  readonly arguments: readonly CallArgument[];
}
export interface Metric {
  /** MLflow's key. */
  readonly key: string;
  /** The variable that holds it; undefined where the key is not a name (then only a call or `log_metric` gives it). */
  readonly variable: string | undefined;
  /** Name of the step axis (`over epoch`); undefined for one number. */
  readonly over: string | undefined;
  readonly call: StdCall | undefined;
  readonly goal: Goal | undefined;
  readonly domain: Domain | undefined;
  readonly doc: string;
  readonly place: Place;
}
export interface Artifact {
  readonly key: string;
  readonly variable: string | undefined;
  readonly format: Format;
  /** Path below the run's artifact root, with forward slashes; from `at`, else the key and the format's extension. */
  readonly path: string;
  readonly doc: string;
  readonly place: Place;
}
export interface Model {
  readonly key: string;
  readonly variable: string | undefined;
  readonly flavor: Flavor;
  /** Folder below the run's artifact root; from `at`, else the key. */
  readonly path: string;
  readonly register: { readonly name: string; readonly alias: string | undefined } | undefined;
  readonly probe: string | undefined;
  readonly packages: readonly string[];
  readonly tags: readonly Tag[];
  readonly doc: string;
  readonly place: Place;
}

/** What an output is, for those who read it. */
export type OutputRef =
  | { readonly kind: "artifact"; readonly path: string; readonly format: Format }
  | {
      readonly kind: "model";
      readonly path: string;
      readonly flavor: Flavor;
      /** Language whose code made it; a crate can be read in that language only. */
      readonly language: Language;
    };
export type InputSource =
  | { readonly kind: "step"; readonly step: string; readonly output: OutputRef }
  /** The newest FINISHED run of `run` in the experiment. */
  | { readonly kind: "run"; readonly run: string; readonly output: OutputRef }
  /** That very run; what its output is, is known only from the run itself. */
  | { readonly kind: "run-id"; readonly id: string; readonly output: string }
  | { readonly kind: "best"; readonly of: string; readonly output: OutputRef }
  /** A file of the project; `path` is relative to the project's folder and stays inside it. */
  | { readonly kind: "file"; readonly path: string; readonly format: Format }
  /** A data set of the standard library: `std/data/iris.csv`, and the checksum its bytes must have. */
  | {
      readonly kind: "data";
      readonly path: string;
      readonly format: Format;
      readonly sha256: string;
    };
export interface Input {
  readonly variable: string;
  readonly from: InputSource;
  readonly place: Place;
}

export type Code =
  | {
      readonly kind: "fence";
      readonly text: string;
      /** The file that holds the fence, relative to the project's folder. */
      readonly file: string;
      /** Line and column (from 1) of the first character of `text` in that file. */
      readonly line: number;
      readonly column: number;
      readonly lastLine: number;
    }
  /** A script of the project; `path` is relative to the project's folder. */
  | { readonly kind: "script"; readonly path: string };

export interface Secret {
  readonly variable: string;
  /** Environment variable that holds it. */
  readonly from: string;
}
export interface Resources {
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly gpus: number | undefined;
}

/** What a step made from a template (`step fit = template { cp = 0.1 }`) gives to a param of that template. */
export interface StepArgument {
  /** As the template declares it; a variable of this step, not a param of the run. */
  readonly param: Param;
  readonly value: { readonly value: Value } | { readonly runParam: string };
}

export interface Step {
  readonly name: string;
  /** True when the run holds the code directly; such a step has the run's name and the run's seed as written. */
  readonly implicit: boolean;
  readonly language: Language;
  readonly code: Code;
  /** Names of the params it sees: all of the run's, or those of `uses`. */
  readonly params: readonly string[];
  /** Further variables, beside `params` and with none of their names; absent where no template was called. */
  readonly arguments?: readonly StepArgument[];
  readonly inputs: readonly Input[];
  readonly metrics: readonly Metric[];
  readonly artifacts: readonly Artifact[];
  readonly models: readonly Model[];
  readonly secrets: readonly Secret[];
  readonly env: Readonly<Record<string, Template>>;
  readonly resources: Resources;
  /** Steps that must have ended before it, from inputs and `after`. */
  readonly needs: readonly string[];
  readonly timeoutMs: number | undefined;
  readonly cache: boolean;
  readonly doc: string;
  readonly place: Place;
}

export type Tolerance =
  | { readonly kind: "exact" }
  | { readonly kind: "ignored" }
  | { readonly kind: "within"; readonly amount: number; readonly scale: "abs" | "rel" }
  | { readonly kind: "ulp"; readonly ulp: number }
  | { readonly kind: "distribution"; readonly margin: number };
/** `reproducible exact [except …]`: `tolerances` holds the ignored names and `otherwise` is exact. */
export interface Contract {
  readonly otherwise: "exact" | "unstated";
  readonly tolerances: Readonly<Record<string, Tolerance>>;
  readonly seeds: { readonly low: number; readonly high: number } | undefined;
}

export interface Run {
  readonly name: string;
  readonly displayName: Template | undefined;
  /** Experiment's name; "Default" where the file names none. */
  readonly experiment: string;
  readonly params: readonly Param[];
  readonly tags: readonly Tag[];
  readonly seed: number | undefined;
  readonly requires: readonly Requirement[];
  /** In dependency order; ties in declaration order. */
  readonly steps: readonly Step[];
  /** Outputs declared at the run beside named steps: any step may give them, by the run's end one must have. */
  readonly shared: {
    readonly metrics: readonly Metric[];
    readonly artifacts: readonly Artifact[];
    readonly models: readonly Model[];
  };
  readonly expects: readonly Condition[];
  readonly contract: Contract | undefined;
  readonly doc: string;
  readonly place: Place;
}

export interface Vary {
  readonly param: string;
  readonly log: boolean;
  readonly values: { readonly kind: "list"; readonly values: readonly Value[] } | RangeDomain;
}
export interface Sweep {
  readonly name: string;
  readonly of: string;
  readonly search:
    | { readonly kind: "grid" }
    | { readonly kind: "random"; readonly trials: number; readonly seed: number | undefined };
  readonly vary: readonly Vary[];
  readonly set: Readonly<Record<string, Value>>;
  readonly parallel: number | undefined;
  readonly bestBy: readonly string[];
  readonly tags: readonly Tag[];
  readonly expects: readonly Condition[];
  /** The run's params with `set` applied as defaults: what `-P` may change from outside. */
  readonly params: readonly Param[];
  readonly doc: string;
  readonly place: Place;
}
export interface Compare {
  readonly name: string;
  /** Runs and sweeps, by name. */
  readonly runs: readonly string[];
  readonly where: readonly Condition[];
  readonly bestBy: readonly string[];
  readonly show: readonly string[];
  readonly doc: string;
  readonly place: Place;
}
export interface Launch {
  readonly name: string;
  /** Address or folder of another project; undefined: the entry is a run or a sweep of this program. */
  readonly git: string | undefined;
  readonly at: string | undefined;
  /** "main" where nothing names one: in a project, its entry point; in a program without any run, nothing at all. */
  readonly entry: string;
  readonly backend: { readonly name: string; readonly config: string | undefined };
  readonly set: Readonly<Record<string, Value>>;
  readonly doc: string;
  readonly place: Place;
}

export interface Experiment {
  readonly name: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly doc: string;
}
export interface Project {
  /** From `project`, else the file's stem. */
  readonly name: string;
  readonly env:
    | { readonly kind: "conda" | "python" | "docker" | "renv"; readonly file: string | undefined }
    | undefined;
  /** Entry point that MLproject calls `main`: `project main`, else the only run, else the first. */
  readonly main: string | undefined;
}

/** A checked file with everything it imports. Holds no error; warnings travel beside it. */
export interface Program {
  readonly edition: 1;
  /** The file's name inside the project's folder, e.g. `iris.mlpipe`. */
  readonly file: string;
  readonly project: Project;
  readonly experiment: Experiment | undefined;
  /** Own and imported runs, in order of declaration, keyed by name. */
  readonly runs: ReadonlyMap<string, Run>;
  readonly sweeps: ReadonlyMap<string, Sweep>;
  readonly compares: ReadonlyMap<string, Compare>;
  readonly launches: ReadonlyMap<string, Launch>;
  /** Names declared in this very file (not imported), in order: these are its entry points. */
  readonly own: readonly string[];
  /** Every file that was read, relative to the project's folder, with its text: logged with each run. */
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}
