/** A plan as a numbered list for people. */
import type { Value } from "../check/program.ts";
import { isDataset, isOfRun } from "../plan/told-inputs.ts";
import { sourceName } from "../plan/source-name.ts";
import type {
  Action,
  CallAction,
  ComparePlan,
  LaunchPlan,
  Plan,
  RunPlan,
  StepAction,
  SweepPlan,
} from "../plan/plan.ts";

/** The plan as a numbered list, one line a call, process or check; ends with a line break. */
export function printPlan(plan: Plan): string {
  switch (plan.kind) {
    case "run":
      return printRun(plan);
    case "sweep":
      return printSweep(plan);
    case "compare":
      return printCompare(plan);
    case "launch":
      return printLaunch(plan);
    default:
      return plan satisfies never;
  }
}

interface Line {
  readonly what: string;
  readonly detail: string;
}

function printRun(plan: RunPlan): string {
  const searches = describeSearches(plan);
  const lines = plan.actions.flatMap((action) => describe(action, plan, searches.length + 1));
  return `${numbered([...searches, ...lines])}${onError}`;
}

/** What is asked before the run is made: which runs its inputs come from. */
function describeSearches({ actions }: RunPlan): readonly Line[] {
  const inputs = actions.flatMap((action) => (action.kind === "step" ? action.inputs : []));
  const sources = inputs.flatMap(({ from }) =>
    from.kind === "run" || from.kind === "run-id" || from.kind === "best" ? [sourceName(from)] : [],
  );
  return [...new Set(sources)].map((source) => ({ what: "POST  runs/search", detail: source }));
}

const onError =
  "   on error: tag mlpipe.error, log, runs/update FAILED, exit 1 · on SIGINT, SIGTERM, timeout: runs/update KILLED, exit 130, 143, 124\n";

