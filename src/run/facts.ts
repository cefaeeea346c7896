/** What a run is tagged with of the machine it ran on: who, from which commit, from which bytes. */
import { createHash } from "node:crypto";
import { userInfo } from "node:os";
import type { Known } from "./later.ts";
import type { GitFacts } from "./tool.ts";

/** The login name, as MLflow finds it; "unknown" where the account has none. */
export function userName(env: NodeJS.ProcessEnv): string {
  const named = env.LOGNAME || env.USER || env.LNAME || env.USERNAME;
  if (named) return named;
  try {
    return userInfo().username;
  } catch {
    return "unknown";
  }
}

/** SHA-256 of the sources in order, each with its path and length before it, so that no two sets collide. */
function sourceDigest(
  sources: readonly { readonly path: string; readonly text: string }[],
): string {
  const hash = createHash("sha256");
  for (const { path, text } of sources) {
    const bytes = Buffer.from(text);
    hash.update(`${path}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}

/** Facts for the tags of a run; git's are absent outside a repository. */
export async function collectFacts(
  asked: Promise<GitFacts | undefined>,
  sources: readonly { readonly path: string; readonly text: string }[],
  env: NodeJS.ProcessEnv,
): Promise<Known> {
  const git = await asked;
  return {
    user: userName(env),
    source_digest: sourceDigest(sources),
    ...(git?.commit ? { git_commit: git.commit } : {}),
    ...(git?.branch ? { git_branch: git.branch } : {}),
    ...(git?.repository ? { git_repository: git.repository } : {}),
    ...(git?.commit ? { git_dirty: String(git.dirty) } : {}),
  };
}
