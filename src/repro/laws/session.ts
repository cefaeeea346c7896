/** What the laws share while a run is verified: its values, its executions, and how much time is left. */
import type { Program, Run } from "../../check/program.ts";
import { lowerRun } from "../../plan/lower-run.ts";
import type { RunPlan } from "../../plan/plan.ts";
import { compareResults } from "../compare/compare-results.ts";
import type { Comparison } from "../compare/comparison.ts";
import type { Results } from "../results.ts";
import type { Surrounding } from "../world/surrounding.ts";
import type { Agreement } from "./agreement.ts";
import type { Executor, Kept } from "./executor.ts";
import type { Done } from "./front-door.ts";
import type { LawId } from "./law.ts";
import type { ParamSpace, ParamsRecord } from "./params-arbitrary.ts";

export interface Session {
  readonly program: Program;
  readonly run: Run;
  /** The project's folder. */
  readonly project: string;
  readonly space: ParamSpace;
  readonly executor: Executor;
  /** What this machine can change around an execution. */
  readonly surroundings: readonly Surrounding[];
  /** Which are checked. */
  readonly laws: readonly LawId[];
  readonly seed: number;
  /** The one case to repeat, by its path among those of the seed. */
  readonly path: string | undefined;
  /** The only one that L5 looks at; undefined: all. */
  readonly step: string | undefined;
  /** How many values of the params are tried at most. */
  readonly cases: number;
  readonly env: NodeJS.ProcessEnv;
  /** Command and first arguments that start mlpipe itself. */
  readonly command: readonly string[];
  /** A folder for whatever else is needed; whoever makes something in it, gives it a name of its own. */
  readonly scratch: string;
  /** Comes with the end of the budget, or earlier. */
  readonly signal: AbortSignal;
  /** Laws 1, 2, 6 and 13 as one. */
  readonly agreement: Agreement;
  /** The usual values in plain surroundings; kept to the end. */
  readonly base: () => Promise<Kept>;
  /** The same, traced. */
  readonly traced: () => Promise<Kept>;
  /** What mlpipe itself gives, run as a user would. */
  readonly whole: () => Promise<Done>;
  /** Hears how far a law has come. */
  readonly progress: (law: LawId, cases: number, of: number) => void;
}

/** Of values that were drawn, nothing is expected, and nothing is registered. */
export function planOf(
  { program, run }: Pick<Session, "program" | "run">,
  params: ParamsRecord,
  seed = run.seed,
): RunPlan {
  const plan = lowerRun(program, { ...run, seed }, { params, adopt: false });
  const kept = plan.actions.filter(({ kind }) => kind !== "expect" && kind !== "register");
  return { ...plan, actions: kept };
}

/** Undefined where no output differs beyond what the run's contract allows. */
export async function differenceOf(
  before: Results,
  after: Results,
  { contract }: Pick<Run, "contract">,
): Promise<Comparison | undefined> {
  const comparison = await compareResults(before, after, contract);
  return comparison.verdict === "DIFFERENT" ? comparison : undefined;
}

/** Names of params whose values are not the usual ones. */
export function unusualIn({ usual }: ParamSpace, params: ParamsRecord): readonly string[] {
  return Object.keys(params).filter((name) => !Object.is(params[name], usual[name]));
}
