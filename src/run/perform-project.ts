/** Performs the run of a project: its environment, its command, and an end for the run whatever happens. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { splitBatch } from "../tracking/batch.ts";
import { type ChildEnvironment, openChildEnvironment, runVariables } from "./child-environment.ts";
import type { Outcome } from "./event.ts";
import { explainError } from "./failure.ts";
import { recordProject } from "./manifest/record-project.ts";
import { openOutput } from "./output.ts";
import { runProcess } from "./process.ts";
import { cannotWrite } from "./step-failure.ts";
import { endProject, judgeCommand } from "./project-end.ts";
import { type ReadyEnvironment, prepareEnvironment } from "./project-environment.ts";
import type { ProjectContext, ProjectJob } from "./project-job.ts";
import { type MadeRun, findRun, openRun } from "./project-run.ts";
import { performWithin } from "./script-session.ts";
import { interruptedBy } from "./state.ts";

export interface ProjectOutcome {
  /** Undefined where no run was made. */
  readonly runId: string | undefined;
  readonly outcome: Outcome;
}

/** Performs `job` to its end: FINISHED, FAILED or KILLED in the tracker, whatever happens. Never rejects. */
export async function performProject(
  job: ProjectJob,
  context: ProjectContext,
): Promise<ProjectOutcome> {
  const began = performance.now();
  const done = await attempt(job, context);
  const milliseconds = performance.now() - began;
  context.listener({ kind: "run-ended", ...done, milliseconds });
  return done;
}

async function attempt(job: ProjectJob, context: ProjectContext): Promise<ProjectOutcome> {
  let run: MadeRun | undefined;
  try {
    const ready = await findRun(job, context);
    const environment = await prepareEnvironment(job, context);
    run = await openRun(job, environment.tags, ready, context);
    await logParams(job, run, context);
    await recordProject(job, { id: run.id, experiment: run.experimentId }, context);
    const done = await runCommand(job, run, environment, context);
    return { runId: run.id, outcome: await endProject(run, job.entry, done, context) };
  } catch (error) {
    const reason = explainError(error);
    const outcome: Outcome = context.signal.aborted
      ? interruptedBy(context.signal, reason)
      : { status: "FAILED", exitCode: 1, failure: reason };
    const ended = run ? await endProject(run, job.entry, outcome, context) : outcome;
    return { runId: run?.id, outcome: ended };
  }
}

async function logParams(
  { params }: ProjectJob,
  { id }: MadeRun,
  { tracking, listener }: ProjectContext,
): Promise<void> {
  const pairs = params.map(({ name, text }) => ({ key: name, value: text }));
  if (pairs.length > 0)
    for (const batch of splitBatch({ run_id: id, params: pairs }))
      await tracking.call("runs/log-batch", batch);
  listener({
    kind: "params",
    params: Object.fromEntries(params.map(({ name, text }) => [name, text])),
  });
}

async function runCommand(
  job: ProjectJob,
  run: MadeRun,
  environment: ReadyEnvironment,
  context: ProjectContext,
): Promise<Outcome> {
  const child = {
    runId: run.id,
    experimentId: run.experimentId,
    trackingUri: context.trackingUri,
    params: Object.fromEntries(job.params.map(({ name, value }) => [name, value])),
    logged: Object.fromEntries(job.params.map(({ name, text }) => [name, text])),
  };
  if (environment.isContainer) {
    const variables = runVariables(child);
    return start(
      job,
      run,
      environment,
      { variables, token: "", verdict: () => undefined },
      context,
    );
  }
  const { tracking, env, listener } = context;
  const home = path.join(context.home, ".mlpipe");
  const surroundings = { tracking, home, env, listener, entry: job.entry };
  const opened = await openChildEnvironment(job.command, child, surroundings);
  return performWithin(opened, listener, () => start(job, run, environment, opened, context));
}

/** The log keeps this much of the output's beginning and end. */
const kept = { headBytes: 12 << 20, tailBytes: 4 << 20 } as const;

async function start(
  { entry, command, folder }: ProjectJob,
  run: MadeRun,
  environment: ReadyEnvironment,
  { variables, token, verdict }: Omit<ChildEnvironment, "close">,
  { home, env, signal, listener }: ProjectContext,
): Promise<Outcome> {
  const began = performance.now();
  const launch = environment.launch(command, variables, run.artifactUri);
  const records = path.join(home, ".mlpipe", "runs", run.id);
  mkdirSync(records, { recursive: true, mode: 0o700 });
  const output = openOutput({
    log: path.join(records, "log.txt"),
    secrets: [token],
    ...kept,
    onText: (stream, text) => listener({ kind: "output", step: entry, stream, text }),
  });
  listener({
    kind: "step-started",
    step: entry,
    runtime: path.basename(launch.file),
    place: folder,
  });
  const result = await runProcess({
    command: launch.file,
    args: launch.args,
    cwd: folder,
    env: { ...env, ...launch.env },
    timeoutMs: undefined,
    graceMs: 5000,
    signal,
    onOutput: output.write,
  });
  const { heldBackBytes, failure: logFailure } = output.close();
  if (logFailure) {
    const unkept = cannotWrite(logFailure, path.join(records, "log.txt"));
    listener({ kind: "warning", step: entry, failure: unkept });
  }
  if (heldBackBytes > 0) listener({ kind: "output-cut", step: entry, droppedBytes: heldBackBytes });
  const milliseconds = performance.now() - began;
  const outcome = judgeCommand(result, entry, signal, verdict);
  const ok = outcome.failure === undefined;
  const peakBytes = result.kind === "ended" ? result.peakBytes : undefined;
  listener({ kind: "step-ended", step: entry, ok, milliseconds, peakBytes, failure: undefined });
  return outcome;
}
