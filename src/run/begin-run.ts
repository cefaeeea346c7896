/** The begin of a run in the tracker: it is made, or one that was left unfinished is opened again. */
import type { CallAction, RunPlan } from "../plan/plan.ts";
import type { TrackedRun } from "../tracking/entities.ts";
import { type LoggedPoints, loadPoints } from "./logged-points.ts";
import { type OpenMark, markOpen } from "./open-runs.ts";
import { paramTexts } from "./param-texts.ts";
import { type TrackedState, performCall } from "./perform-call.ts";
import { type PerformContext, type RunState, openRun, requireRunId } from "./state.ts";

type Begin = CallAction & { readonly purpose: "create-run" | "adopt-run" };

export function isBegin(action: CallAction): action is Begin {
  return action.purpose === "create-run" || action.purpose === "adopt-run";
}

/** Tells of the run and its params. */
export async function beginRun(
  action: Begin,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
): Promise<void> {
  const { tracking, listener, resume } = context;
  let known: LoggedPoints | undefined;
  if (action.purpose === "adopt-run")
    state.tracked = await performCall(action, state.tracked, tracking);
  else if (resume === undefined) {
    const made = await makeMarked(action, state.tracked, context);
    [state.tracked, state.mark] = [made.tracked, made.mark];
  } else {
    const { tracked, mark, run } = await reopen(action, resume, state.tracked, context);
    [state.tracked, state.mark] = [tracked, mark];
    known = await loadPoints(run, tracking);
  }
  openRun(state, tracking, known);
  const { runName: name } = state.tracked;
  const told = { runId: requireRunId(state), name, tracking: tracking.uri };
  if (action.purpose === "adopt-run") listener({ kind: "run-adopted", ...told });
  else if (resume !== undefined)
    listener({ kind: "run-resumed", ...told, experiment: plan.experiment });
  else listener({ kind: "run-created", ...told, experiment: plan.experiment });
  listener({ kind: "params", params: paramTexts(plan) });
}

interface Marked {
  readonly tracked: TrackedState;
  readonly mark: OpenMark;
}

/** Makes a run that is known to be this process's from before it is there. */
export async function makeMarked(
  action: CallAction,
  tracked: TrackedState,
  { tracking, folder, home = folder }: Pick<PerformContext, "tracking" | "folder" | "home">,
): Promise<Marked> {
  const mark = markOpen(home, tracking, String(tracked.known.experiment_id));
  const known = { ...tracked.known, attempt: mark.attempt };
  const made = await performCall(action, { ...tracked, known }, tracking);
  mark.made(String(made.known.run_id));
  return { tracked: made, mark };
}

/** The run is RUNNING again, with the name that the plan gives it, and without the failure of the time before. */
export async function reopen(
  action: CallAction,
  run_id: string,
  tracked: TrackedState,
  { tracking, folder }: Pick<PerformContext, "tracking" | "folder">,
): Promise<Marked & { readonly run: TrackedRun }> {
  const mark = markOpen(folder, tracking, String(tracked.known.experiment_id), run_id);
  const { run } = await tracking.call("runs/get", { run_id });
  const planned = (action.request as { readonly run_name?: unknown }).run_name;
  const run_name = typeof planned === "string" ? planned : run.info.run_name;
  await tracking.call("runs/update", { run_id, status: "RUNNING", run_name });
  if (run.data.tags?.some(({ key }) => key === "mlpipe.error"))
    await tracking.call("runs/delete-tag", { run_id, key: "mlpipe.error" });
  return {
    run,
    mark,
    tracked: {
      ...tracked,
      runName: run_name,
      known: { ...tracked.known, run_id },
      loggedParams: (run.data.params ?? []).map(({ key }) => key),
    },
  };
}
