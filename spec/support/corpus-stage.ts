/** Scripts of the corpus, laid out as a user would have them: a project, a home, a shell's variables, installed packages. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { readParams } from "../../src/cli/entry.ts";
import { requireProgram } from "../../src/cli/open.ts";
import { lower } from "../../src/plan/lower.ts";
import type { RunPlan } from "../../src/plan/plan.ts";
import type { Script } from "./corpus.ts";

export interface Staged {
  /** The project's folder. */
  readonly project: string;
  /** The `.mlpipe` file. */
  readonly file: string;
  /** What the user's shell has. */
  readonly env: NodeJS.ProcessEnv;
  /** Names of those variables that only this script's user has. */
  readonly ownVariables: readonly string[];
}

/** Lays `script` out in `folder`, in place of what was there; `later`: with what was changed after the recorded run. */
export function stage({ folder: from }: Script, folder: string, later = false): Staged {
  rmSync(folder, { recursive: true, force: true });
  const laidOut = path.join(folder, "laid-out");
  cpSync(from, laidOut, { recursive: true });
  if (later) cpSync(path.join(from, "@later"), laidOut, { recursive: true });
  const project = path.join(folder, "project");
  const home = path.join(folder, "home");
  for (const made of [project, home]) mkdirSync(made);
  for (const name of readdirSync(laidOut).filter((file) => !file.startsWith("@")))
    cpSync(path.join(laidOut, name), path.join(project, name), { recursive: true });
  const kept = path.join(laidOut, "@home");
  if (existsSync(kept)) cpSync(kept, home, { recursive: true });
  const own = readVariables(path.join(laidOut, "@env"));
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    LANG: "C.UTF-8",
    USER: "reader",
    ...own,
    ...installPackages(path.join(laidOut, "@packages"), project, path.join(folder, "library")),
  };
  const file = path.join(project, "pipeline.mlpipe");
  return { project, file, env, ownVariables: Object.keys(own) };
}

function readVariables(file: string): Readonly<Record<string, string>> {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
}

/** Those of Node beside the project's code, those of R in `library`; answers the variables by which they are found. */
function installPackages(
  sources: string,
  project: string,
  library: string,
): Readonly<Record<string, string>> {
  if (!existsSync(sources)) return {};
  mkdirSync(library);
  for (const name of readdirSync(sources)) {
    const source = path.join(sources, name);
    if (existsSync(path.join(source, "DESCRIPTION"))) installOfR(source, library);
    else cpSync(source, path.join(project, "node_modules", name), { recursive: true });
  }
  return { R_LIBS: library };
}

function installOfR(source: string, library: string): void {
  const options = ["--no-docs", "--no-test-load", `--library=${library}`];
  execFileSync("R", ["CMD", "INSTALL", ...options, source], { stdio: "pipe" });
}

/** The plan of the only run of a staged script, its params at their defaults. */
export function planOf({ file }: Staged): RunPlan {
  const { program } = requireProgram(file);
  const [name = ""] = program.runs.keys();
  return lower(program, name, { params: readParams(program, name), adopt: false }) as RunPlan;
}
