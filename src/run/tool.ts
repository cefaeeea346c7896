/** Asks the tools of the machine what they know: git of the project's folder, versions of programs. The door to zx. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

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
  /** These, as git names them from the top of the work tree. */
  readonly changed: readonly string[];
}

/** Loaded when first needed: its import costs as much as starting Node. */
async function loadShell() {
  const { $ } = await import("zx/core");
  return $({ nothrow: true, quiet: true, verbose: false, stdio: ["ignore", "pipe", "pipe"] });
}

/** What a program prints, without blanks around it; "" when it fails or is not there, and where there is no shell for zx to quote arguments for. */
async function ask(command: readonly string[], folder: string): Promise<string> {
  const $ = await loadShell();
  try {
    const { exitCode, stdout } = await $({ cwd: folder })`${command}`;
    return exitCode === 0 ? stdout.trim() : "";
  } catch {
    return "";
  }
}

/** Undefined outside a repository, and where there is no git. Asks nobody where no folder above holds `.git`. */
export async function gitFacts(folder: string): Promise<GitFacts | undefined> {
  if (!isBelowRepository(path.resolve(folder))) return undefined;
  const status = ["status", "--porcelain=v2", "--branch", "--untracked-files=no"];
  const [answer, origin] = await Promise.all([
    ask(["git", "--no-optional-locks", "-c", "status.relativePaths=false", ...status], folder),
    ask(["git", "config", "--get", "remote.origin.url"], folder),
  ]);
  if (answer === "") return undefined;
  const lines = answer.split("\n");
  const header = (name: string): string =>
    lines.find((line) => line.startsWith(`# branch.${name} `))?.slice(`# branch.${name} `.length) ??
    "";
  return {
    commit: header("oid").replace("(initial)", ""),
    branch: header("head").replace("(detached)", ""),
    repository: withoutLogin(origin),
    dirty: lines.some((line) => !line.startsWith("#")),
    changed: lines.flatMap((line) => changedIn(line)),
  };
}

/** A line of `git status --porcelain=v2`: a letter, fields of a fixed number, and the path, behind which a tab leads to an older one. */
function changedIn(line: string): readonly string[] {
  const fields = { 1: 8, 2: 9, u: 10 }[line[0] ?? ""];
  if (fields === undefined) return [];
  return line.split(" ").slice(fields).join(" ").split("\t").slice(0, 1);
}

/**
 * What is changed in tracked files since the commit, as `git apply` takes it; undefined where nothing is, or more than `most`
 * bytes: then git is ended as soon as it has said more.
 */
export async function gitPatch(folder: string, most: number): Promise<string | undefined> {
  const form = ["--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--full-index"];
  const names = ["--no-relative", "--src-prefix=a/", "--dst-prefix=b/"];
  const words = ["--no-optional-locks", "diff", ...form, ...names, "HEAD"];
  try {
    const { stdout } = await promisify(execFile)("git", words, { cwd: folder, maxBuffer: most });
    return stdout === "" ? undefined : stdout;
  } catch {
    return undefined;
  }
}

/** A work tree may also lie where GIT_DIR says. */
function isBelowRepository(folder: string): boolean {
  if (process.env["GIT_DIR"] || existsSync(path.join(folder, ".git"))) return true;
  const above = path.dirname(folder);
  return above !== folder && isBelowRepository(above);
}

/** `https://user:token@host/x` holds a secret. */
function withoutLogin(address: string): string {
  return address.replace(/^([a-z][a-z+.-]*:\/\/)[^/@]*@/i, "$1");
}

/** The version in what `program --version` prints first; undefined when it cannot be asked. */
export async function toolVersion(program: string, folder = "."): Promise<string | undefined> {
  const [line = ""] = (await ask([program, "--version"], folder)).split("\n");
  return /\d+(\.\d+)+/.exec(line)?.[0];
}
