/** Performs what a file says, a run or a sweep, on this machine: shown, logged, and gone on with where it was left off. */
import type { Program } from "../check/program.ts";
import { lowerRun } from "../plan/lower-run.ts";
import { lowerTrial } from "../plan/lower-sweep.ts";
import { required } from "../plan/required.ts";
import type { RunPlan, SweepPlan } from "../plan/plan.ts";
import type { Failure, Listener, Outcome } from "../run/event.ts";
import { failure } from "../run/failure.ts";
import { capacityOf } from "../run/machine.ts";
import { meaningOf } from "../run/meaning.ts";
import { endAbandoned } from "../run/open-runs.ts";
import { perform } from "../run/perform.ts";
import { openPool } from "../run/pool.ts";
import { findUnfinished } from "../run/resume.ts";
import type { PerformContext } from "../run/state.ts";
import { performSweep } from "../run/sweep/perform-sweep.ts";
import { CommandFailed } from "./exit.ts";

export interface FileRequest {
  readonly program: Program;
  readonly plan: RunPlan | SweepPlan;
  /** `-j`; undefined where it is not said. */
  readonly jobs: number | undefined;
  readonly resume: boolean;
  readonly failedOnly: boolean;
}
export type Surroundings = Omit<PerformContext, "pool" | "resume">;

/** Resolves to how it ended. Throws CommandFailed for what cannot be performed so. */
export async function performFile(request: FileRequest, around: Surroundings): Promise<Outcome> {
  const { plan, program } = request;
  for (const told of await endAbandoned(around.folder, around.tracking))
    around.listener({ kind: "warning", step: undefined, failure: told });
  switch (plan.kind) {
    case "run":
      if (request.failedOnly) refuse("--failed-only", plan.run, "a run has no trials");
      return performRun(plan, request, await withMeaning(program, plan.run, around));
    case "sweep":
      if (request.resume)
        refuse("--resume", plan.sweep, "a sweep is always gone on with where it was left off");
      return performTrials(plan, request, await withMeaning(program, plan.of, around));
    default:
      return plan satisfies never;
  }
}

function refuse(option: string, name: string, why: string): never {
  throw new CommandFailed(`${option} does not suit \`${name}\`: ${why}`, "leave it out");
}

async function withMeaning(
  program: Program,
  run: string,
  around: Surroundings,
): Promise<Surroundings> {
  const meaning = await runMeaning(program, run, around.folder, around.env);
  return { ...around, facts: { ...around.facts, meaning } };
}

/** What the run of that name computes, whatever the values of its params are. */
export async function runMeaning(
  program: Program,
  run: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const reference = lowerRun(program, required(program.runs, run), { params: {}, adopt: false });
  return meaningOf(reference, folder, env);
}

async function performRun(
  plan: RunPlan,
  { jobs, resume }: FileRequest,
  around: Surroundings,
): Promise<Outcome> {
  const context = { ...around, pool: openPool(capacityOf(jobs ?? 1, around.env)) };
  if (!resume) return perform(plan, context);
  const { folder, tracking, listener, facts } = around;
  const unfinished = await findUnfinished(plan, String(facts.meaning), folder, tracking);
  if (typeof unfinished === "string") return perform(plan, { ...context, resume: unfinished });
  if (unfinished !== undefined) return notBegun(unfinished, listener);
  listener({ kind: "warning", step: undefined, failure: failure("R0864", { run: plan.run }) });
  return perform(plan, context);
}

function notBegun(reason: Failure, listener: Listener): Outcome {
  const outcome: Outcome = { status: "FAILED", exitCode: 1, failure: reason };
  listener({ kind: "run-ended", runId: undefined, outcome, milliseconds: 0 });
  return outcome;
}

/** `parallel` in the file says how many trials may be under way, `-j` how many processes; one stands for the other. */
async function performTrials(
  plan: SweepPlan,
  { program, jobs, failedOnly }: FileRequest,
  around: Surroundings,
): Promise<Outcome> {
  const processes = jobs ?? plan.parallel ?? 1;
  return performSweep(plan, {
    ...around,
    pool: openPool(capacityOf(processes, around.env)),
    together: Math.min(plan.parallel ?? processes, processes),
    anew: around.cache?.renew ?? false,
    failedOnly,
    child: (trial) => lowerTrial(program, plan, trial),
  });
}
