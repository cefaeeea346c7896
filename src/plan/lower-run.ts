/** One run of a program as the calls and processes that it takes. */
import { formatParam } from "../check/domain.ts";
import type { Launch, Param, Program, Run, Value } from "../check/program.ts";
import type { KeyValue } from "../tracking/entities.ts";
import { launchTags } from "./launch-tags.ts";
import { lowerSource } from "./lower-source.ts";
import { lowerStep } from "./lower-step.ts";
import type {
  CallAction,
  LaterText,
  PlannedParam,
  RegisterAction,
  RunPlan,
  WithLater,
} from "./plan.ts";
import { type HoleScope, fillTemplate, needsRunId } from "./text.ts";

export interface LowerOptions {
  /** Values by param name, complete and checked. */
  readonly params: Readonly<Record<string, Value>>;
  /** Under `mlflow run`: a run that exists already is used, and ended, instead of a new one. */
  readonly adopt: boolean;
  /** Instead of the experiment that the file names. */
  readonly experiment?: string | undefined;
  /** The launch by which the run is started; its note stands in place of the run's. */
  readonly launch?: Launch | undefined;
}

/** MLflow refuses more params in one call. */
const paramsPerCall = 100;

export function lowerRun(program: Program, declared: Run, options: LowerOptions): RunPlan {
  const { launch, experiment = declared.experiment } = options;
  const run = { ...declared, experiment };
  const params = planParams(run.params, options.params);
  const scope: HoleScope = { params, run: run.name, experiment: run.experiment, seed: run.seed };
  const tags = withLaunch(runTags(program, run, scope), launch ? launchTags(program, launch) : []);
  const steps = run.steps.map((step) =>
    lowerStep(run, step, scope, (from) => lowerSource(program, from, options.experiment)),
  );
  return {
    kind: "run",
    run: run.name,
    file: program.file,
    experiment: run.experiment,
    params,
    seed: run.seed,
    contract: run.contract,
    shared: [...run.shared.metrics, ...run.shared.artifacts, ...run.shared.models].map(
      ({ key }) => key,
    ),
    actions: [
      ...(options.adopt
        ? adoptRun(tags)
        : createRun(program, run, tags, nameOf(run, scope, launch))),
      ...logParams(params),
      ...steps.flatMap((step) => [step, { kind: "collect", step: step.name } as const]),
      { kind: "record", sources: program.sources },
      ...run.expects.map((condition) => ({ kind: "expect", condition }) as const),
      ...registrations(run),
      { kind: "finish" },
    ],
  };
}

function planParams(
  params: readonly Param[],
  values: Readonly<Record<string, Value>>,
): readonly PlannedParam[] {
  return params.map(({ name, type, domain }) => ({
    name,
    type,
    domain,
    value: values[name] ?? null,
  }));
}

/** A launch's tags stand in place of the run's own of the same keys. */
function withLaunch(
  own: readonly PlannedTag[],
  launch: readonly KeyValue[],
): readonly PlannedTag[] {
  return [...own.filter(({ key }) => launch.every((one) => one.key !== key)), ...launch];
}

/** What the file says, else the name of the launch, else the run's. */
function nameOf(run: Run, scope: HoleScope, launch: Launch | undefined): string | LaterText {
  return run.displayName ? fillTemplate(run.displayName, scope) : (launch ?? run).name;
}

function createRun(
  program: Program,
  run: Run,
  own: readonly PlannedTag[],
  name: string | LaterText,
): readonly CallAction[] {
  const tags = [...sourceTags(program), ...own];
  return [
    ...findExperiment(program, run),
    {
      kind: "call",
      purpose: "create-run",
      endpoint: "runs/create",
      request: {
        experiment_id: { later: "experiment_id" },
        user_id: { later: "user" },
        run_name: needsRunId(name) ? run.name : name,
        start_time: { later: "now" },
        tags: tags.filter(({ value }) => !needsRunId(value)),
      },
    },
    ...renameRun(name),
    ...setTags(tags.filter(({ value }) => needsRunId(value))),
  ];
}

