/** What an output means, as a digest for the manifest. Loaded where a run has given any file. */
import path from "node:path";
import type { Format } from "../../check/program.ts";
import { contentDigest, contentVersion } from "../../content/digest.ts";
import type { StepAction } from "../../plan/plan.ts";
import { type Digest, digestOf } from "../cache/digest.ts";
import { openDigestMemory } from "../cache/digest-memory.ts";
import type { RecordedContent, RecordedFile, RecordedOutput } from "./manifest.ts";

/** Of an output in all, and of each of its files when unpacked: what is larger would hold up the end of the run. */
const largestContent = 8 << 20;
/** Of a smaller file it is soon worked out again what it means. */
const soonRead = 4 << 10;

export interface OutputFiles {
  /** The file, or the folder. */
  readonly place: string;
  readonly format: Format;
  readonly files: readonly RecordedFile[];
}

/** Null where it is too large, or cannot be read. `cache`: the folder that remembers it, by the bytes of the files. */
export async function contentOf(
  { place, format, files }: OutputFiles,
  cache: string,
): Promise<RecordedContent | null> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > largestContent) return null;
  const known = new Map(files.map((file) => [path.join(place, file.path), file]));
  const memory = openDigestMemory(cache, "content");
  const sha256 = await contentDigest(place, format, {
    mostUnpacked: largestContent,
    async remembered(file, findOut) {
      const recorded = known.get(file);
      if (!recorded || recorded.bytes < soonRead) return findOut();
      const as = file === place ? format : "file";
      const of = keyOf(path.basename(file), as, recorded.sha256);
      const recalled = memory.recall(of);
      if (recalled !== undefined) return recalled;
      const digest = await findOut();
      if (digest !== undefined) memory.remember(of, digest as Digest);
      return digest;
    },
  }).catch(unlessRefused);
  return sha256 === undefined ? null : { sha256: sha256 as Digest, version: contentVersion };
}

/** All that the meaning of a file depends on. */
function keyOf(name: string, format: Format, bytes: Digest): Digest {
  return digestOf(JSON.stringify(["content", contentVersion, name, format, bytes]));
}

/** Nobody has to be able to read what a run gives. */
function unlessRefused(error: unknown): undefined {
  if (!(error instanceof Error && "syscall" in error)) throw error;
}

/** As what an output is read: as it is declared, or by its name. */
export function formatOf(
  { kind, path: name }: Pick<RecordedOutput, "kind" | "path">,
  step: StepAction | undefined,
  isFolder: boolean,
): Format {
  if (kind === "model") return "folder";
  const declared = step?.artifacts.find((artifact) => artifact.path === name)?.format;
  return declared ?? (isFolder ? "folder" : "file");
}
