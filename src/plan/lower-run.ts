/** One run of a program as the calls and processes that it takes. */
import { formatParam } from "../check/domain.ts";
import type { Launch, Param, Program, Run, Tag, Value } from "../check/program.ts";
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
  /** The run is a trial of a sweep. */
  readonly trial?: TrialPlace;
}
export interface TrialPlace {
  readonly sweep: string;
  /** `tidy_grid/01` */
  readonly name: string;
  /** Tags of the sweep. */
  readonly tags: readonly Tag[];
}

/** MLflow refuses more params in one call. */
const paramsPerCall = 100;

/** The run in the experiment that it is to be logged to. */
export function logged(run: Run, { experiment = run.experiment }: LowerOptions): Run {
  return { ...run, experiment };
}

export function lowerRun(program: Program, declared: Run, options: LowerOptions): RunPlan {
  const run = logged(declared, options);
  const params = planParams(run.params, options.params);
  const scope: HoleScope = { params, run: run.name, experiment: run.experiment, seed: run.seed };
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
      ...beginRun(program, run, scope, options),
      ...logParams(params),
      ...steps.flatMap((step) => [step, { kind: "collect", step: step.name } as const]),
      { kind: "record", sources: program.sources },
      ...run.expects.map((condition) => ({ kind: "expect", condition }) as const),
      ...registrations(run),
      { kind: "finish" },
    ],
  };
}

export function planParams(
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
export function withLaunch(
  own: readonly PlannedTag[],
  launch: readonly KeyValue[],
): readonly PlannedTag[] {
  return [...own.filter(({ key }) => launch.every((one) => one.key !== key)), ...launch];
}

/** What the file says, else the name of the launch, else the run's. */
function nameOf(run: Run, scope: HoleScope, launch: Launch | undefined): string | LaterText {
  return run.displayName ? fillTemplate(run.displayName, scope) : (launch ?? run).name;
}

function beginRun(
  program: Program,
  run: Run,
  scope: HoleScope,
  { adopt, trial, launch }: LowerOptions,
): readonly CallAction[] {
  const tags = withLaunch(runTags(run, scope), launch ? launchTags(program, launch) : []);
  if (adopt) return adoptRun(program, tags);
  if (trial) return createRun(program, scope, trial.name, [...tags, ...trialTags(trial, scope)]);
  const name = nameOf(run, scope, launch);
  return [...findExperiment(program, run), ...createRun(program, scope, name, tags)];
}

/** Makes a run of that name with `tags`, and with those that say where it comes from. */
export function createRun(
  program: Program,
  { run }: HoleScope,
  name: string | LaterText,
  own: readonly PlannedTag[],
): readonly CallAction[] {
  const tags = [...sourceTags(program), ...own, ...resumeTags];
  return [
    {
      kind: "call",
      purpose: "create-run",
      endpoint: "runs/create",
      request: {
        experiment_id: { later: "experiment_id" },
        user_id: { later: "user" },
        run_name: needsRunId(name) ? run : name,
        start_time: { later: "now" },
        tags: tags.filter(({ value }) => !needsRunId(value)),
      },
    },
    ...renameRun(name),
    ...setTags(tags.filter(({ value }) => needsRunId(value))),
  ];
}

/** How the run is found again to be gone on with. */
const resumeTags: readonly PlannedTag[] = [
  { key: "mlpipe.meaning", value: { later: "meaning" } },
  { key: "mlpipe.attempt", value: { later: "attempt" } },
];

function trialTags({ sweep, tags }: TrialPlace, scope: HoleScope): readonly PlannedTag[] {
  return [
    { key: "mlflow.parentRunId", value: { later: "parent_run_id" } },
    { key: "mlpipe.sweep", value: sweep },
    { key: "mlpipe.trial", value: { later: "trial" } },
    ...fillTags(tags, scope),
  ];
}

export function fillTags(tags: readonly Tag[], scope: HoleScope): readonly PlannedTag[] {
  return tags.map(({ key, value }) => ({ key, value: fillTemplate(value, scope) }));
}

/** MLflow has made the run and its source tags already; ours are added. */
export function adoptRun(program: Program, tags: readonly PlannedTag[]): readonly CallAction[] {
  return [
    {
      kind: "call",
      purpose: "adopt-run",
      endpoint: "runs/get",
      request: { run_id: { later: "run_id" } },
    },
    ...setTags([...fileTags(program), ...tags]),
  ];
}

export function findExperiment(program: Program, run: Run): readonly CallAction[] {
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

export type PlannedTag = WithLater<KeyValue>;

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
    ...fileTags(program),
  ];
}

function fileTags(program: Program): readonly PlannedTag[] {
  return [
    { key: "mlpipe.file", value: program.file },
    { key: "mlpipe.edition", value: String(program.edition) },
    { key: "mlpipe.source_digest", value: { later: "source_digest" } },
  ];
}

function runTags(run: Run, scope: HoleScope): readonly PlannedTag[] {
  return [
    ...(run.doc ? [{ key: "mlflow.note.content", value: run.doc }] : []),
    { key: "mlpipe.run", value: run.name },
    ...(run.seed === undefined ? [] : [{ key: "mlpipe.seed", value: String(run.seed) }]),
    ...fillTags(run.tags, scope),
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
