/** The tree of a commit, with the changes that were not committed, in a folder of its own. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { RecordedGit } from "../../run/manifest/manifest.ts";
import { CannotReplay } from "./refused.ts";

const start = promisify(execFile);

/** What a repository's own settings must not do here: ask for a password, start an editor, or find another repository above. */
function quietly(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: "0", ...more };
}

/** The first of the folders whose repository has the commit. */
export async function findRepository(
  { commit }: RecordedGit,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) if (await has(commit, folder)) return folder;
  return undefined;
}

async function has(commit: string, folder: string): Promise<boolean> {
  if (!/^[0-9a-f]{40,64}$/.test(commit) || !existsSync(folder)) return false;
  try {
    await start("git", ["cat-file", "-e", `${commit}^{commit}`], { cwd: folder, env: quietly() });
    return true;
  } catch {
    return false;
  }
}

/**
 * Puts all files of the commit below `target`, and applies `patch`, a file. Nothing is written in the repository. Rejects with
 * CannotReplay where git refuses.
 */
export async function restoreCommit(
  { commit }: RecordedGit,
  repository: string,
  patch: string | undefined,
  target: string,
): Promise<void> {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const index = `${target}.index`;
  const env = quietly({ GIT_INDEX_FILE: index });
  const top = await git(["rev-parse", "--show-toplevel"], repository, env);
  await git(["read-tree", commit], top, env);
  await git(["checkout-index", "--all", "--force", `--prefix=${target}/`], top, env);
  if (patch === undefined) return;
  // Outside of any repository, or `git apply` would leave out what is not below the current folder of that.
  const alone = quietly({ GIT_CEILING_DIRECTORIES: path.dirname(target) });
  await git(["apply", "--whitespace=nowarn", patch], target, alone);
}

async function git(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await start("git", [...args], { cwd, env, maxBuffer: 64 << 20 });
    return stdout.trim();
  } catch (error) {
    const { stderr = "" } = error as { readonly stderr?: string };
    const why = stderr.trim().split("\n")[0] || String(error);
    throw new CannotReplay(
      `the files of the commit cannot be restored: git ${args[0]}: ${why}`,
      "see that the repository is whole: git fsck",
    );
  }
}
