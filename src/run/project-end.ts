/** How a project's run ends, by its command's exit and by what its code has said to the tracker itself. */
import type { RunStatus } from "../tracking/entities.ts";
import { unended } from "./end.ts";
import type { Failure, Outcome } from "./event.ts";
import { explainError, failure } from "./failure.ts";
import type { ProcessResult } from "./process.ts";
import type { ProjectContext } from "./project-job.ts";
import { interruptedBy } from "./state.ts";

/**
 * Ends the run in the tracker, and answers how it has ended. An end that the code has set stands where the exit code agrees
 * with it: FINISHED with 0, and FAILED or KILLED always.
 */
export async function endProject(
  runId: string,
  entry: string,
  done: ProcessResult | Outcome,
  context: ProjectContext,
): Promise<Outcome> {
  const wanted = "status" in done ? done : judge(done, entry, context.signal);
  try {
    const { run } = await context.tracking.call("runs/get", { run_id: runId });
    const said = run.info.status;
    if (!isEnd(said) || (said === "FINISHED" && wanted.status !== "FINISHED")) {
      const { status } = wanted;
      await context.tracking.call("runs/update", { run_id: runId, status, end_time: Date.now() });
      return wanted;
    }
    return wanted.status === "FINISHED" && said !== "FINISHED"
      ? { status: said, exitCode: 1, failure: failure("R0872", { entry, status: said }) }
      : { ...wanted, status: said };
  } catch (error) {
    return { ...wanted, ...leftOpen(wanted, unended(runId, error), context) };
  }
}

function isEnd(status: RunStatus): boolean {
  return status === "FINISHED" || status === "FAILED" || status === "KILLED";
}

/** The first failure is what the user must see; one at the end is only warned of then. */
function leftOpen(
  { failure: first }: Outcome,
  left: Failure,
  { listener }: ProjectContext,
): Partial<Outcome> {
  if (!first) return { status: "FAILED", exitCode: 1, failure: left };
  listener({ kind: "warning", step: undefined, failure: left });
  return {};
}

function judge(result: ProcessResult, entry: string, signal: AbortSignal): Outcome {
  if (result.kind === "not-started")
    return failed(
      explainError(Object.assign(new Error(result.message), { syscall: "spawn", ...result })),
    );
  if (result.stopped !== undefined)
    return interruptedBy(signal, failure("R0853", { signal: String(signal.reason) }));
  const { exitCode, signal: by } = result;
  if (exitCode === 0) return { status: "FINISHED", exitCode: 0, failure: undefined };
  return failed(
    exitCode === null
      ? failure("R0871", { entry, signal: String(by) })
      : failure("R0870", { entry, exitCode }),
  );
}

function failed(reason: Failure): Outcome {
  return { status: "FAILED", exitCode: 1, failure: reason };
}
