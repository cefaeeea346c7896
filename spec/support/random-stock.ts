/** Random contents of a store: experiments, runs below runs, models and versions, made by calls as a client makes them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { Tracking } from "../../src/tracking/tracking.ts";

export interface RandomRun {
  readonly experiment: number;
  /** Of the runs before it. */
  readonly parent: number | undefined;
  readonly status: "RUNNING" | "FINISHED" | "FAILED" | "KILLED" | "SCHEDULED";
  readonly isDeleted: boolean;
  readonly start: number;
  readonly user: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly points: readonly {
    readonly key: string;
    readonly value: number;
    readonly timestamp: number;
    readonly step: number;
  }[];
  readonly datasets: readonly { readonly name: string; readonly digest: string }[];
  readonly artifacts: Readonly<Record<string, string>>;
  readonly model: RandomModel | undefined;
}

interface RandomModel {
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly isReady: boolean;
  readonly score: number | undefined;
  readonly artifacts: Readonly<Record<string, string>>;
}

export interface RandomStock {
  readonly experiments: readonly {
    readonly isDeleted: boolean;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly runs: readonly RandomRun[];
  /** Versions of one registered model: of which run, and whether it is deleted again. */
  readonly versions: readonly {
    readonly run: number;
    readonly isDeleted: boolean;
    readonly alias: string | undefined;
    readonly stage: "None" | "Staging" | "Production";
  }[];
}

const key = fc
  .array(fc.stringMatching(/^[a-z][a-z0-9_. -]{0,6}[a-z0-9]$/), { minLength: 1, maxLength: 2 })
  .map((parts) => parts.join("/"));
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "grapheme", maxLength: 8 }));
const texts = fc.dictionary(key, text, { maxKeys: 4, noNullPrototype: true });
const value = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, 5e-324, 0.1 + 0.2),
);
const point = fc.record({
  key,
  value,
  timestamp: fc.integer({ min: 0, max: 2_000_000_000_000 }),
  step: fc.integer(),
});
const artifacts = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,3}(\/[a-z]{1,3})?\.txt$/),
  fc.string({ maxLength: 20 }),
  { maxKeys: 3, noNullPrototype: true },
);
const model = fc.record({
  params: texts,
  tags: texts,
  isReady: fc.boolean(),
  score: fc.option(value, { nil: undefined }),
  artifacts,
});
const run = fc.record({
  experiment: fc.nat({ max: 2 }),
  parent: fc.option(fc.nat(), { nil: undefined }),
  status: fc.constantFrom("RUNNING", "FINISHED", "FAILED", "KILLED", "SCHEDULED"),
  isDeleted: fc.boolean(),
  start: fc.integer({ min: 1, max: 2_000_000_000_000 }),
  user: fc.constantFrom("", "ada", "bob"),
  params: texts,
  tags: texts,
  points: fc.array(point, { maxLength: 8 }),
  datasets: fc.uniqueArray(fc.record({ name: key, digest: fc.stringMatching(/^[0-9a-f]{8}$/) }), {
    maxLength: 2,
    selector: ({ name, digest }) => `${name} ${digest}`,
  }),
  artifacts,
  model: fc.option(model, { nil: undefined }),
});

export const randomStock: fc.Arbitrary<RandomStock> = fc.record({
  experiments: fc.array(fc.record({ isDeleted: fc.boolean(), tags: texts }), {
    minLength: 3,
    maxLength: 3,
  }),
  runs: fc.array(run, { minLength: 1, maxLength: 4 }),
  versions: fc.array(
    fc.record({
      run: fc.nat(),
      isDeleted: fc.boolean(),
      alias: fc.option(fc.constantFrom("champion", "challenger"), { nil: undefined }),
      stage: fc.constantFrom("None", "Staging", "Production"),
    }),
    { maxLength: 4 },
  ),
});

interface Made {
  readonly id: string;
  readonly artifactUri: string;
  readonly modelId: string | undefined;
}

