/** The commit of a project's folder, and what is changed since it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { digestOf } from "../cache/digest.ts";
import { type GitFacts, gitPatch } from "../tool.ts";
import type { RecordedGit } from "./manifest.ts";

/** A larger patch is not kept. */
const mostBytes = 4 << 20;

export interface GitState {
  readonly record: RecordedGit;
  /** The content of `mlpipe/changes.patch`; undefined where there is none. */
  readonly patch: string | undefined;
}

/** Undefined outside a repository, and before its first commit. */
export async function gitState(
  folder: string,
  asked: Promise<GitFacts | undefined>,
): Promise<GitState | undefined> {
  const facts = await asked;
  if (!facts || facts.commit === "") return undefined;
  const { commit, repository: remote, changed } = facts;
  const patch = changed.length > 0 ? await gitPatch(folder, mostBytes) : undefined;
  return {
    patch,
    record: {
      commit,
      remote,
      folder: belowTop(path.resolve(folder)),
      changed,
      patch: patch === undefined ? null : recordOf(patch),
    },
  };
}

function recordOf(patch: string): RecordedGit["patch"] {
  return { path: patchName, sha256: digestOf(patch), bytes: Buffer.byteLength(patch) };
}

/** Below `mlpipe/` among the artifacts. */
export const patchName = "changes.patch";

/** The way from the folder that holds `.git`; "" where it cannot be seen. */
function belowTop(folder: string): string {
  let top = folder;
  while (!existsSync(path.join(top, ".git"))) {
    const above = path.dirname(top);
    if (above === top) return "";
    top = above;
  }
  return path.relative(top, folder).split(path.sep).join("/");
}