function numbered(lines: readonly Line[]): string {
  const width = Math.max(2, String(lines.length).length);
  const column = Math.max(...lines.map(({ what }) => what.length));
  return lines
    .map(({ what, detail }, index) =>
      `${String(index + 1).padStart(width)} ${what.padEnd(column)}  ${detail}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** `first`: the number of the line of the first action. */
function describe(action: Action, plan: RunPlan, first: number): readonly Line[] {
  switch (action.kind) {
    case "call":
      return [describeCall(action, first)];
    case "step":
      return [...describeLineage(action), describeStep(action)];
    case "collect":
      return describeCollect(stepOf(plan, action.step));
    case "record":
      return [{ what: "PUT   mlpipe/", detail: "the log, the plan and the source" }];
    case "expect":
      return [{ what: "check expect", detail: action.condition.text }];
    case "register":
      return [{ what: "POST  model-versions/create", detail: registration(action) }];
    case "finish":
      return [{ what: "POST  runs/update", detail: "FINISHED" }];
    default:
      return action satisfies never;
  }
}

function registration(action: Extract<Action, { kind: "register" }>): string {
  return `${action.name} from ${action.path}${action.alias ? `, alias ${action.alias}` : ""}`;
}

function stepOf(plan: RunPlan, name: string): StepAction {
  const found = plan.actions.find((action) => action.kind === "step" && action.name === name);
  if (found?.kind !== "step") throw new Error(`the plan lacks the step ${name}`);
  return found;
}

const verb = { GET: "GET  ", POST: "POST " } as const;

function describeCall(action: CallAction, first: number): Line {
  const method = action.endpoint.includes("/get") ? verb.GET : verb.POST;
  return { what: `${method} ${action.endpoint}`, detail: callDetail(action, first) };
}

function callDetail({ purpose, request }: CallAction, first: number): string {
  switch (purpose) {
    case "find-experiment":
      return fields(request, ["experiment_name"]);
    case "create-experiment":
      return `only if ${first} says RESOURCE_DOES_NOT_EXIST`;
    case "tag-experiment":
      return `${fields(request, ["key", "value"])}, where it differs`;
    case "create-run":
      return `${fields(request, ["run_name"])}, start_time, tags (${keys(request, "tags")})`;
    case "adopt-run":
      return "the run that MLFLOW_RUN_ID names";
    case "rename-run":
      return fields(request, ["run_name"]);
    case "log-params":
      return `params ${pairs(request, "params")}`;
    case "set-tags":
      return `tags ${keys(request, "tags")}`;
    default:
      return purpose satisfies never;
  }
}

function fields(request: object, names: readonly string[]): string {
  return names
    .map((name) => `${name}=${show((request as Record<string, unknown>)[name])}`)
    .join(" ");
}

/** A planned text; what is known only later in angle brackets. */
function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    if ("later" in value) return `<${String(value.later)}>`;
    if ("parts" in value && Array.isArray(value.parts)) return value.parts.map(show).join("");
  }
  return JSON.stringify(value);
}

function listOf(
  request: object,
  name: string,
): readonly { readonly key: string; readonly value: unknown }[] {
  const list = (request as Record<string, unknown>)[name];
  return Array.isArray(list) ? list : [];
}

function keys(request: object, name: string): string {
  return listOf(request, name)
    .map(({ key }) => key)
    .join(", ");
}

function pairs(request: object, name: string): string {
  return listOf(request, name)
    .map(({ key, value }) => `${key}=${show(value)}`)
    .join(", ");
}

/** What the tracker is told of its inputs: tags that name the runs which they come from, and data sets. */
function describeLineage({ inputs }: StepAction): readonly Line[] {
  const keys = inputs
    .filter(isOfRun)
    .flatMap(({ variable }) => [`mlpipe.input.${variable}`, `mlpipe.input_from.${variable}`]);
  const data = inputs.filter(isDataset).map(({ variable }) => variable);
  return [
    ...(keys.length > 0
      ? [{ what: "POST  runs/log-batch", detail: `tags ${keys.join(", ")}` }]
      : []),
    ...(data.length > 0
      ? [{ what: "POST  runs/log-inputs", detail: `data sets ${data.join(", ")}` }]
      : []),
  ];
}

function describeStep(step: StepAction): Line {
  const { code } = step;
  const where = code.kind === "fence" ? `${code.file}:${code.line}-${code.lastLine}` : code.path;
  const inputs = step.inputs.map(({ variable, from }) => `${variable} from ${sourceName(from)}`);
  const more = [
    ...(inputs.length > 0 ? [inputs.join(", ")] : []),
    ...(step.seed === undefined ? [] : [`seed ${step.seed}`]),
    ...(step.timeoutMs === undefined ? [] : [`timeout ${step.timeoutMs / 1000}s`]),
  ];
  return { what: `step  ${step.name}`, detail: [step.language, where, ...more].join(", ") };
}

function describeCollect(step: StepAction): readonly Line[] {
  const metrics = step.metrics.filter(({ required }) => required).map(({ key }) => key);
  const artifacts = step.artifacts.filter(({ required }) => required);
  const models = step.models.filter(({ required }) => required);
  return [
    ...(metrics.length > 0
      ? [{ what: "POST  runs/log-batch", detail: `metrics ${metrics.join(", ")}` }]
      : []),
    ...models.map(({ path, flavor }) => ({
      what: `PUT   ${path}/`,
      detail: `model, flavor ${flavor}; POST runs/log-model`,
    })),
    ...artifacts.map(({ path, format }) => ({ what: `PUT   ${path}`, detail: format })),
  ];
}

function assignments(values: Readonly<Record<string, Value>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}

function ranking(bestBy: SweepPlan["bestBy"]): string {
  return bestBy.map(({ metric, goal }) => `${metric} (${goal})`).join(", then ");
}

function printSweep(plan: SweepPlan): string {
  const trials = plan.trials.map(({ name, params }) => ({
    what: `run   ${name}`,
    detail: assignments(params),
  }));
  const best = plan.bestBy.length > 0 ? `   best by ${ranking(plan.bestBy)}\n` : "";
  const together = plan.parallel === undefined ? "" : `, ${plan.parallel} at a time`;
  return `sweep ${plan.sweep} of ${plan.of}: ${plan.trials.length} runs below one parent${together}\n${numbered(trials)}${best}`;
}

function printCompare(plan: ComparePlan): string {
  const experiments = new Set(plan.candidates.map(({ experiment }) => experiment));
  const where = plan.where.map(({ text }) => text).join(" and ");
  return numbered([
    ...[...experiments].map((name) => ({
      what: "GET   experiments/get-by-name",
      detail: `experiment_name=${name}`,
    })),
    ...plan.candidates.map(describeCandidates),
    ...(where === "" ? [] : [{ what: "where", detail: where }]),
    ...(plan.bestBy.length > 0 ? [{ what: "best by", detail: ranking(plan.bestBy) }] : []),
    ...(plan.show.length > 0 ? [{ what: "show", detail: plan.show.join(", ") }] : []),
  ]);
}

function describeCandidates({ kind, name }: ComparePlan["candidates"][number]): Line {
  const detail =
    kind === "sweep"
      ? `the newest parent of ${name}, then the finished trials below it`
      : `the finished runs of ${name} that are no trials`;
  return { what: "POST  runs/search", detail };
}

function printLaunch(plan: LaunchPlan): string {
  const { git, at, entry, backend, params } = plan;
  const launch = { what: `launch ${entry}`, detail: `backend ${backend}` };
  const given = assignments(params);
  const fetch =
    git === undefined ? [] : [{ what: "git   fetch", detail: at ? `${git} at ${at}` : git }];
  if (backend !== "local")
    return numbered([...fetch, { ...launch, detail: `${launch.detail} ${given}`.trimEnd() }]);
  const lines = [
    ...fetch,
    { what: `check ${entry}`, detail: `that it takes ${given || "no value"}, and needs no other` },
    ...describeLaunchedRun(plan),
    { what: "POST  runs/log-batch", detail: `params of ${entry}, defaults too` },
    launch,
    { what: "POST  runs/update", detail: "FINISHED" },
  ];
  return `${numbered(lines)}${onError.replace("tag mlpipe.error, log, ", "")}`;
}

function describeLaunchedRun({ launch, experiment, tags, adopt }: LaunchPlan): readonly Line[] {
  const keys = tags.map(({ key }) => key).join(", ");
  if (adopt)
    return [
      { what: "GET   runs/get", detail: "the run that MLFLOW_RUN_ID names" },
      {
        what: "POST  runs/log-batch",
        detail: `tags mlflow.user, mlflow.source.*, mlflow.project.*, ${keys}`,
      },
    ];
  const name = experiment ?? "<of the environment, else Default>";
  return [
    { what: "GET   experiments/get-by-name", detail: `experiment_name=${name}` },
    { what: "POST  experiments/create", detail: "only if 3 says RESOURCE_DOES_NOT_EXIST" },
    {
      what: "POST  runs/create",
      detail: `run_name=${launch}, start_time, tags (mlflow.user, mlflow.source.*, mlflow.project.*, ${keys})`,
    },
  ];
}
