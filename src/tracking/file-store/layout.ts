/** Where in an `mlruns` folder each experiment, run and model lies: told by names alone, no file is opened. */
import { join } from "node:path";
import { TrackingError } from "../tracking.ts";
import { listFolder, metaFile, type Entry, type FileStore } from "./folder.ts";

export interface ExperimentFolder {
  readonly id: string;
  readonly path: string;
  /** It lies in the bin. */
  readonly isDeleted: boolean;
  /** Folders of runs, by id. */
  readonly runs: ReadonlyMap<string, string>;
  /** Folders of logged models, by id. */
  readonly models: ReadonlyMap<string, string>;
}

const registryFolder = "models";
const bin = ".trash";
/** What an experiment holds beside its runs. */
const reserved: ReadonlySet<string> = new Set(["tags", "datasets", "traces", "models"]);

/** Rejects with TrackingError where the folder holds no experiment at all. */
export async function findExperiments(store: FileStore): Promise<readonly ExperimentFolder[]> {
  const active = await experimentsIn(store, store.root, false);
  const deleted = await experimentsIn(store, join(store.root, bin), true);
  if (active.length + deleted.length > 0) return [...active, ...deleted];
  throw new TrackingError(
    "STORE_UNUSABLE",
    `${store.root} is no folder in which MLflow keeps runs: no experiment with a ${metaFile} is in it`,
    "name the folder `mlruns` itself; runs of MLflow 3.7 and later are in mlflow.db",
  );
}

async function experimentsIn(
  store: FileStore,
  folder: string,
  isDeleted: boolean,
): Promise<readonly ExperimentFolder[]> {
  const found: ExperimentFolder[] = [];
  for (const { name, path, isFolder } of await listFolder(store, folder)) {
    if (!isFolder || name === bin || name === registryFolder) continue;
    const inside = await listFolder(store, path);
    if (!inside.some((entry) => entry.name === metaFile)) {
      await reportRemains(store, path);
      continue;
    }
    await reportTraces(store, path);
    found.push({
      id: name,
      path,
      isDeleted,
      runs: await withMeta(
        store,
        inside.filter((entry) => !reserved.has(entry.name)),
      ),
      models: await withMeta(store, await listFolder(store, join(path, "models"))),
    });
  }
  return found;
}

/** Folders by name, those that have a `meta.yaml`; others are reported if there is more in them than artifacts. */
async function withMeta(
  store: FileStore,
  entries: readonly Entry[],
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const { name, path, isFolder } of entries) {
    if (!isFolder) continue;
    const inside = await listFolder(store, path);
    if (inside.some((entry) => entry.name === metaFile)) folders.set(name, path);
    else if (!isArtifacts(inside)) reportMissing(store, path);
  }
  return folders;
}

/** A database's runs keep their artifacts in such folders too, and nothing else. */
function isArtifacts(inside: readonly Entry[]): boolean {
  return inside.every(({ name }) => name === "artifacts");
}

function reportMissing(store: FileStore, folder: string): void {
  store.report({
    place: join(folder, metaFile),
    message: "is missing, so that all beside it is left out",
  });
}

/** An experiment of a database has here only folders of runs that have only artifacts. */
async function reportRemains(store: FileStore, folder: string): Promise<void> {
  for (const run of await listFolder(store, folder)) {
    const below = run.name === "models" ? await listFolder(store, run.path) : [run];
    for (const { path, isFolder } of below) {
      const isForeign = isFolder && isArtifacts(await listFolder(store, path));
      if (!isForeign) return reportMissing(store, folder);
    }
  }
}

async function reportTraces(store: FileStore, experiment: string): Promise<void> {
  const place = join(experiment, "traces");
  const { length } = await listFolder(store, place);
  if (length > 0) store.report({ place, message: `${length} traces are not brought over` });
}
