/** Artifacts of a server: listed folder by folder, fetched to a temporary file one at a time. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Tracking } from "../tracking.ts";
import { listFolder } from "../pages.ts";
import type { Owner, SourceFile } from "./source.ts";
import type { Artifacts } from "./tracking-source.ts";

export function remoteArtifacts(tracking: Tracking): Artifacts {
  return {
    files: (owner) => walkRemote(tracking, owner, ""),
    async read(owner, path, use) {
      const folder = await mkdtemp(join(tmpdir(), "mlpipe-artifact-"));
      try {
        const file = join(folder, "content");
        await tracking.download(owner.id, path, file);
        return await use(file);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** All files that the tracker lists below `folder`. */
export async function* walkRemote(
  tracking: Tracking,
  owner: Pick<Owner, "id">,
  folder: string,
): AsyncGenerator<SourceFile> {
  for (const { path, is_dir, file_size = 0 } of await listFolder(tracking, owner.id, folder)) {
    if (!is_dir) yield { path, size: file_size };
    // A server may list what it likes: only what lies below is walked.
    else if (path.startsWith(folder === "" ? "" : `${folder}/`) && path !== folder)
      yield* walkRemote(tracking, owner, path);
  }
}
