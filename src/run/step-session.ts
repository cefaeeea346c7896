/** One step's code as a client of MLflow: what it logs by itself counts as produced, and its runtime is told of it. */
import path from "node:path";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import type { MetricPoint } from "../tracking/entities.ts";
import type { Failure } from "./event.ts";
import { RunFailed, explainError } from "./failure.ts";
import { openLogged, outputAt } from "./logged.ts";
import { paramTexts } from "./param-texts.ts";
import { type ScriptSession, type SessionOptions, openScriptSession } from "./script-session.ts";
import {
  type PerformContext,
  type RunState,
  noteOutput,
  requireRunId,
  runFolder,
} from "./state.ts";
import { cannotWrite } from "./step-failure.ts";
import { placesOfStep } from "./step-file.ts";
import { placeOf, secretsOf } from "./step.ts";

/** `onMetrics` hears of points that are in the tracker. Rejects with RunFailed where the run's folder cannot be written. */
export async function openStepSession(
  step: StepAction,
  plan: RunPlan,
  context: PerformContext,
  state: RunState,
  onMetrics: (points: readonly MetricPoint[]) => void,
): Promise<ScriptSession> {
  const id = requireRunId(state);
  const folder = runFolder(context, id);
  const { tracking, env } = context;
  try {
    return await openScriptSession({
      tracking,
      own: {
        id,
        experimentId: String(state.tracked.known.experiment_id),
        params: paramTexts(plan),
      },
      home: path.join(context.folder, ".mlpipe"),
      folder,
      inherited: env,
      secrets: secretsOf(step, env),
      listener: listenerOf(step, folder, context, state, onMetrics),
    });
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error) || error.syscall === "listen") throw error;
    const reason = cannotWrite(error as NodeJS.ErrnoException, folder);
    throw new RunFailed({ ...reason, place: placeOf(step) });
  }
}

function listenerOf(
  step: StepAction,
  folder: string,
  { listener }: PerformContext,
  state: RunState,
  onMetrics: (points: readonly MetricPoint[]) => void,
): SessionOptions["listener"] {
  const logged = openLogged(placesOfStep(folder, step.name).logged);
  const onTrouble = (reason: Failure): void =>
    listener({ kind: "warning", step: step.name, failure: reason });
  // What cannot be noted is in the tracker all the same: the code must not be told that it has failed.
  const note = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      onTrouble(explainError(error));
    }
  };
  return {
    onMetrics(points) {
      for (const { key } of points) note(() => logged.metric(key));
      onMetrics(points);
    },
    onUpload(path) {
      note(() => logged.artifact(path));
      const key = outputAt(step, path);
      if (key !== undefined) noteOutput(state, step.name, key);
      listener({ kind: "artifact", step: step.name, path });
    },
    onTrouble,
  };
}
