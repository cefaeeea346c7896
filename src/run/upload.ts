/** A folder to the tracker, file by file, in the order of code points. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { Tracking } from "../tracking/tracking.ts";

/** Paths of all files below `folder`, relative, with forward slashes; links that lead out of it are left out. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"),
    )
    .toSorted();
}

/** Uploads all files below `folder` to the same places below `target`; "" is the artifact root. */
export async function uploadFolder(
  tracking: Tracking,
  runId: string,
  folder: string,
  target: string,
): Promise<void> {
  if (!statSync(folder).isDirectory()) return tracking.upload(runId, folder, target);
  for (const file of filesBelow(folder))
    await tracking.upload(runId, path.join(folder, file), path.posix.join(target, file));
}
