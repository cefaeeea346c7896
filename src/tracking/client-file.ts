/** The content of one file on its way: a slice of it as a request's body, and an answer's body into a new file. */
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { explainBreakdown } from "./client-breakdown.ts";
import { fail, type Answer } from "./client-failure.ts";
import { openTransfer, type Connection, type Incoming, type Outgoing } from "./client-http.ts";
import type { ArtifactFile } from "./entities.ts";
import type { Attempt, Budget } from "./retry.ts";
import { TrackingError } from "./tracking.ts";

export interface Slice {
  readonly localFile: string;
  /** First byte, from 0. */
  readonly start: number;
  /** Bytes; none: an empty body. */
  readonly length: number;
}

export async function sizeOf(localFile: string): Promise<number> {
  const found = await stat(localFile).catch((cause: unknown) => {
    throw fileFailed(`${localFile} cannot be read`, cause);
  });
  if (found.isFile()) return found.size;
  throw fileFailed(`${localFile} is no file`, undefined);
}

export function fileFailed(message: string, cause: unknown): TrackingError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new TrackingError("FILE_FAILED", `${message}${code}`, "", cause);
}

/** Sends the slice and reads the whole of the answer, whatever its status. */
export async function sendSlice(
  connection: Connection,
  outgoing: Omit<Outgoing, "body">,
  { localFile, start, length }: Slice,
  budget: Budget,
): Promise<Attempt<Answer>> {
  const file =
    length === 0 ? undefined : createReadStream(localFile, { start, end: start + length - 1 });
  // Nobody reads before there is a connection; what fails until then is told by `errored`.
  file?.on("error", () => {});
  const body = file === undefined ? "" : Readable.from(watch(budget)(file), { objectMode: false });
  const headers = { ...outgoing.headers, "content-length": String(length) };
  try {
    const sent = await openTransfer(connection, { ...outgoing, headers, body }, budget);
    const broken = file?.errored ?? changed(sent);
    if (broken) return fail(fileFailed(`${localFile} cannot be read to its end`, broken));
    return sent.kind === "failed" ? sent : await readAnswer(connection, outgoing.url, sent.value);
  } finally {
    file?.destroy();
  }
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

export async function readAnswer(
  connection: Connection,
  url: string,
  { status, headers, body }: Incoming,
): Promise<Attempt<Answer>> {
  try {
    return { kind: "done", value: { status, headers, text: await body.text() } };
  } catch (cause) {
    return { kind: "failed", failure: breakdown(connection, url, cause) };
  }
}

function breakdown({ settings }: Connection, url: string, cause: unknown) {
  return explainBreakdown(cause, "answering", settings.answerMs, { url, settings });
}

export function isSuccess({ status }: Pick<Answer, "status">): boolean {
  return status >= 200 && status < 300;
}

/** An artifact as it is listed, and the local file that it becomes. */
export interface Download {
  readonly url: string;
  readonly entry: ArtifactFile;
  /** Overwritten: the caller makes it visible when it is whole. */
  readonly target: string;
}

export async function receive(
  connection: Connection,
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
    return { kind: "failed", failure: breakdown(connection, url, cause) };
  }
  if (entry.file_size === undefined || entry.file_size === file.bytesWritten)
    return { kind: "done", value: undefined };
  const message = `Artifact ${entry.path} came with ${file.bytesWritten} bytes where the server lists ${entry.file_size}`;
  return fail(new TrackingError("NOT_MLFLOW", message), "settled");
}
