/** Artifacts on their way from a run or model to its copy: only what is missing there or may be another. */
import type { ModelCopy } from "./model-copies.ts";
import type { Mark } from "./marks.ts";
import { walkRemote } from "./remote-artifacts.ts";
import type { Owner, Report, SourceFile } from "./source.ts";
import type { RunCopy } from "./target.ts";
import { TrackingError } from "../tracking.ts";
import { isEndOfAll } from "./failures.ts";
import type { Ends, Placed } from "./transfer.ts";

/** A file of the same size is sent again only up to here, where it costs less than a doubt. */
const smallBytes = 1024 * 1024;

export interface Shipment {
  readonly owner: Owner;
  readonly files: readonly SourceFile[];
  readonly mark: Mark;
}

/** Resolves to the number of bytes that were sent. A file that cannot be read or stored is reported. */
export async function sendArtifacts(
  ends: Ends,
  { owner, files, mark }: Shipment,
  { copy, isNew }: Placed<RunCopy | ModelCopy>,
  report: Report,
): Promise<number> {
  const before = copy.mark;
  if (before?.files === mark.files || files.length === 0) return 0;
  const there = isNew ? new Map<string, number>() : await sizesAt(ends, { ...owner, id: copy.id });
  let sent = 0;
  for (const file of files)
    if (there.get(file.path) !== file.size || isDoubtful(file, before))
      sent += await sendFile(ends, owner, file, copy.id, report);
  return sent;
}

/** Of the same size as at the target. */
function isDoubtful({ size, changed }: SourceFile, before: Mark | undefined): boolean {
  if (before === undefined || changed === undefined) return size <= smallBytes;
  return changed >= before.listed;
}

async function sizesAt(
  { target }: Ends,
  owner: Pick<Owner, "kind" | "id">,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { path, size } of walkRemote(target.tracking, owner, "")) sizes.set(path, size);
  return sizes;
}

async function sendFile(
  { source, target }: Ends,
  owner: Owner,
  { path, size }: SourceFile,
  copyId: string,
  report: Report,
): Promise<number> {
  try {
    await source.read(owner, path, (file) => target.tracking.upload(copyId, file, path));
    return size;
  } catch (error) {
    if (!(error instanceof TrackingError) || isEndOfAll(error)) throw error;
    report({ place: `${path} of ${owner.kind} ${owner.id}`, message: error.message });
    return 0;
  }
}

export function bytesOf(files: readonly SourceFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
