/** `mlflow artifacts …` for clients that leave artifacts to the command line, as {mlflow} in R does. */
import { existsSync, mkdirSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { uploadFolder } from "../../run/upload.ts";
import { openTracking } from "../../tracking/open.ts";
import { listFolder } from "../../tracking/pages.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { CommandFailed } from "../exit.ts";
import { type ArtifactPlace, locateArtifact } from "./artifact-uri.ts";
import { trackingUri } from "./tracking-uri.ts";

async function withTracking<T>(work: (tracking: Tracking) => Promise<T>): Promise<T> {
  const tracking = await openTracking(trackingUri(process.env));
  try {
    return await work(tracking);
  } finally {
    await tracking.close();
  }
}

interface LogOptions {
  readonly runId: string;
  readonly artifactPath?: string;
}

export async function logArtifact(
  options: LogOptions & { readonly localFile: string },
): Promise<void> {
  const { localFile, runId } = options;
  requireThere(localFile, "file");
  const target = path.posix.join(options.artifactPath ?? "", path.basename(localFile));
  await withTracking((tracking) => tracking.upload(runId, path.resolve(localFile), target));
  sayLogged("file", localFile, options);
}

export async function logArtifacts(
  options: LogOptions & { readonly localDir: string },
): Promise<void> {
  const { localDir, runId, artifactPath = "" } = options;
  requireThere(localDir, "folder");
  await withTracking((tracking) =>
    uploadFolder(tracking, runId, path.resolve(localDir), artifactPath),
  );
  sayLogged("dir", localDir, options);
}

/** MLflow itself logs nothing for a folder that is not there, and calls that success. */
function requireThere(place: string, kind: "file" | "folder"): void {
  if (existsSync(place) && statSync(place).isDirectory() === (kind === "folder")) return;
  throw new CommandFailed(
    `there is no ${kind} \`${place}\``,
    `name a ${kind} that exists; this process is in ${process.cwd()}`,
    1,
  );
}

function sayLogged(kind: string, place: string, { artifactPath = "None" }: LogOptions): void {
  process.stderr.write(
    `Logged artifact from local ${kind} ${place} to artifact_path=${artifactPath}\n`,
  );
}

export async function listArtifacts({ runId, artifactPath }: LogOptions): Promise<void> {
  const files = await withTracking((tracking) => listFolder(tracking, runId, artifactPath ?? ""));
  process.stdout.write(`${JSON.stringify(files, undefined, 2)}\n`);
}

interface DownloadOptions {
  readonly runId?: string;
  readonly artifactPath?: string;
  readonly artifactUri?: string;
  readonly dstPath?: string;
}

/** Prints an empty line and where the artifact lies now, which clients read from standard output. */
export async function downloadArtifact(options: DownloadOptions): Promise<void> {
  const place = await withTracking(async (tracking) =>
    fetchArtifact(tracking, await placeOf(tracking, options), options.dstPath),
  );
  process.stdout.write(`\n${place}\n`);
}

async function placeOf(tracking: Tracking, options: DownloadOptions): Promise<ArtifactPlace> {
  const { runId, artifactPath = "", artifactUri } = options;
  if ((runId === undefined) === (artifactUri === undefined))
    throw new CommandFailed(
      "exactly one of --run-id and --artifact-uri must be given",
      "for example: --run-id ID --artifact-path model",
      1,
    );
  return artifactUri === undefined
    ? { kind: "run", runId: runId ?? "", path: artifactPath }
    : locateArtifact(artifactUri, tracking);
}

async function fetchArtifact(
  tracking: Tracking,
  place: ArtifactPlace,
  target: string | undefined,
): Promise<string> {
  if (place.kind === "local") return path.resolve(place.path);
  const folder =
    target === undefined ? mkdtempSync(path.join(tmpdir(), "mlflow-")) : path.resolve(target);
  mkdirSync(folder, { recursive: true });
  const to = path.join(folder, path.posix.basename(place.path) || "artifacts");
  await tracking.download(place.runId, place.path, to);
  return to;
}
