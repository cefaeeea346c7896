/** The embedded tracker: opens or makes its file, then answers every call from it. */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { EndpointName, RequestOf, ResponseOf } from "../endpoints.ts";
import { TrackingError, type Tracking } from "../tracking.ts";
import { downloadArtifact, uploadArtifact } from "./artifacts.ts";
import { Database } from "./database.ts";
import { answer } from "./answer.ts";
import { createDefaultExperiment } from "./experiments.ts";
import { checkSchema, createTables, isEmpty } from "./schema.ts";
import type { Store } from "./store.ts";

export interface StoreOptions {
  /** The tracking URI as the user wrote it. */
  readonly uri: string;
  /** Absolute folder below which artifacts land; relative locations in the store count from it. */
  readonly folder: string;
  /** Milliseconds since 1970; absent: the clock. */
  readonly now?: () => number;
  /** Milliseconds to wait for other programs that write the file; absent: 20,000, as MLflow. */
  readonly patience?: number;
}

/** Opens `file` (absolute), made with its folders and the experiment `Default` if there is nothing yet. */
export async function openStore(file: string, options: StoreOptions): Promise<Tracking> {
  await prepareFolder(file);
  const database = new Database(file, {
    checkSchema,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  const store: Store = { database, folder: options.folder, now: options.now ?? Date.now };
  try {
    if (await database.read(() => isEmpty(database))) await createStore(store);
  } catch (cause) {
    database.close();
    throw cause;
  }
  return new EmbeddedTracking(store, options.uri);
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

class EmbeddedTracking implements Tracking {
  readonly uri: string;
  readonly #store: Store;

  constructor(store: Store, uri: string) {
    this.#store = store;
    this.uri = uri;
  }

  call<E extends EndpointName>(endpoint: E, request: RequestOf<E>): Promise<ResponseOf<E>> {
    return answer(this.#store, endpoint, request);
  }

  upload(runId: string, localFile: string, path: string): Promise<void> {
    return uploadArtifact(this.#store, runId, localFile, path);
  }

  download(runId: string, path: string, target: string): Promise<void> {
    return downloadArtifact(this.#store, runId, path, target);
  }

  async close(): Promise<void> {
    this.#store.database.close();
  }
}
