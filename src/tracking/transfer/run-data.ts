/** What a run's copy lacks, and the sending of it: params, tags, metrics, inputs and outputs. */
import type { DatasetInput, KeyValue, MetricPoint, TrackedRun } from "../entities.ts";
import { unlessMissing, type Tracking } from "../tracking.ts";
import { gather } from "../pages.ts";
import { isRefusal, sendBatch } from "./send-batch.ts";
import { nameOf } from "./snapshot.ts";
import type { Report } from "./source.ts";
import { isUnknownCall, walkHistory } from "./tracking-source.ts";

/** A run as it is to be at the target; the ids in it are the target's. */
export interface Wanted {
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly points: readonly MetricPoint[];
  readonly inputs: NonNullable<TrackedRun["inputs"]>;
  readonly outputs: NonNullable<TrackedRun["outputs"]>;
}

/** Brings the copy up to what is wanted; nothing is taken away. Resolves to the number of things that were sent. */
export async function sendRunData(
  tracking: Tracking,
  copy: TrackedRun,
  wanted: Wanted,
  report: Report,
): Promise<number> {
  const { run_id } = copy.info;
  const params = lackingParams(copy, wanted.params, report);
  const tags = wanted.tags.filter(isOtherwiseIn(copy.data.tags));
  const metrics = await lackingPoints(tracking, copy, wanted.points);
  return (
    (await sendBatch(tracking, { run_id, params, tags, metrics }, report)) +
    (await sendInputs(tracking, copy, wanted.inputs, report)) +
    (await sendOutputs(tracking, copy, wanted.outputs, report))
  );
}

/** Params never change: where the copy has another value, it stays. */
function lackingParams(
  { info, data }: TrackedRun,
  wanted: readonly KeyValue[],
  report: Report,
): readonly KeyValue[] {
  const there = new Map((data.params ?? []).map(({ key, value }) => [key, value]));
  for (const { key, value } of wanted) {
    const known = there.get(key);
    if (known !== undefined && known !== value)
      report({
        place: `param ${key} of run ${info.run_id}`,
        message: `is ${JSON.stringify(known)} at the target and ${JSON.stringify(value)} here, and stays`,
      });
  }
  return wanted.filter(({ key }) => !there.has(key));
}

function isOtherwiseIn(there: readonly KeyValue[] = []): (tag: KeyValue) => boolean {
  const values = new Map(there.map(({ key, value }) => [key, value]));
  return ({ key, value }) => values.get(key) !== value;
}

async function lackingPoints(
  tracking: Tracking,
  { info, data }: TrackedRun,
  wanted: readonly MetricPoint[],
): Promise<readonly MetricPoint[]> {
  const keys = new Set((data.metrics ?? []).map(({ key }) => key));
  const there = new Set<string>();
  for (const key of new Set(wanted.map((point) => point.key)))
    if (keys.has(key))
      for (const point of await gather(walkHistory(tracking, info.run_id, key)))
        there.add(nameOf(point));
  const models = new Set(wanted.flatMap(({ model_id }) => model_id ?? []));
  for (const model of models)
    for (const point of await modelPoints(tracking, model, info.run_id))
      there.add(nameWithModel(point, model));
  return wanted.filter(
    (point) =>
      !there.has(
        point.model_id === undefined ? nameOf(point) : nameWithModel(point, point.model_id),
      ),
  );
}

function nameWithModel(point: MetricPoint, model: string): string {
  return `${model} ${nameOf(point)}`;
}

async function modelPoints(
  tracking: Tracking,
  model: string,
  runId: string,
): Promise<readonly MetricPoint[]> {
  const found = await unlessMissing(() => tracking.call("logged-models/get", { model_id: model }));
  return (found?.model.data.metrics ?? []).filter((point) => point.run_id === runId);
}

/** As MLflow tells data sets of an experiment apart. */
function nameDataset({ dataset }: DatasetInput): string {
  return JSON.stringify([dataset.name, dataset.digest]);
}

async function sendInputs(
  tracking: Tracking,
  { info, inputs }: TrackedRun,
  wanted: Wanted["inputs"],
  report: Report,
): Promise<number> {
  const there = new Set((inputs?.dataset_inputs ?? []).map(nameDataset));
  const datasets = (wanted.dataset_inputs ?? []).filter((input) => !there.has(nameDataset(input)));
  const models = lackingModels(inputs?.model_inputs, wanted.model_inputs);
  const request = { run_id: info.run_id, datasets, models };
  return unlessRefused(
    `inputs of run ${info.run_id}`,
    datasets.length + models.length,
    report,
    () => tracking.call("runs/log-inputs", request),
  );
}

function sendOutputs(
  tracking: Tracking,
  { info, outputs }: TrackedRun,
  wanted: Wanted["outputs"],
  report: Report,
): Promise<number> {
  const models = lackingModels(outputs?.model_outputs, wanted.model_outputs);
  return unlessRefused(`outputs of run ${info.run_id}`, models.length, report, () =>
    tracking.call("runs/outputs", { run_id: info.run_id, models }),
  );
}

function lackingModels<Link extends { readonly model_id: string }>(
  there: readonly Link[] = [],
  wanted: readonly Link[] = [],
): readonly Link[] {
  const known = new Set(there.map(({ model_id }) => model_id));
  return wanted.filter(({ model_id }) => !known.has(model_id));
}

/** Servers before MLflow 2.4 know no inputs. */
async function unlessRefused(
  place: string,
  count: number,
  report: Report,
  send: () => Promise<unknown>,
): Promise<number> {
  if (count === 0) return 0;
  try {
    await send();
    return count;
  } catch (error) {
    if (!isRefusal(error) && !isUnknownCall(error)) throw error;
    report({ place, message: `are refused: ${error.message}` });
    return 0;
  }
}
