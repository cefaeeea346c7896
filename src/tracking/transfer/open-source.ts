/** From what a user names to a source of runs: a folder store, a database file, or a server. */
import { open, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { openFileStore } from "../file-store/open-file-store.ts";
import { openTracking } from "../open.ts";
import { openStoreToRead } from "../store/open-store.ts";
import { readTrackingUri } from "../tracking-uri.ts";
import { requireAnswer } from "../require-answer.ts";
import { TrackingError } from "../tracking.ts";
import { identify, identifyServer } from "./identity.ts";
import { findArtifacts, walkArtifacts, type LocalArtifacts } from "./local-artifacts.ts";
import { remoteArtifacts } from "./remote-artifacts.ts";
import type { Owner, Report, Source } from "./source.ts";
import { trackingSource, type Artifacts } from "./tracking-source.ts";

export interface SourceOptions {
  /** Where relative files count from. */
  readonly folder: string;
  /** Settings of a server's client. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly report: Report;
  /** More folders that artifacts may be read from. */
  readonly artifactsFrom?: readonly string[];
  /** The store is the user's own: its artifacts may be anywhere. */
  readonly isOwn?: boolean;
}

/** `place`: `mlruns`, `mlflow.db`, `sqlite:///mlflow.db`, `file:///…`, `http://…`. Rejects with TrackingError, also where nobody answers. */
export async function openSource(place: string, options: SourceOptions): Promise<Source> {
  const path = localPath(place, options.folder);
  if (path === undefined) return openNamed(place, options);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw absent(place);
  return found.isDirectory()
    ? openFileStore(path, options.report, options.artifactsFrom)
    : openDatabase(path, place, options);
}

function absent(place: string, cause?: unknown): TrackingError {
  const message = `${place} is not there`;
  const fix = "name a folder `mlruns`, a file `mlflow.db`, or the http address of a server";
  return new TrackingError("STORE_UNUSABLE", message, fix, cause);
}

/** Undefined for what is no path: a database or a server by its URI. */
function localPath(place: string, folder: string): string | undefined {
  if (/^file:/i.test(place)) return filePath(place, folder);
  return /^[a-z][a-z0-9+.-]+:/i.test(place) || /^databricks$/i.test(place)
    ? undefined
    : resolve(folder, place);
}

function filePath(uri: string, folder: string): string {
  if (!/^file:\/\//i.test(uri)) return resolve(folder, uri.slice("file:".length));
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new TrackingError("STORE_UNUSABLE", `${uri} is no folder of this machine`, "", cause);
  }
}

async function openNamed(uri: string, options: SourceOptions): Promise<Source> {
  const place = readTrackingUri(uri, options.folder);
  if (place.kind === "store") return openDatabase(place.file, uri, options);
  const tracking = await openTracking(uri, { environment: options.environment });
  // Before anything is made for what is to come from there.
  await requireAnswer(tracking);
  const identity = identifyServer(tracking.address ?? tracking.uri);
  return trackingSource(tracking, identity, remoteArtifacts(tracking));
}

async function openDatabase(file: string, uri: string, options: SourceOptions): Promise<Source> {
  const path = await realpath(file).catch((cause: unknown) => {
    throw absent(uri, cause);
  });
  await refuseOtherFiles(path, uri);
  const folder = dirname(path);
  const tracking = await openStoreToRead(path, { uri, folder });
  return trackingSource(tracking, identify(path), databaseArtifacts(folder, options));
}

async function refuseOtherFiles(path: string, uri: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(15), 0, 15, 0);
    if (buffer.toString("latin1") === "SQLite format 3") return;
  } finally {
    await file.close();
  }
  throw new TrackingError(
    "STORE_UNUSABLE",
    `${uri} is no SQLite database`,
    "name a file in which MLflow keeps its runs, as mlflow.db",
  );
}

/** MLflow stores absolute paths: where a database was moved with its artifacts, they are looked for beside it. */
function databaseArtifacts(folder: string, options: SourceOptions): Artifacts {
  const artifacts: LocalArtifacts = {
    folder,
    report: options.report,
    ...(options.isOwn !== true && { roots: [folder, ...(options.artifactsFrom ?? [])] }),
  };
  const find = (owner: Owner): Promise<string | undefined> =>
    findArtifacts(artifacts, owner, besideDatabase(folder, owner));
  return {
    async *files(owner) {
      const found = await find(owner);
      if (found !== undefined) yield* walkArtifacts(artifacts, found);
    },
    read: async (owner, path, use) => use(join((await find(owner)) ?? "", path)),
  };
}

/** `/old/place/mlruns/1/…` is looked for as `mlruns/1/…` in `folder`. */
function besideDatabase(folder: string, { uri }: Owner): readonly string[] {
  const moved = /^(?:.*[/\\])?((?:mlruns|mlartifacts)[/\\].*)$/.exec(
    uri.replace(/^file:/, ""),
  )?.[1];
  return moved === undefined ? [] : [join(folder, moved)];
}