/** Makes it, with calls only. */
export async function fill(tracking: Tracking, stock: RandomStock): Promise<void> {
  const experiments: string[] = [];
  for (const [at, { tags }] of stock.experiments.entries()) {
    const name = `experiment ${at}`;
    const made = await tracking.call("experiments/create", { name, tags: pairs(tags) });
    experiments.push(made.experiment_id);
  }
  const runs: Made[] = [];
  for (const [at, each] of stock.runs.entries())
    runs.push(await makeRun(tracking, each, at, experiments[each.experiment] ?? "0", runs));
  await makeVersions(tracking, stock, runs);
  for (const [at, { isDeleted }] of stock.runs.entries())
    if (isDeleted) await tracking.call("runs/delete", { run_id: runs[at]?.id ?? "" });
  for (const [at, { isDeleted }] of stock.experiments.entries())
    if (isDeleted)
      await tracking.call("experiments/delete", { experiment_id: experiments[at] ?? "" });
}

function pairs(fields: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(fields).map(([name, text]) => ({ key: name, value: text }));
}

async function makeRun(
  tracking: Tracking,
  each: RandomRun,
  at: number,
  experiment_id: string,
  before: readonly Made[],
): Promise<Made> {
  const parent = each.parent === undefined ? undefined : before[each.parent % (at + 1)]?.id;
  const { run: made } = await tracking.call("runs/create", {
    experiment_id,
    run_name: `run ${at}`,
    start_time: each.start,
    user_id: each.user,
    tags: parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }],
  });
  const run_id = made.info.run_id;
  await tracking.call("runs/log-batch", {
    run_id,
    params: pairs(each.params),
    tags: pairs(each.tags),
    metrics: each.points,
  });
  const datasets = each.datasets.map((dataset) => ({
    dataset: { ...dataset, source_type: "local", source: "{}" },
    tags: [{ key: "mlflow.data.context", value: "training" }],
  }));
  if (datasets.length > 0) await tracking.call("runs/log-inputs", { run_id, datasets });
  await putFiles(tracking, run_id, each.artifacts);
  const modelId =
    each.model && (await makeModel(tracking, each.model, { at, run_id, experiment_id }));
  if (each.status !== "RUNNING")
    await tracking.call("runs/update", { run_id, status: each.status, end_time: each.start + 5 });
  return { id: run_id, artifactUri: made.info.artifact_uri, modelId };
}

async function makeModel(
  tracking: Tracking,
  each: RandomModel,
  place: { readonly at: number; readonly run_id: string; readonly experiment_id: string },
): Promise<string> {
  const { run_id, experiment_id, at } = place;
  const made = await tracking.call("logged-models/create", {
    experiment_id,
    name: `model ${at}`,
    source_run_id: run_id,
    params: pairs(each.params),
    tags: pairs(each.tags),
  });
  const { model_id } = made.model.info;
  await putFiles(tracking, model_id, each.artifacts);
  await tracking.call("runs/outputs", { run_id, models: [{ model_id, step: at }] });
  if (each.score !== undefined)
    await tracking.call("runs/log-batch", {
      run_id,
      metrics: [{ key: "score", value: each.score, timestamp: 7, step: 1, model_id }],
    });
  if (each.isReady)
    await tracking.call("logged-models/finalize", { model_id, status: "LOGGED_MODEL_READY" });
  return model_id;
}

async function putFiles(
  tracking: Tracking,
  owner: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mlpipe-stock-"));
  try {
    const file = join(folder, "content");
    for (const [path, content] of Object.entries(files)) {
      await writeFile(file, content);
      await tracking.upload(owner, file, path);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeVersions(
  tracking: Tracking,
  { versions }: RandomStock,
  runs: readonly Made[],
): Promise<void> {
  if (versions.length === 0) return;
  const name = "Tree's";
  await tracking.call("registered-models/create", { name, description: "all" });
  for (const { run: at, isDeleted, alias, stage } of versions) {
    const made = runs[at % runs.length];
    if (made === undefined) continue;
    const source =
      made.modelId === undefined ? `${made.artifactUri}/model` : `models:/${made.modelId}`;
    const { model_version: version } = await tracking.call("model-versions/create", {
      name,
      source,
      run_id: made.id,
      ...(made.modelId !== undefined && { model_id: made.modelId }),
      tags: [{ key: "of", value: String(at) }],
    });
    const place = { name, version: version.version };
    if (stage !== "None")
      await tracking.call("model-versions/transition-stage", {
        ...place,
        stage,
        archive_existing_versions: false,
      });
    if (isDeleted) await tracking.call("model-versions/delete", place);
    else if (alias !== undefined)
      await tracking.call("registered-models/set-alias", { ...place, alias });
  }
}
