/** Asks the tools of the machine what they know: git of the project's folder, versions of programs. The door to zx. */

/** What git says of a folder; texts are empty where it has no answer. */
export interface GitFacts {
  /** Hash of the commit that is checked out; "" before the first one. */
  readonly commit: string;
  /** "" when no branch is checked out. */
  readonly branch: string;
  /** Address of `origin`, without user name and password; "" when there is none. */
  readonly repository: string;
  /** Files that are tracked have changes that are not committed. */
  readonly dirty: boolean;
}

/** Loaded when first needed: its import costs as much as starting Node. */
async function loadShell() {
  const { $ } = await import("zx/core");
  return $({ nothrow: true, quiet: true, verbose: false, stdio: ["ignore", "pipe", "pipe"] });
}

/**
 * First line of what a program prints; "" when it fails or is not there, and where there is no shell for zx to quote
 * arguments for.
 */
async function firstLine(command: readonly string[], folder: string): Promise<string> {
  const $ = await loadShell();
  try {
    const { exitCode, stdout } = await $({ cwd: folder })`${command}`;
    return exitCode === 0 ? (stdout.split("\n")[0] ?? "").trim() : "";
  } catch {
    return "";
  }
}

/** Undefined outside a repository, and where there is no git. */
export async function gitFacts(folder: string): Promise<GitFacts | undefined> {
  const git = (...args: readonly string[]): Promise<string> => firstLine(["git", ...args], folder);
  const [inside, commit, branch, origin, changed] = await Promise.all([
    git("rev-parse", "--is-inside-work-tree"),
    git("rev-parse", "--verify", "--quiet", "HEAD"),
    git("branch", "--show-current"),
    git("config", "--get", "remote.origin.url"),
    git("--no-optional-locks", "status", "--porcelain", "--untracked-files=no"),
  ]);
  if (inside !== "true") return undefined;
  return { commit, branch, repository: withoutLogin(origin), dirty: changed !== "" };
}

/** `https://user:token@host/x` holds a secret. */
function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** The version in what `program --version` prints first; undefined when it cannot be asked. */
export async function toolVersion(program: string, folder = "."): Promise<string | undefined> {
  const line = await firstLine([program, "--version"], folder);
  return /\d+(\.\d+)+/.exec(line)?.[0];
}
