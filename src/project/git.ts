/** A commit of a git repository, checked out into a folder of its own. Git is started by argv; no shell reads an address. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { suggest } from "../source/suggest.ts";
import { withoutLogin } from "./address.ts";
import { ProjectRefused } from "./refused.ts";

export interface GitRequest {
  /** Of git's own, or the path of a repository here; may hold a login. */
  readonly url: string;
  /** A commit, tag or branch; undefined: what the repository shows first. */
  readonly version: string | undefined;
  /** An empty folder. */
  readonly target: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export interface CheckedOut {
  /** 40 or 64 hex digits. */
  readonly commit: string;
  /** Set where `version` is the name of a branch. */
  readonly branch: string | undefined;
}

/** Brings the files of one commit, and those of its submodules. Throws ProjectRefused with git's own last words. */
export async function checkOut(request: GitRequest): Promise<CheckedOut> {
  const { url, version, target } = request;
  const git = gitIn(request);
  await git(["init", "--quiet", "--template=", "."]);
  // What runs in the project may ask where it is from; a login does not lie on the disk.
  await git(["remote", "add", "--", "origin", withoutLogin(url)]);
  const found = await findVersion(version, request, git);
  await fetch(found, request, git);
  const commit = await git([
    "rev-parse",
    "--verify",
    "--end-of-options",
    `${found.local}^{commit}`,
  ]);
  const name = found.branch === undefined ? ["--detach"] : ["-B", found.branch];
  await git(["checkout", "--quiet", ...name, commit, "--"]);
  if (existsSync(path.join(target, ".gitmodules")))
    await git(
      ["submodule", "--quiet", "update", "--init", "--recursive"],
      submoduleTransports(url),
    );
  return { commit, branch: found.branch };
}

/** The top of the work tree that holds `folder`; undefined where none does, where git ignores the folder, and without git. */
export async function workTreeOf(folder: string): Promise<string | undefined> {
  const ask = (args: readonly string[]): Promise<Answer> =>
    run(args, { cwd: folder, env: process.env });
  const [top, ignored] = await Promise.all([
    ask(["rev-parse", "--show-toplevel"]),
    ask(["check-ignore", "--quiet", "--", "."]),
  ]);
  return top.ok && !ignored.ok ? top.out.trim() || undefined : undefined;
}

/** The address of the repository that `folder` was cloned from, without its login; "" where it was not. */
export async function originOf(folder: string): Promise<string> {
  const args = ["config", "--get", "remote.origin.url"];
  const { ok, out } = await run(args, { cwd: folder, env: process.env });
  return ok ? withoutLogin(out.trim()) : "";
}

/** Whether the folder is a repository without a work tree. */
export function isBareRepository(folder: string): boolean {
  return ["HEAD", "objects", "refs"].every((name) => existsSync(path.join(folder, name)));
}

interface FoundVersion {
  /** What to ask the repository for; undefined: everything, since it cannot be asked for a commit by its short name. */
  readonly remote: string | undefined;
  /** What it is called after the fetch. */
  readonly local: string;
  readonly branch: string | undefined;
}

