/** What a run of an `mlruns` folder has used and made: data sets, and logged models. */
import { join } from "node:path";
import {
  dataset,
  keyValue,
  type Dataset,
  type DatasetInput,
  type TrackedRun,
} from "../entities.ts";
import { integer, list, message, optional, preset, text } from "../shape.ts";
import { listFolder, readMeta, type FileStore } from "./folder.ts";

interface Place {
  readonly experimentFolder: string;
  readonly folder: string;
}

/** MLflow writes the other end's id as that of both ends. */
const link = message({
  source_type: text,
  source_id: text,
  tags: optional(list(keyValue)),
  step: preset(integer, 0),
});

export async function readInputs(
  store: FileStore,
  { folder, experimentFolder }: Place,
): Promise<NonNullable<TrackedRun["inputs"]>> {
  const datasets: DatasetInput[] = [];
  const models: { readonly model_id: string }[] = [];
  for (const entry of await listFolder(store, join(folder, "inputs"))) {
    const meta = await readMeta(store, entry.path, link);
    if (meta?.source_type === "MODEL") models.push({ model_id: meta.source_id });
    else if (meta?.source_type === "DATASET") {
      const found = await readDataset(store, experimentFolder, meta.source_id);
      if (found !== undefined) datasets.push({ dataset: found, tags: meta.tags ?? [] });
    }
  }
  return { dataset_inputs: datasets, model_inputs: models };
}

async function readDataset(
  store: FileStore,
  experimentFolder: string,
  id: string,
): Promise<Dataset | undefined> {
  const place = join(experimentFolder, "datasets", id);
  if (/^[\w-]+$/.test(id)) return readMeta(store, place, dataset);
  store.report({ place, message: "is no folder of a data set" });
  return undefined;
}

export async function readOutputs(
  store: FileStore,
  { folder }: Place,
): Promise<NonNullable<TrackedRun["outputs"]>> {
  const models: { readonly model_id: string; readonly step: number }[] = [];
  for (const entry of await listFolder(store, join(folder, "outputs"))) {
    const meta = await readMeta(store, entry.path, link);
    if (meta !== undefined) models.push({ model_id: meta.source_id, step: meta.step });
  }
  return { model_outputs: models };
}
