/** A plan from its recorded JSON text, with every bit of its numbers. */
import type { Action, PlannedParam, RunPlan, StepAction } from "../../plan/plan.ts";
import { readHexFloat } from "../../run/hex-float.ts";
import type { Manifest, RecordedParam, RecordedValue } from "../../run/manifest/manifest.ts";
import type { Domain, Value } from "../../check/program.ts";

/** `text` is what was recorded: its digest is right. */
export function revivePlan(text: string, { steps }: Pick<Manifest, "steps">): RunPlan {
  const plan = JSON.parse(text) as RunPlan;
  const params = steps.flatMap((step) => step.params);
  const actions = plan.actions.map((action): Action => {
    if (action.kind !== "step") return action;
    const own = steps.find(({ name }) => name === action.name)?.params ?? params;
    return reviveStep(action, own);
  });
  return { ...plan, params: plan.params.map((param) => reviveParam(param, params)), actions };
}

function reviveStep(step: StepAction, recorded: readonly RecordedParam[]): StepAction {
  return {
    ...step,
    params: step.params.map((param) => reviveParam(param, recorded)),
    metrics: step.metrics.map((metric) => ({ ...metric, domain: reviveDomain(metric.domain) })),
  };
}

/** JSON has no -0, and numbers that are not finite stand in a plan as their names. */
function reviveParam(param: PlannedParam, recorded: readonly RecordedParam[]): PlannedParam {
  const found = recorded.find(({ name, type }) => name === param.name && type === param.type);
  const domain = reviveDomain(param.domain);
  return { ...param, domain, value: found ? reviveValue(found.value) : param.value };
}

function reviveValue(value: RecordedValue): Value {
  if (value === null || typeof value !== "object") return value;
  return "float" in value ? readHexFloat(value.float) : value.map(reviveValue);
}

function reviveDomain(domain: Domain | undefined): Domain | undefined {
  if (domain?.kind !== "range") return domain;
  return { ...domain, low: Number(domain.low), high: Number(domain.high) };
}
