/** The artifacts of a run as a list that ends, however many there are. */
import type { ArtifactFile } from "../../tracking/entities.ts";
import type { Tracking } from "../../tracking/tracking.ts";
import { listFolder } from "../../tracking/pages.ts";

export interface ArtifactList {
  /** Files and folders, in the order of their paths; a folder stands before what is in it. */
  readonly entries: readonly ArtifactFile[];
  /** Paths of folders that were not looked into. */
  readonly unopened: readonly string[];
}

/** How many folders are asked for at a time: a server answers one in some milliseconds. */
const atATime = 8;

/** Looks into at most `folders` folders, those near the root first; `from` is where to begin, "" for all. */
export async function listArtifacts(
  tracking: Tracking,
  runId: string,
  from: string,
  folders: number,
): Promise<ArtifactList> {
  const entries: ArtifactFile[] = [];
  const waiting = [from];
  let room = folders;
  while (waiting.length > 0 && room > 0) {
    const opened = waiting.splice(0, Math.min(atATime, room));
    room -= opened.length;
    const lists = await Promise.all(opened.map((path) => listFolder(tracking, runId, path)));
    for (const file of lists.flat()) {
      entries.push(file);
      if (file.is_dir) waiting.push(file.path);
    }
  }
  return { entries: entries.toSorted(comparePaths), unopened: waiting };
}

/** By the parts of the paths, so that what is in a folder stays together. */
function comparePaths(a: ArtifactFile, b: ArtifactFile): number {
  const [left, right] = [`${a.path}/`, `${b.path}/`].map((path) => path.replaceAll("/", "\0"));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
