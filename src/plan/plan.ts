/** A plan: what `run` will do, as data. `emit` prints it, `run` performs it; nothing is done that is not in it. */
import type {
  Code,
  Condition,
  Contract,
  Domain,
  Format,
  Flavor,
  Goal,
  Language,
  OutputRef,
  Param,
  ParamType,
  Resources,
  StdCall,
  Value,
} from "../check/program.ts";
import type { KeyValue } from "../tracking/entities.ts";
import type { EndpointName, RequestOf } from "../tracking/endpoints.ts";

/** A value known only when the plan is performed. */
export interface Later {
  readonly later:
    | "experiment_id"
    | "run_id"
    | "now"
    | "user"
    | "git_commit"
    | "git_branch"
    | "git_repository"
    /** `true` where tracked files have changes that are not committed. */
    | "git_dirty"
    | "source_digest"
    /** What the run computes, apart from the values of its params; see `meaningOf`. */
    | "meaning"
    /** A word of this very attempt to make a run, by which it is found again. */
    | "attempt"
    /** The values of a trial's params, by which it is known. */
    | "trial"
    /** The run above the trials of a sweep. */
    | "parent_run_id";
}
/** A text put together at run time: parts are texts and Laters. */
export interface LaterText {
  readonly parts: readonly (string | Later)[];
}
/** `T` with Laters allowed in place of any leaf. */
export type WithLater<T> = T extends string | number | boolean
  ? T | Later | LaterText
  : { readonly [K in keyof T]: WithLater<T[K]> };

/** A call of the tracker. */
export type CallAction = {
  [E in EndpointName]: {
    readonly kind: "call";
    readonly endpoint: E;
    readonly request: WithLater<RequestOf<E>>;
    readonly purpose: CallPurpose;
  };
}[EndpointName];
/** Why the call stands there; `create-experiment` happens only if `find-experiment` found none. */
export type CallPurpose =
  | "find-experiment"
  | "create-experiment"
  | "tag-experiment"
  | "create-run"
  /** Under `mlflow run`: MLFLOW_RUN_ID names a run that MLflow has already made; it is read and then used. */
  | "adopt-run"
  /** The run's name needs the run's id. */
  | "rename-run"
  | "log-params"
  | "set-tags";

export interface PlannedParam {
  readonly name: string;
  readonly type: ParamType;
  readonly value: Value;
  readonly domain: Domain | undefined;
}
/** Which run it is, is known when the tracker has been asked, before the run is made. */
export type OpenSource =
  | {
      readonly kind: "run";
      readonly run: string;
      readonly experiment: string;
      readonly output: OutputRef;
    }
  /** An id, or what it begins with. */
  | { readonly kind: "run-id"; readonly id: string; readonly output: string }
  | {
      readonly kind: "best";
      readonly of: string;
      readonly ranking: Ranking;
      readonly output: OutputRef;
    };
/** An OpenSource that was asked for: plans that are recorded have these in its place. */
export interface ChosenSource {
  readonly kind: "chosen";
  readonly runId: string;
  /** What that run is called, and why it was taken: `learn, best of candidates by rmse 4.9`. */
  readonly why: string;
  readonly output: OutputRef;
}
export type PlannedInputSource =
  | { readonly kind: "step"; readonly step: string; readonly output: OutputRef }
  | { readonly kind: "file"; readonly path: string; readonly format: Format }
  | {
      readonly kind: "data";
      readonly path: string;
      readonly format: Format;
      readonly sha256: string;
    }
  | OpenSource
  | ChosenSource;
export interface PlannedInput {
  readonly variable: string;
  readonly from: PlannedInputSource;
}
export interface PlannedMetric {
  readonly key: string;
  readonly variable: string | undefined;
  readonly over: string | undefined;
  readonly call: StdCall | undefined;
  readonly goal: Goal | undefined;
  readonly domain: Domain | undefined;
  /** False: declared beside named steps; this step may give it, by the run's end one must have. */
  readonly required: boolean;
}
export interface PlannedArtifact {
  readonly key: string;
  readonly variable: string | undefined;
  readonly format: Format;
  readonly path: string;
  readonly required: boolean;
}
export interface PlannedModel {
  readonly key: string;
  readonly variable: string | undefined;
  readonly flavor: Flavor;
  readonly path: string;
  readonly packages: readonly string[];
  readonly probe: string | undefined;
  readonly required: boolean;
}

