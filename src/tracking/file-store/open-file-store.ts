/** An `mlruns` folder of MLflow's earlier versions as a source of runs. */
import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Experiment, LoggedModel, TrackedRun } from "../entities.ts";
import { identify } from "../transfer/identity.ts";
import { findArtifacts, walkArtifacts, type LocalArtifacts } from "../transfer/local-artifacts.ts";
import type { Owner, Report, Source } from "../transfer/source.ts";
import { TrackingError } from "../tracking.ts";
import { readExperiment } from "./experiments.ts";
import type { FileStore } from "./folder.ts";
import { findExperiments, type ExperimentFolder } from "./layout.ts";
import { readLoggedModel } from "./logged-models.ts";
import { readModelVersions, readRegisteredModels } from "./registry.ts";
import { readHistory, readMetricKeys, readRun, readRunHead, type RunPlace } from "./runs.ts";

interface Opened extends LocalArtifacts {
  readonly store: FileStore;
  readonly experiments: ReadonlyMap<string, ExperimentFolder>;
  readonly runs: ReadonlyMap<string, RunPlace>;
  /** Folders of logged models, by id. */
  readonly models: ReadonlyMap<string, string>;
}

/**
 * Reads the folder `path`; `artifactsFrom` are more folders that its artifacts may be read from.
 * Rejects with TrackingError if it is no such folder.
 */
export async function openFileStore(
  path: string,
  report: Report,
  artifactsFrom: readonly string[] = [],
): Promise<Source> {
  const root = await realpath(path).catch((cause: unknown) => {
    throw new TrackingError(
      "STORE_UNUSABLE",
      `${path} is not there`,
      "name the folder `mlruns`",
      cause,
    );
  });
  const store = { root, report };
  const folders = await findExperiments(store);
  const folder = dirname(root);
  return asSource(path, {
    store,
    folder,
    roots: [root, join(folder, "mlartifacts"), ...artifactsFrom],
    report,
    experiments: new Map(folders.map((each) => [each.id, each])),
    runs: new Map(folders.flatMap(placesOf)),
    models: new Map(folders.flatMap(({ models }) => [...models])),
  });
}

function placesOf(experiment: ExperimentFolder): readonly (readonly [string, RunPlace])[] {
  return [...experiment.runs].map(([id, folder]) => [
    id,
    { id, folder, experimentId: experiment.id, experimentFolder: experiment.path },
  ]);
}

function asSource(path: string, opened: Opened): Source {
  const { store, runs, models } = opened;
  const folderOf = async (owner: Owner): Promise<string | undefined> => {
    const own = owner.kind === "run" ? runs.get(owner.id)?.folder : models.get(owner.id);
    return findArtifacts(opened, owner, own === undefined ? [] : [join(own, "artifacts")]);
  };
  return {
    uri: path,
    identity: identify(store.root),
    experiments: () => listExperiments(opened),
    runs: (experimentId) => listRuns(opened, experimentId),
    run: async (id) => whenKnown(runs.get(id), (place) => readRun(store, place)),
    metricKeys: async ({ info }) =>
      (await whenKnown(runs.get(info.run_id), (place) => readMetricKeys(store, place))) ?? [],
    async *history(runId, key) {
      const place = runs.get(runId);
      if (place !== undefined) yield await readHistory(store, place, key);
    },
    loggedModels: (experimentId) => listModels(opened, experimentId),
    loggedModel: async (id) =>
      whenKnown(models.get(id), (folder) => readLoggedModel(store, folder)),
    registeredModels: () => readRegisteredModels(store),
    modelVersions: (name) => readModelVersions(store, name),
    async *files(owner) {
      const folder = await folderOf(owner);
      if (folder !== undefined) yield* walkArtifacts(opened, folder);
    },
    async read(owner, file, use) {
      return use(join((await folderOf(owner)) ?? "", file));
    },
    close: async () => {},
  };
}

async function whenKnown<Place, Found>(
  place: Place | undefined,
  read: (place: Place) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  return place === undefined ? undefined : read(place);
}

async function* listExperiments({ store, experiments }: Opened): AsyncGenerator<Experiment> {
  for (const folder of experiments.values()) {
    const experiment = await readExperiment(store, folder);
    if (experiment !== undefined) yield experiment;
  }
}

async function* listRuns(
  { store, runs, experiments }: Opened,
  experimentId: string,
): AsyncGenerator<TrackedRun> {
  for (const id of experiments.get(experimentId)?.runs.keys() ?? []) {
    const run = await whenKnown(runs.get(id), (place) => readRunHead(store, place));
    if (run !== undefined) yield run;
  }
}

async function* listModels(
  { store, experiments }: Opened,
  experimentId: string,
): AsyncGenerator<LoggedModel> {
  for (const folder of experiments.get(experimentId)?.models.values() ?? []) {
    const model = await readLoggedModel(store, folder);
    if (model !== undefined) yield model;
  }
}
