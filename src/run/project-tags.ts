/** The tags of a project's run: those that MLflow sets, and whether the commit is all there is to know of the files. */
import type { FetchedProject } from "../project/fetch.ts";
import { userName } from "./facts.ts";
import { gitFacts } from "./tool.ts";

/** Git's are absent outside a repository. */
export async function tagsOfProject(
  fetched: FetchedProject,
  entry: string,
  env: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> {
  return {
    "mlflow.user": userName(env),
    "mlflow.source.name": fetched.sourceName,
    "mlflow.source.type": "PROJECT",
    "mlflow.project.entryPoint": entry,
    "mlflow.project.backend": "local",
    ...(await gitTags(fetched)),
  };
}

async function gitTags({
  folder,
  checkedOut,
  isInWorkTree,
}: FetchedProject): Promise<Readonly<Record<string, string>>> {
  if (checkedOut) return commitTags({ ...checkedOut, dirty: false });
  const found = isInWorkTree ? await gitFacts(folder) : undefined;
  // A branch is named only where the user has asked for it.
  return found === undefined ? {} : commitTags({ ...found, branch: undefined });
}

interface Commit {
  readonly commit: string;
  readonly branch: string | undefined;
  readonly repository: string;
  readonly dirty: boolean;
}

function commitTags({
  commit,
  branch,
  repository,
  dirty,
}: Commit): Readonly<Record<string, string>> {
  return {
    ...(commit && { "mlflow.source.git.commit": commit }),
    ...(repository && { "mlflow.source.git.repoURL": repository }),
    ...(branch !== undefined && { "mlflow.source.git.branch": branch }),
    ...(dirty && { "mlflow.source.git.dirty": "true" }),
  };
}
