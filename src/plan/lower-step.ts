/** One step of a run as the process that will be started. */
import type {
  Artifact,
  InputSource,
  Metric,
  Model,
  Run,
  Step,
  StepArgument,
} from "../check/program.ts";
import type {
  PlannedArtifact,
  PlannedInputSource,
  PlannedMetric,
  PlannedModel,
  PlannedParam,
  StepAction,
} from "./plan.ts";
import { seedOf } from "./seed.ts";
import { type HoleScope, fillTemplate } from "./text.ts";

/**
 * What a run with a contract pins: the time zone, the language and the collation (R sorts by ICU under C.UTF-8, so the
 * collation is named apart), one thread, and a date for archives (1 January 1980, the first that zip can hold).
 */
const pinned = {
  TZ: "UTC",
  LANG: "C.UTF-8",
  LC_COLLATE: "C",
  OMP_NUM_THREADS: "1",
  OPENBLAS_NUM_THREADS: "1",
  SOURCE_DATE_EPOCH: "315532800",
} as const;

/** Variables that would override what is pinned. */
const overriding = [
  "LC_ALL",
  "LC_CTYPE",
  "LC_NUMERIC",
  "LC_TIME",
  "LC_MONETARY",
  "LC_MESSAGES",
  "LANGUAGE",
];

/** `lowerSource`: where an input comes from, with all that it takes to find it. */
export function lowerStep(
  run: Run,
  step: Step,
  scope: HoleScope,
  lowerSource: (from: InputSource) => PlannedInputSource,
): StepAction {
  const reproducible = run.contract !== undefined;
  return {
    kind: "step",
    name: step.name,
    implicit: step.implicit,
    language: step.language,
    code: step.code,
    params: [
      ...scope.params.filter(({ name }) => step.params.includes(name)),
      ...(step.arguments ?? []).map((argument) => lowerArgument(argument, scope)),
    ],
    inputs: step.inputs.map(({ variable, from }) => ({ variable, from: lowerSource(from) })),
    ...lowerOutputs(run, step),
    secrets: step.secrets,
    env: { ...(reproducible ? pinned : {}), ...fillEnv(step, scope) },
    unsetEnv: reproducible ? overriding : [],
    seed: seedOf(run, step),
    cleanStart: reproducible,
    needs: step.needs,
    resources: step.resources,
    timeoutMs: step.timeoutMs,
    cache: step.cache,
  };
}

/** What a template was called with is a variable of its step, of the template's type; it is no param of the run. */
function lowerArgument({ param, value }: StepArgument, { params }: HoleScope): PlannedParam {
  const { name, type, domain } = param;
  if ("value" in value) return { name, type, domain, value: value.value };
  const passed = params.find((candidate) => candidate.name === value.runParam);
  return { name, type, domain, value: passed?.value ?? null };
}

function fillEnv(step: Step, scope: HoleScope): StepAction["env"] {
  return Object.fromEntries(
    Object.entries(step.env).map(([name, value]) => [name, fillTemplate(value, scope)]),
  );
}

/** What the step must give, and what it may give for the run. */
function lowerOutputs(run: Run, step: Step): Pick<StepAction, "metrics" | "artifacts" | "models"> {
  const { shared } = run;
  return {
    metrics: [
      ...step.metrics.map((metric) => lowerMetric(metric, true)),
      ...shared.metrics.map((metric) => lowerMetric(metric, false)),
    ],
    artifacts: [
      ...step.artifacts.map((artifact) => lowerArtifact(artifact, true)),
      ...shared.artifacts.map((artifact) => lowerArtifact(artifact, false)),
    ],
    models: [
      ...step.models.map((model) => lowerModel(model, true)),
      ...shared.models.map((model) => lowerModel(model, false)),
    ],
  };
}

function lowerMetric(metric: Metric, isRequired: boolean): PlannedMetric {
  const { key, variable, over, call, goal, domain } = metric;
  return { key, variable, over, call, goal, domain, required: isRequired };
}

function lowerArtifact(
  { key, variable, format, path }: Artifact,
  isRequired: boolean,
): PlannedArtifact {
  return { key, variable, format, path, required: isRequired };
}

function lowerModel(model: Model, isRequired: boolean): PlannedModel {
  const { key, variable, flavor, path, packages, probe } = model;
  return { key, variable, flavor, path, packages, probe, required: isRequired };
}
