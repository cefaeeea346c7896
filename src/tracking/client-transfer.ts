/** One artifact file at a time, streamed: to and from a server's proxy, or a folder of this machine. */
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { explainBreakdown } from "./client-breakdown.ts";
import { explainMalformed, explainRefusal, fail } from "./client-failure.ts";
import { openTransfer, type Client, type Incoming } from "./client-http.ts";
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
  const size = await sizeOf(localFile);
  if (place.kind === "folder") return copyInto(place.folder, localFile, path);
  refuseEncoded(path);
  const url = artifactUrl(place, path);
  await retry(client.patience, client.surroundings, (budget) =>
    put(client, { url, localFile, size }, budget),
  );
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

async function sizeOf(localFile: string): Promise<number> {
  const found = await stat(localFile).catch((cause: unknown) => {
    throw fileFailed(`${localFile} cannot be read`, cause);
  });
  if (found.isFile()) return found.size;
  throw fileFailed(`${localFile} is no file`, undefined);
}

function fileFailed(message: string, cause: unknown): TrackingError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new TrackingError("FILE_FAILED", `${message}${code}`, "", cause);
}

interface Upload {
  readonly url: string;
  readonly localFile: string;
  readonly size: number;
}

async function put(
  client: Client,
  { url, localFile, size }: Upload,
  budget: Budget,
): Promise<Attempt<void>> {
  const file = size === 0 ? undefined : createReadStream(localFile, { end: size - 1 });
  const body = file === undefined ? "" : Readable.from(watch(budget)(file), { objectMode: false });
  const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
  const sent = await openTransfer(client.connection, { method: "PUT", url, headers, body }, budget);
  const broken = file?.errored ?? changed(sent);
  if (broken) return fail(fileFailed(`${localFile} cannot be read to its end`, broken));
  return sent.kind === "failed" ? sent : readReceipt(client, sent.value, url);
}

/** The file was cut short between the look at its size and the end of reading. */
function changed(sent: Attempt<Incoming>): unknown {
  const cause = sent.kind === "failed" ? sent.failure.error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH" ? cause : undefined;
}

/** Every byte that passes gives the transfer its full time again. */
function watch(budget: Budget): (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (source) {
    for await (const chunk of source) {
      budget.renew();
      yield chunk;
    }
  };
}

/** MLflow answers `{}`, plain stores nothing; a login page would answer in HTML. */
async function readReceipt(
  client: Client,
  incoming: Incoming,
  url: string,
): Promise<Attempt<void>> {
  const answered = await readAll(client, incoming, url);
  if (answered.kind === "failed") return answered;
  const answer = { ...incoming, text: answered.value };
  const { settings } = client.connection;
  if (!isSuccess(incoming)) return { kind: "failed", failure: explainRefusal(answer, settings) };
  if (/^\s*(\{[^]*\}\s*)?$/.test(answer.text)) return { kind: "done", value: undefined };
  return fail(explainMalformed(answer, "the answer to an upload is no JSON", settings));
}

async function readAll(client: Client, incoming: Incoming, url: string): Promise<Attempt<string>> {
  try {
    return { kind: "done", value: await incoming.body.text() };
  } catch (cause) {
    return { kind: "failed", failure: breakdown(client, url, cause) };
  }
}

function isSuccess({ status }: Incoming): boolean {
  return status >= 200 && status < 300;
}

function breakdown({ connection: { settings } }: Client, url: string, cause: unknown) {
  const { origin } = new URL(url);
  return explainBreakdown(cause, "answering", settings.answerMs, { origin, uri: origin });
}

/** Copies one artifact to `target`, which is overwritten: the caller makes it visible when it is whole. */
export async function fetchFile(
  client: Client,
  place: ReachablePlace,
  entry: ArtifactFile,
  target: string,
): Promise<void> {
  if (place.kind === "folder") return copyFrom(place.folder, entry.path, target);
  const url = artifactUrl(place, entry.path);
  await retry(client.patience, client.surroundings, (budget) =>
    get(client, { url, entry, target }, budget),
  );
}

interface Download {
  readonly url: string;
  readonly entry: ArtifactFile;
  readonly target: string;
}

async function get(client: Client, download: Download, budget: Budget): Promise<Attempt<void>> {
  const { url } = download;
  const opened = await openTransfer(client.connection, { method: "GET", url }, budget);
  if (opened.kind === "failed") return opened;
  if (isSuccess(opened.value)) return receive(client, download, opened.value, budget);
  const said = await readAll(client, opened.value, url);
  if (said.kind === "failed") return said;
  const answer = { ...opened.value, text: said.value };
  return { kind: "failed", failure: explainRefusal(answer, client.connection.settings) };
}

async function receive(
  client: Client,
  { url, entry, target }: Download,
  { body }: Incoming,
  budget: Budget,
): Promise<Attempt<void>> {
  const file = createWriteStream(target);
  try {
    await pipeline(body, watch(budget), file);
  } catch (cause) {
    if (file.errored === cause && !body.errored)
      return fail(fileFailed(`${target} cannot be written`, cause));
    return { kind: "failed", failure: breakdown(client, url, cause) };
  }
  if (entry.file_size === undefined || entry.file_size === file.bytesWritten)
    return { kind: "done", value: undefined };
  const message = `Artifact ${entry.path} came with ${file.bytesWritten} bytes where the server lists ${entry.file_size}`;
  return fail(new TrackingError("NOT_MLFLOW", message), "settled");
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
