/** How a project's run ends, by its command's exit and by what its code has said to the tracker itself. */
import { isEnd } from "../tracking/entities.ts";
import { unended, withLate } from "./end.ts";
import type { Failure, Outcome } from "./event.ts";
import { explainError, failure } from "./failure.ts";
import type { ProcessResult } from "./process.ts";
import type { ProjectContext } from "./project-job.ts";
import type { MadeRun } from "./project-run.ts";
import type { Verdict } from "./script-session.ts";
import { interruptedBy } from "./state.ts";

/**
 * Ends the run in the tracker, and answers how it has ended. An end that the code has set stands where the exit code agrees
 * with it: FINISHED with 0, and FAILED or KILLED always.
 */
export async function endProject(
  { id: runId, mark }: Pick<MadeRun, "id" | "mark">,
  entry: string,
  wanted: Outcome,
  context: ProjectContext,
): Promise<Outcome> {
  try {
    const { run } = await context.tracking.call("runs/get", { run_id: runId });
    const said = run.info.status;
    if (!isEnd(said) || (said === "FINISHED" && wanted.status !== "FINISHED")) {
      const { status } = wanted;
      await context.tracking.call("runs/update", { run_id: runId, status, end_time: Date.now() });
      mark?.close();
      return wanted;
    }
    mark?.close();
    return wanted.status === "FINISHED" && said !== "FINISHED"
      ? { status: said, exitCode: 1, failure: failure("R0872", { entry, status: said }) }
      : { ...wanted, status: said };
  } catch (error) {
    return withLate(wanted, unended(runId, error), context.listener);
  }
}

/** By the exit of the command, and where that says that all is well, by `verdict`. */
export function judgeCommand(
  result: ProcessResult,
  entry: string,
  signal: AbortSignal,
  verdict: () => Verdict | undefined,
): Outcome {
  if (result.kind === "not-started")
    return failed(
      explainError(Object.assign(new Error(result.message), { syscall: "spawn", ...result })),
    );
  if (result.stopped !== undefined)
    return interruptedBy(signal, failure("R0853", { signal: String(signal.reason) }));
  const { exitCode, signal: by } = result;
  if (exitCode === null) return failed(failure("R0871", { entry, signal: String(by) }));
  if (exitCode !== 0) return failed(failure("R0870", { entry, exitCode }));
  const said = verdict();
  return said ? { ...said, exitCode: 1 } : { status: "FINISHED", exitCode: 0, failure: undefined };
}

function failed(reason: Failure): Outcome {
  return { status: "FAILED", exitCode: 1, failure: reason };
}