/** As git itself, a tag before a branch of the same name. */
async function findVersion(
  version: string | undefined,
  { url }: GitRequest,
  git: Git,
): Promise<FoundVersion> {
  if (version === undefined) return { remote: "HEAD", local: "FETCH_HEAD", branch: undefined };
  const listed = await git(["ls-remote", "--quiet", "--heads", "--tags", "--", url]);
  const refs = listed.split("\n").map((line) => line.split("\t")[1] ?? "");
  for (const kind of ["refs/tags/", "refs/heads/"])
    if (refs.includes(kind + version)) {
      const branch = kind === "refs/heads/" ? version : undefined;
      return { remote: kind + version, local: "FETCH_HEAD", branch };
    }
  const isWhole = /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(version);
  if (isWhole || /^[0-9a-f]{4,63}$/.test(version))
    return { remote: isWhole ? version : undefined, local: version, branch: undefined };
  const names = refs.map((ref) => ref.replace(/^refs\/(tags|heads)\//, ""));
  const near = suggest(version, names);
  throw new ProjectRefused(
    `the repository has no tag, branch or commit \`${version}\`${near ? `; did you mean \`${near}\`?` : ""}`,
    `list them: git ls-remote ${withoutLogin(url)}`,
  );
}

/** Only what is needed, where the repository lets itself be asked for it. */
async function fetch({ remote }: FoundVersion, { url }: GitRequest, git: Git): Promise<void> {
  const only = ["fetch", "--quiet", "--no-tags", "--depth=1", "--", url];
  if (remote?.startsWith("refs/") || remote === "HEAD") await git([...only, remote]);
  else if (remote === undefined || !(await git.tries([...only, remote])))
    await git(["fetch", "--quiet", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*"]);
}

/** A project from elsewhere must not bring in repositories of this machine. */
function submoduleTransports(url: string): string {
  const isLocal = path.isAbsolute(url) || /^file:/i.test(url);
  return isLocal ? transports : transports.replace(":file", "");
}

/** Those that start no program that an address names, as `ext::` does. */
const transports = "git:http:https:ssh:file";

interface Answer {
  readonly ok: boolean;
  readonly out: string;
  readonly error: string;
  /** No git on this machine. */
  readonly isMissing: boolean;
}

interface Git {
  /** What git prints; throws ProjectRefused where it fails. */
  (args: readonly string[], allowed?: string): Promise<string>;
  /** Whether git does it. */
  readonly tries: (args: readonly string[]) => Promise<boolean>;
}

function gitIn({ url, target, env, signal }: GitRequest): Git {
  const ask = (args: readonly string[], allowed: string): Promise<Answer> =>
    run(args, {
      cwd: target,
      signal,
      env: {
        ...withoutRepository(env),
        GIT_TERMINAL_PROMPT: "0",
        GIT_ALLOW_PROTOCOL: env["GIT_ALLOW_PROTOCOL"] ?? allowed,
      },
    });
  const git = async (args: readonly string[], allowed = transports): Promise<string> => {
    const answer = await ask(args, allowed);
    if (!answer.ok) throw refuse(answer, url);
    return answer.out.trim();
  };
  return Object.assign(git, {
    tries: async (args: readonly string[]) => (await ask(args, transports)).ok,
  });
}

/** Variables that name another repository, such as those that a git hook inherits. */
function withoutRepository(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own =
    /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE|PREFIX|CEILING_DIRECTORIES)$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

function run(args: readonly string[], options: RunOptions): Promise<Answer> {
  return new Promise((resolve) => {
    execFile("git", args, { ...options, maxBuffer: 1 << 26 }, (error, out, said) => {
      const isMissing = error?.code === "ENOENT";
      resolve({ ok: error === null, out, error: said || (error?.message ?? ""), isMissing });
    });
  });
}

function refuse({ error, isMissing }: Answer, url: string): ProjectRefused {
  if (isMissing)
    return new ProjectRefused(
      "a project from git needs git, which is not on the search path",
      "install it: https://git-scm.com",
    );
  const lines = error.replaceAll(url, withoutLogin(url)).split("\n").filter(Boolean);
  const line =
    lines.find((one) => /^(fatal|error|ERROR):/.test(one)) ?? lines.at(-1) ?? "it gave no reason";
  return new ProjectRefused(
    `git cannot bring ${withoutLogin(url)}: ${hideLogins(line.replace(/^\w+: /, ""))}`,
    "see that the address is right and that you may read it: git ls-remote with that address",
  );
}

/** Git names addresses in its messages, also those that the user's own settings have put in place of the given one. */
function hideLogins(line: string): string {
  return line.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/'"@]*@/gi, "$1");
}
