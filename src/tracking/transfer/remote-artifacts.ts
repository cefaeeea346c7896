/** Artifacts of a server: listed folder by folder, fetched to a temporary file one at a time. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactFile } from "../entities.ts";
import type { Tracking } from "../tracking.ts";
import { askPages } from "../pages.ts";
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
  owner: Pick<Owner, "kind" | "id">,
  folder: string,
): AsyncGenerator<SourceFile> {
  for await (const files of listFolder(tracking, owner, folder))
    for (const { path, is_dir, file_size = 0 } of files ?? []) {
      if (!is_dir) yield { path, size: file_size };
      // A server may list what it likes: only what lies below is walked.
      else if (path.startsWith(folder === "" ? "" : `${folder}/`) && path !== folder)
        yield* walkRemote(tracking, owner, path);
    }
}

async function* listFolder(
  tracking: Tracking,
  { kind, id }: Pick<Owner, "kind" | "id">,
  folder: string,
): AsyncGenerator<readonly ArtifactFile[] | undefined> {
  const pages =
    kind === "run"
      ? askPages(tracking, "artifacts/list", { run_id: id, ...(folder !== "" && { path: folder }) })
      : askPages(tracking, "logged-models/list-artifacts", {
          model_id: id,
          ...(folder !== "" && { artifact_directory_path: folder }),
        });
  for await (const { files } of pages) yield files;
}
