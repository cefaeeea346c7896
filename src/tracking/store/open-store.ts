/** The embedded tracker: opens or makes its file, then answers every call from it. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError, type ArtifactStreams, type Tracking } from "../tracking.ts";
import { downloadArtifact, streamArtifacts, uploadArtifact } from "./artifacts.ts";
import type { ArtifactPlaces } from "./artifact-place.ts";
import { Database } from "./database.ts";
import { answer } from "./answer.ts";
import { createDefaultExperiment } from "./create-experiment.ts";
import { checkSchema, createTables, isEmpty, viewOlderSchema } from "./schema.ts";
import { isReadOnly } from "./sqlite-failure.ts";
import { randomId, type Store } from "./store.ts";
import { isOfFirstRevision, upgradeTables } from "./upgrade-schema.ts";

export interface StoreOptions extends ArtifactPlaces {
  /** The tracking URI as the user wrote it. */
  readonly uri: string;
  /** Milliseconds since 1970; absent: the clock. */
  readonly now?: () => number;
  /** Milliseconds to wait for other programs that write the file; absent: 20,000, as MLflow. */
  readonly patience?: number;
}

/** What a call takes from elsewhere instead of making it up: a run keeps its id when it moves between stores. */
export interface Given {
  readonly id?: string;
  /** Milliseconds since 1970 that the call takes for now. */
  readonly now?: number;
}

export interface StoreTracking extends Tracking {
  /** As `call`. An id that is taken is refused. */
  callWith<E extends EndpointName>(
    given: Given,
    endpoint: E,
    request: RequestOf<E>,
  ): Promise<ResponseOf<E>>;
}

/** Opens `file` (absolute), made with its folders and the experiment `Default` if there is nothing yet. */
export async function openStore(file: string, options: StoreOptions): Promise<StoreTracking> {
  await prepareFolder(file);
  const database = new Database(file, { checkSchema, ...patienceOf(options) });
  const store = storeOf(database, options);
  try {
    if (await database.read(() => isEmpty(database))) await createStore(store);
    else await upgradeStore(database);
  } catch (cause) {
    await database.close();
    throw cause;
  }
  return new EmbeddedTracking(store, options.uri);
}

function storeOf(database: Database, { now = Date.now, ...places }: StoreOptions): Store {
  return { ...places, database, now, newId: randomId };
}

/** Opens `file` (absolute) to read it, of whatever version of MLflow it is; nothing in it is changed. */
export async function openStoreToRead(file: string, options: StoreOptions): Promise<Tracking> {
  const database = new Database(file, {
    readOnly: true,
    checkSchema: () => {},
    ...patienceOf(options),
  });
  try {
    await database.configure(await viewOlderSchema(database));
  } catch (cause) {
    await database.close();
    throw cause;
  }
  return new EmbeddedTracking(storeOf(database, options), options.uri);
}

function patienceOf({ patience }: StoreOptions): { readonly patience?: number } {
  return patience === undefined ? {} : { patience };
}

async function prepareFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
  } catch (cause) {
    throw new TrackingError(
      "STORE_UNUSABLE",
      `the folder of ${file} cannot be made`,
      "name a file in a folder that you may write to",
      cause,
    );
  }
  if ((await stat(file).catch(() => undefined))?.isDirectory() === true) {
    throw new TrackingError(
      "STORE_UNUSABLE",
      `${file} is a folder`,
      "name a file in it, as sqlite:///folder/mlflow.db",
    );
  }
}

/** Writers and readers of a file in WAL mode do not wait for each other; where it cannot be had, SQLite's default serves. */
async function createStore(store: Store): Promise<void> {
  const { database } = store;
  await database.configure("PRAGMA journal_mode = WAL");
  await database.write(() => {
    if (!isEmpty(database)) return;
    createTables(database);
    createDefaultExperiment(store);
  });
}

/** A file that may only be read stays as it is, and serves for what it has. */
async function upgradeStore(database: Database): Promise<void> {
  if (!(await database.read(() => isOfFirstRevision(database)))) return;
  try {
    await database.write(() => {
      if (isOfFirstRevision(database)) upgradeTables(database);
    });
  } catch (cause) {
    if (!(cause instanceof TrackingError && isReadOnly(cause.cause))) throw cause;
  }
}

class EmbeddedTracking implements StoreTracking {
  readonly uri: string;
  readonly artifacts: ArtifactStreams;
  readonly #store: Store;

  constructor(store: Store, uri: string) {
    this.#store = store;
    this.uri = uri;
    this.artifacts = streamArtifacts(store);
  }

  call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> {
    return answer(this.#store, endpoint, request);
  }

  callWith<E extends EndpointName>(
    { id, now }: Given,
    endpoint: E,
    request: RequestOf<E>,
  ): Promise<ResponseOf<E>> {
    const store = {
      ...this.#store,
      ...(id !== undefined && { newId: () => id }),
      ...(now !== undefined && { now: () => now }),
    };
    return answer(store, endpoint, request);
  }

  upload(runId: string, localFile: string, path: string): Promise<void> {
    return uploadArtifact(this.#store, runId, localFile, path);
  }

  download(runId: string, path: string, target: string): Promise<void> {
    return downloadArtifact(this.#store, runId, path, target);
  }

  close(): Promise<void> {
    return this.#store.database.close();
  }
}
