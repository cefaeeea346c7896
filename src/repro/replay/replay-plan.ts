/** The plan by which a recorded run is performed again, as a new run that nobody takes for the old one. */
import path from "node:path";
import type { Action, CallAction, PlannedParam, RunPlan, StepAction } from "../../plan/plan.ts";
import type { KeyValue } from "../../tracking/entities.ts";
import type { RecordedRun } from "./recorded-run.ts";
import type { Restored } from "./restore-project.ts";

/** `step`: the only one that is performed; undefined: all. */
export function replayPlan(
  plan: RunPlan,
  { run }: Pick<RecordedRun, "run">,
  { moved }: Pick<Restored, "moved">,
  step: string | undefined,
): RunPlan {
  const begin: CallAction = {
    kind: "call",
    purpose: "create-run",
    endpoint: "runs/create",
    request: {
      experiment_id: run.info.experiment_id,
      user_id: { later: "user" },
      run_name: `replay of ${run.info.run_name}`,
      start_time: { later: "now" },
      tags: [...keptTags(run.data.tags ?? []), ...ownTags(run.info.run_id)],
    },
  };
  const rest = plan.actions.flatMap((action) => keptAction(action, step, moved));
  const params = plan.params.map((param) => movedParam(param, moved));
  return {
    ...plan,
    params,
    shared: step === undefined ? plan.shared : [],
    actions: [begin, ...rest],
  };
}

/** The same for a tracker of its own, which has but the experiment that every tracker has. */
export function untrackedPlan(plan: RunPlan): RunPlan {
  const actions = plan.actions.map((action): Action => {
    if (action.kind !== "call" || action.purpose !== "create-run") return action;
    const begin = action as Extract<CallAction, { readonly endpoint: "runs/create" }>;
    return { ...begin, request: { ...begin.request, experiment_id: "0", tags: [] } };
  });
  return { ...plan, actions };
}

/** What a run is found and ranked by, what belongs to its own history, and what is set anew. */
const dropped =
  /^mlflow\.(?:runName|parentRunId|user|log-model\.history)$|^mlpipe\.(?:run|sweep|trial|kind|meaning|attempt|manifest|replayable|client_request_id|copied|origin.*|intended_tracking_uri|differing_steps|cause|error|replay_of|verdict|cached\..*|input\..*|input_from\..*|best_.*)$/;

function keptTags(tags: readonly KeyValue[]): readonly KeyValue[] {
  return tags.filter(({ key }) => !dropped.test(key));
}

function ownTags(runId: string): CallActionTags {
  return [
    { key: "mlflow.user", value: { later: "user" } },
    { key: "mlflow.parentRunId", value: runId },
    { key: "mlpipe.kind", value: "replay" },
    { key: "mlpipe.replay_of", value: runId },
    { key: "mlpipe.attempt", value: { later: "attempt" } },
  ];
}

type CallActionTags = NonNullable<
  Extract<CallAction, { readonly endpoint: "runs/create" }>["request"] extends {
    readonly tags?: infer T;
  }
    ? T
    : never
>;

/** A replay asks nothing of what it gives, and makes no version of a model. */
function keptAction(
  action: Action,
  only: string | undefined,
  moved: Restored["moved"],
): readonly Action[] {
  switch (action.kind) {
    case "call":
      return action.purpose === "log-params" ? [action] : [];
    case "step":
      return isWanted(action.name, only) ? [movedStep(action, only, moved)] : [];
    case "collect":
      return isWanted(action.step, only) ? [action] : [];
    case "record":
    case "finish":
      return [action];
    case "expect":
    case "register":
      return [];
    default:
      return action satisfies never;
  }
}

function isWanted(step: string, only: string | undefined): boolean {
  return only === undefined || step === only;
}

function movedStep(
  step: StepAction,
  only: string | undefined,
  moved: Restored["moved"],
): StepAction {
  const params = step.params.map((param) => movedParam(param, moved));
  return { ...step, params, needs: only === undefined ? step.needs : [] };
}

function movedParam(param: PlannedParam, moved: Restored["moved"]): PlannedParam {
  if (param.type !== "path" || typeof param.value !== "string") return param;
  const place = moved.get(path.normalize(param.value));
  return place === undefined ? param : { ...param, value: place };
}
