/** Everything that a source holds in terms that do not depend on the store: names stand for ids, roots for places. */
import type {
  KeyValue,
  LoggedModel,
  MetricPoint,
  TrackedRun,
} from "../../src/tracking/entities.ts";
import { copiedTags } from "../../src/tracking/transfer/marks.ts";
import type { Source } from "../../src/tracking/transfer/source.ts";
import { all, artifactsOf, pointsOf } from "./source.ts";

type Names = ReadonlyMap<string, string>;

/** Two stores hold the same if this is the same. Runs and models of one experiment need different names. */
export async function takeStock(source: Source): Promise<Record<string, unknown>> {
  const experiments = await all(source.experiments());
  const runs: TrackedRun[] = [];
  const models: LoggedModel[] = [];
  for (const { experiment_id } of experiments) {
    for (const head of await all(source.runs(experiment_id)))
      runs.push((await source.run(head.info.run_id)) ?? head);
    models.push(...(await all(source.loggedModels(experiment_id))));
  }
  const names = new Map([
    ...experiments.map((each) => [each.experiment_id, each.name] as const),
    ...runs.map(({ info }) => [info.run_id, `run ${info.run_name}`] as const),
    ...models.map(({ info }) => [info.model_id, `model ${info.name}`] as const),
  ]);
  const stock: Record<string, unknown> = { runs: runs.length, models: models.length };
  for (const { name, lifecycle_stage, tags } of experiments)
    stock[`experiment ${name}`] = { lifecycle_stage, tags: pairs(tags, names) };
  for (const run of runs)
    stock[nameOf(run.info.run_id, names)] = await runStock(source, run, names);
  for (const model of models)
    stock[nameOf(model.info.model_id, names)] = await modelStock(source, model, names);
  for (const model of await all(source.registeredModels())) {
    const { aliases = [] } = model;
    stock[`registered ${model.name}`] = {
      description: model.description ?? "",
      tags: pairs(model.tags, names),
      aliases: aliases.map(({ alias, version }) => `${alias} ${version}`).toSorted(),
      versions: await versionStock(source, model.name, { names, runs, models }),
    };
  }
  return stock;
}

function nameOf(id: string, names: Names): string {
  return names.get(id) ?? id;
}

function pairs(tags: readonly KeyValue[] | undefined, names: Names): readonly string[] {
  return copiedTags(tags)
    .map(({ key, value }) => `${key} = ${replaceIds(value, names)}`)
    .toSorted();
}

function replaceIds(text: string, names: Names): string {
  return text.replaceAll(/\b(m-)?[0-9a-f]{32}\b/g, (id) => nameOf(id, names));
}

async function runStock(source: Source, run: TrackedRun, names: Names): Promise<object> {
  const { info, data, inputs = {}, outputs = {} } = run;
  const points = Object.values(await pointsOf(source, run)).flat();
  return {
    experiment: nameOf(info.experiment_id, names),
    status: info.status,
    lifecycle_stage: info.lifecycle_stage,
    times: [info.start_time, info.end_time ?? 0],
    params: pairs(data.params, names),
    tags: pairs(data.tags, names),
    points: points.map(printPoint).toSorted(),
    datasets: (inputs.dataset_inputs ?? [])
      .map(({ dataset, tags }) => JSON.stringify([sorted(dataset), pairs(tags, names)]))
      .toSorted(),
    used: (inputs.model_inputs ?? []).map(({ model_id }) => nameOf(model_id, names)).toSorted(),
    made: (outputs.model_outputs ?? [])
      .map(({ model_id, step }) => `${nameOf(model_id, names)} at ${step}`)
      .toSorted(),
    artifacts: await artifactsOf(source, { kind: "run", id: info.run_id, uri: info.artifact_uri }),
  };
}

function sorted(fields: object): object {
  return Object.fromEntries(Object.entries(fields).toSorted());
}

/** MLflow's databases keep infinities as the largest doubles, and no sign of zero. */
function printPoint({ key, value, timestamp, step }: MetricPoint): string {
  const kept = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE) + 0;
  return `${key} ${kept} ${timestamp} ${step}`;
}

async function modelStock(source: Source, model: LoggedModel, names: Names): Promise<object> {
  const { info, data } = model;
  const owner = { kind: "model", id: info.model_id, uri: info.artifact_uri } as const;
  return {
    experiment: nameOf(info.experiment_id, names),
    status: info.status,
    type: info.model_type ?? "",
    run: nameOf(info.source_run_id ?? "", names),
    params: pairs(data.params, names),
    tags: pairs(info.tags, names),
    points: (data.metrics ?? [])
      .map((point) => {
        const { run_id = "", dataset_name = "", dataset_digest = "" } = point;
        return [printPoint(point), nameOf(run_id, names), dataset_name, dataset_digest].join(" ");
      })
      .toSorted(),
    artifacts: await artifactsOf(source, owner),
  };
}

async function versionStock(
  source: Source,
  name: string,
  { names, runs, models }: { names: Names; runs: TrackedRun[]; models: LoggedModel[] },
): Promise<readonly object[]> {
  const roots = [...runs, ...models]
    .map(({ info }) => info.artifact_uri)
    .filter((uri) => uri !== "");
  return (await all(source.modelVersions(name))).map((version) => {
    const root = roots.find((uri) => version.source.startsWith(uri)) ?? "";
    const place = version.source.slice(root.length);
    return {
      version: version.version,
      description: version.description ?? "",
      stage: version.current_stage ?? "None",
      run: nameOf(version.run_id ?? "", names),
      tags: pairs(version.tags, names),
      source: root === "" ? replaceIds(place, names) : `ROOT${place}`,
    };
  });
}