/** One process to start. Everything it may read or must give is here; values are the very ones it gets. */
export interface StepAction {
  readonly kind: "step";
  readonly name: string;
  readonly implicit: boolean;
  readonly language: Language;
  readonly code: Code;
  readonly params: readonly PlannedParam[];
  readonly inputs: readonly PlannedInput[];
  readonly metrics: readonly PlannedMetric[];
  readonly artifacts: readonly PlannedArtifact[];
  readonly models: readonly PlannedModel[];
  readonly secrets: readonly { readonly variable: string; readonly from: string }[];
  /** Set for the step's process on top of what it inherits, in this order. */
  readonly env: Readonly<Record<string, string | LaterText>>;
  /** Removed from what it inherits. */
  readonly unsetEnv: readonly string[];
  readonly seed: number | undefined;
  /** True in a `reproducible` run: R starts without .Rprofile and Renviron. */
  readonly cleanStart: boolean;
  /** Steps that must have ended well before it; those of them that give it an input are named by `inputs` too. */
  readonly needs: readonly string[];
  readonly resources: Resources;
  readonly timeoutMs: number | undefined;
  readonly cache: boolean;
}
/** After a step has ended well: its metrics in batches, its artifacts and models uploaded. Values come from its events. */
export interface CollectAction {
  readonly kind: "collect";
  readonly step: string;
}
/** The log, the plan and the source files of the run are uploaded below `mlpipe/`. */
export interface RecordAction {
  readonly kind: "record";
  readonly sources: readonly { readonly path: string; readonly text: string }[];
}
export interface ExpectAction {
  readonly kind: "expect";
  readonly condition: Condition;
}
/** A model version once the run has finished well. */
export interface RegisterAction {
  readonly kind: "register";
  readonly model: string;
  readonly path: string;
  readonly name: string;
  readonly alias: string | undefined;
}
/** The run's end. On an error: tag mlpipe.error, FAILED, exit 1; on SIGINT, SIGTERM or a timeout: KILLED, exit 130, 143, 124. */
export interface FinishAction {
  readonly kind: "finish";
}
export type Action =
  | CallAction
  | StepAction
  | CollectAction
  | RecordAction
  | ExpectAction
  | RegisterAction
  | FinishAction;

/** One MLflow run from its creation to its end. */
export interface RunPlan {
  readonly kind: "run";
  /** Name of the run in the file. */
  readonly run: string;
  readonly file: string;
  readonly experiment: string;
  readonly params: readonly PlannedParam[];
  readonly seed: number | undefined;
  readonly contract: Contract | undefined;
  /** Outputs that some step must have given by the end. */
  readonly shared: readonly string[];
  readonly actions: readonly Action[];
}
/** A parent run and its children, trial by trial; every value is known before anything starts. */
export interface SweepPlan {
  readonly kind: "sweep";
  readonly sweep: string;
  readonly of: string;
  readonly file: string;
  readonly experiment: string;
  /** They make the parent run. */
  readonly calls: readonly CallAction[];
  /** Of the best trial; of every one that finished where there is no `best by`. */
  readonly expects: readonly Condition[];
  readonly parallel: number | undefined;
  readonly bestBy: readonly RankedMetric[];
  readonly trials: readonly {
    /** `tidy_grid/01` */
    readonly name: string;
    readonly params: Readonly<Record<string, Value>>;
  }[];
}
/** The finished runs of a tracker that a name stands for. */
export interface Candidates {
  /** `run`: runs that were started by themselves, no trials of sweeps. `sweep`: the trials below the sweep's newest parent. */
  readonly kind: "run" | "sweep";
  readonly name: string;
  /** The run itself, or the one that the sweep repeats. */
  readonly of: string;
  readonly experiment: string;
  /** How the texts of its params are read. */
  readonly params: readonly Pick<Param, "name" | "type" | "nullable">[];
}
/** Which runs are looked at, which of them stay, and which is best; `best of` needs this much. */
export interface Ranking {
  readonly candidates: readonly Candidates[];
  /** All must hold. */
  readonly where: readonly Condition[];
  /** The first metric decides, the next settle ties; empty: there is no best one. */
  readonly bestBy: readonly RankedMetric[];
}
export interface RankedMetric {
  readonly metric: string;
  readonly goal: Goal;
}
export interface ComparePlan extends Ranking {
  readonly kind: "compare";
  /** The comparison, or the run or sweep whose runs are laid side by side without one. */
  readonly compare: string;
  readonly file: string;
  /** Names of params and metrics, in the order of their columns. */
  readonly show: readonly string[];
}
/** An entry point of another project; what that does is known when the project has been fetched. */
export interface LaunchPlan {
  readonly kind: "launch";
  readonly launch: string;
  readonly file: string;
  /** Undefined: this program itself, on a backend that mlpipe has not. */
  readonly git: string | undefined;
  readonly at: string | undefined;
  readonly entry: string;
  readonly backend: string;
  /** Undefined: as the environment says, else Default. */
  readonly experiment: string | undefined;
  /** Texts from the command line, values of the file. */
  readonly params: Readonly<Record<string, Value>>;
  /** Of the run, beside those that every project's run has. */
  readonly tags: readonly KeyValue[];
  /** Under `mlflow run`: the run that exists already is used. */
  readonly adopt: boolean;
}
export type Plan = RunPlan | SweepPlan | ComparePlan | LaunchPlan;