/** MLflow has made the run and its source tags already; ours are added. */
function adoptRun(tags: readonly PlannedTag[]): readonly CallAction[] {
  return [
    {
      kind: "call",
      purpose: "adopt-run",
      endpoint: "runs/get",
      request: { run_id: { later: "run_id" } },
    },
    ...setTags(tags),
  ];
}

function findExperiment(program: Program, run: Run): readonly CallAction[] {
  const declared = program.experiment?.name === run.experiment ? program.experiment : undefined;
  const note = declared?.doc ? [{ key: "mlflow.note.content", value: declared.doc }] : [];
  const tags = [...(declared?.tags ?? []), ...note];
  return [
    {
      kind: "call",
      purpose: "find-experiment",
      endpoint: "experiments/get-by-name",
      request: { experiment_name: run.experiment },
    },
    {
      kind: "call",
      purpose: "create-experiment",
      endpoint: "experiments/create",
      request: { name: run.experiment, tags },
    },
    ...tags.map(({ key, value }): CallAction => ({
      kind: "call",
      purpose: "tag-experiment",
      endpoint: "experiments/set-experiment-tag",
      request: { experiment_id: { later: "experiment_id" }, key, value },
    })),
  ];
}

function renameRun(name: string | LaterText): readonly CallAction[] {
  if (!needsRunId(name)) return [];
  const request = { run_id: { later: "run_id" }, run_name: name } as const;
  return [{ kind: "call", purpose: "rename-run", endpoint: "runs/update", request }];
}

type PlannedTag = WithLater<KeyValue>;

function setTags(tags: readonly PlannedTag[]): readonly CallAction[] {
  if (tags.length === 0) return [];
  const request = { run_id: { later: "run_id" }, tags } as const;
  return [{ kind: "call", purpose: "set-tags", endpoint: "runs/log-batch", request }];
}

/** Where the code comes from, as MLflow's page of a run shows it. A Later that turns out absent drops its tag. */
function sourceTags(program: Program): readonly PlannedTag[] {
  return [
    { key: "mlflow.user", value: { later: "user" } },
    { key: "mlflow.source.name", value: program.file },
    { key: "mlflow.source.type", value: "LOCAL" },
    { key: "mlflow.source.git.commit", value: { later: "git_commit" } },
    { key: "mlflow.source.git.branch", value: { later: "git_branch" } },
    { key: "mlflow.source.git.repoURL", value: { later: "git_repository" } },
    { key: "mlflow.source.git.dirty", value: { later: "git_dirty" } },
  ];
}

function runTags(program: Program, run: Run, scope: HoleScope): readonly PlannedTag[] {
  return [
    ...(run.doc ? [{ key: "mlflow.note.content", value: run.doc }] : []),
    { key: "mlpipe.run", value: run.name },
    { key: "mlpipe.file", value: program.file },
    { key: "mlpipe.edition", value: String(program.edition) },
    { key: "mlpipe.source_digest", value: { later: "source_digest" } },
    ...(run.seed === undefined ? [] : [{ key: "mlpipe.seed", value: String(run.seed) }]),
    ...run.tags.map(({ key, value }) => ({ key, value: fillTemplate(value, scope) })),
  ];
}

function logParams(params: readonly PlannedParam[]): readonly CallAction[] {
  const texts = params.flatMap(({ name, type, value }) =>
    value === null ? [] : [{ key: name, value: formatParam(value, type) }],
  );
  const calls: CallAction[] = [];
  for (let start = 0; start < texts.length; start += paramsPerCall) {
    const some = texts.slice(start, start + paramsPerCall);
    const request = { run_id: { later: "run_id" }, params: some } as const;
    calls.push({ kind: "call", purpose: "log-params", endpoint: "runs/log-batch", request });
  }
  return calls;
}

function registrations(run: Run): readonly RegisterAction[] {
  const models = [...run.steps.flatMap((step) => step.models), ...run.shared.models];
  return models.flatMap(({ key, path, register }) =>
    register
      ? [
          {
            kind: "register",
            model: key,
            path,
            name: register.name,
            alias: register.alias,
          } as const,
        ]
      : [],
  );
}
