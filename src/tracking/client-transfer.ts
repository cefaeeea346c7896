/** One artifact file at a time: to and from a server's proxy, a folder of this machine, or addresses signed for it. */
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, realpath, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { attribute } from "./client-breakdown.ts";
import { explainMalformed, explainRefusal, type Answer } from "./client-failure.ts";
import {
  fileFailed,
  isSuccess,
  readAnswer,
  receive,
  sendSlice,
  sizeOf,
  type Download,
  type Slice,
} from "./client-file.ts";
import { openTransfer, type Client, type Connection } from "./client-http.ts";
import type { Settings } from "./client-settings.ts";
import type { ArtifactFile } from "./entities.ts";
import { artifactUrl, type ReachablePlace } from "./proxy.ts";
import { retry, type Attempt, type Budget } from "./retry.ts";
import { TrackingError } from "./tracking.ts";

/** Puts a local file at `path` of the place, replacing what is there. */
export async function storeFile(
  client: Client,
  place: ReachablePlace,
  localFile: string,
  path: string,
): Promise<void> {
  const slice = { localFile, start: 0, length: await sizeOf(localFile) };
  switch (place.kind) {
    case "folder":
      return copyInto(place.folder, localFile, path);
    case "signed":
      return place.store(slice, path);
    case "proxy":
      refuseEncoded(path);
      return retry(client.patience, client.surroundings, (budget) =>
        put(client, artifactUrl(place, path), slice, budget),
      );
    default:
      return place satisfies never;
  }
}

/** MLflow's proxy decodes a name until nothing is left to decode, and so would store it under another. */
function refuseEncoded(path: string): void {
  if (!/%[0-9a-f]{2}/i.test(path)) return;
  throw new TrackingError(
    "INVALID_PARAMETER_VALUE",
    `MLflow would not keep the artifact name ${JSON.stringify(path)}: it reads % and two digits as one character`,
    "Give it a name without that.",
  );
}

async function put(
  { connection }: Client,
  url: string,
  slice: Slice,
  budget: Budget,
): Promise<Attempt<void>> {
  const headers = { "content-type": "application/octet-stream" };
  const sent = await sendSlice(connection, { method: "PUT", url, headers }, slice, budget);
  return sent.kind === "failed" ? sent : readReceipt(connection.settings, url, sent.value);
}

/** MLflow answers `{}`, plain stores nothing; a login page would answer in HTML. */
function readReceipt(settings: Settings, url: string, answer: Answer): Attempt<void> {
  if (!isSuccess(answer)) return refused(settings, url, answer);
  if (/^\s*(\{[^]*\}\s*)?$/.test(answer.text)) return { kind: "done", value: undefined };
  return {
    kind: "failed",
    failure: explainMalformed(answer, "the answer to an upload is no JSON", settings),
  };
}

/** Copies one artifact to `target`, which is overwritten: the caller makes it visible when it is whole. */
export async function fetchFile(
  client: Client,
  place: ReachablePlace,
  entry: ArtifactFile,
  target: string,
): Promise<void> {
  switch (place.kind) {
    case "folder":
      return copyFrom(place.folder, entry.path, target);
    case "signed":
      return place.fetch(entry, target);
    case "proxy": {
      const download = { url: artifactUrl(place, entry.path), entry, target };
      return retry(client.patience, client.surroundings, (budget) =>
        get(client.connection, download, budget),
      );
    }
    default:
      return place satisfies never;
  }
}

async function get(
  connection: Connection,
  download: Download,
  budget: Budget,
): Promise<Attempt<void>> {
  const { url } = download;
  const opened = await openTransfer(connection, { method: "GET", url }, budget);
  if (opened.kind === "failed") return opened;
  if (isSuccess(opened.value)) return receive(connection, download, opened.value, budget);
  const said = await readAnswer(connection, url, opened.value);
  if (said.kind === "failed") return said;
  return refused(connection.settings, url, said.value);
}

function refused(settings: Settings, url: string, answer: Answer): Attempt<void> {
  const { origin } = new URL(url);
  const place = origin === settings.origin ? settings : { ...settings, uri: origin };
  return { kind: "failed", failure: attribute(explainRefusal(answer, place), url, settings) };
}

/** The new content appears under its name all at once. */
async function copyInto(root: string, localFile: string, path: string): Promise<void> {
  const target = join(root, path);
  const unfinished = `${target}.${randomUUID().slice(0, 8)}.part`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await refuseOutside(root, dirname(target));
    await copyFile(localFile, unfinished);
    await rename(unfinished, target);
  } catch (cause) {
    throw asFileFailed(`${localFile} cannot be copied to ${target}`, cause);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function copyFrom(root: string, path: string, target: string): Promise<void> {
  const source = join(root, path);
  try {
    await refuseOutside(root, source);
    await copyFile(source, target);
  } catch (cause) {
    throw asFileFailed(`${source} cannot be copied to ${target}`, cause);
  }
}

/** A symbolic link may lead out of the run's own folder. */
async function refuseOutside(root: string, path: string): Promise<void> {
  const way = relative(await realpath(root), await realpath(path));
  if (way === ".." || way.startsWith("../"))
    throw fileFailed(`${path} leads out of the run's artifact folder`, undefined);
}

function asFileFailed(message: string, cause: unknown): TrackingError {
  return cause instanceof TrackingError ? cause : fileFailed(message, cause);
}
