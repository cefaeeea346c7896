/** The model registry of an `mlruns` folder, below `models/`. */
import { join } from "node:path";
import {
  modelVersionStatuses,
  type KeyValue,
  type ModelVersion,
  type RegisteredModel,
} from "../entities.ts";
import { choice, integer, message, optional, preset, text } from "../shape.ts";
import { listFolder, metaFile, readMeta, readTexts, type FileStore } from "./folder.ts";

const times = {
  creation_timestamp: preset(integer, 0),
  last_updated_timestamp: preset(integer, 0),
};
const registeredMeta = message({ name: text, description: optional(text), ...times });
const versionMeta = message({
  name: text,
  version: text,
  ...times,
  current_stage: optional(text),
  description: optional(text),
  source: preset(text, ""),
  run_id: optional(text),
  run_link: optional(text),
  model_id: optional(text),
  status: preset(choice(modelVersionStatuses), "READY"),
  status_message: optional(text),
  user_id: optional(text),
});

/** The stage of a version that was deleted: its folder stays so that its number is not given again. */
const deletedStage = "Deleted_Internal";

function registryOf(store: FileStore): string {
  return join(store.root, "models");
}

export async function* readRegisteredModels(store: FileStore): AsyncGenerator<RegisteredModel> {
  for (const { name: folder, path, isFolder } of await listFolder(store, registryOf(store))) {
    // Experiments of a database may keep their models' files in a folder of this name.
    const inside = isFolder ? await listFolder(store, path) : [];
    if (!inside.some(({ name }) => name === metaFile)) continue;
    const meta = await readMeta(store, path, registeredMeta);
    if (meta === undefined || !isNamed(store, path, folder, meta.name)) continue;
    const aliases = await readAliases(store, path);
    const tags = await readTexts(store, join(path, "tags"));
    yield {
      ...meta,
      tags,
      aliases: aliases.map(({ key, value }) => ({ alias: key, version: value })),
    };
  }
}

function isNamed(store: FileStore, place: string, folder: string, name: string): boolean {
  if (folder === name) return true;
  store.report({ place, message: `says that it is the model ${name}, and is left out` });
  return false;
}

function readAliases(store: FileStore, model: string): Promise<readonly KeyValue[]> {
  return readTexts(store, join(model, "aliases"));
}

/** From the lowest number to the highest. */
export async function* readModelVersions(
  store: FileStore,
  name: string,
): AsyncGenerator<ModelVersion> {
  const model = join(registryOf(store), name);
  const aliases = await readAliases(store, model);
  for (const number of await numbersOf(store, model)) {
    const folder = join(model, `version-${number}`);
    const meta = await readMeta(store, folder, versionMeta);
    if (meta === undefined || meta.current_stage === deletedStage) continue;
    const own = aliases.filter(({ value }) => value === meta.version);
    const tags = await readTexts(store, join(folder, "tags"));
    yield { ...meta, tags, aliases: own.map(({ key }) => key) };
  }
}

async function numbersOf(store: FileStore, model: string): Promise<readonly number[]> {
  const names = (await listFolder(store, model)).map((entry) => entry.name);
  return names
    .map((name) => Number(/^version-(\d+)$/.exec(name)?.[1]))
    .filter((number) => number > 0)
    .toSorted((a, b) => a - b);
}
