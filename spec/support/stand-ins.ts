/** R scripts that find {mlflow} and {carrier} as commands of a runner do: by the profile, in an R that has neither. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { type Ended, root, runProgram } from "./mlpipe.ts";
import { testFolder } from "./r-step.ts";

const standIns = path.join(root, "stdlib", "r", "stand-ins");

export interface Script {
  /** Where it runs; a fresh folder by default. */
  readonly folder?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

/** A folder that keeps the stand-ins, for all tests of a file. */
const cache = mkdtempSync(path.join(tmpdir(), "mlpipe-r-cache-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(MLFLOW_|MLPIPE_|R_)/.test(name)),
);

/** The environment in which a runner starts commands. */
export function commandEnvironment(
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string | undefined>> {
  const profile = path.join(standIns, "profile.R");
  return {
    ...inherited,
    R_PROFILE_USER: profile,
    MLPIPE_R_PROFILE_USER: "",
    MLPIPE_R_CACHE: cache,
    LC_ALL: "C.UTF-8",
    ...more,
  };
}

/** Runs `code` as `Rscript script.R`. */
export async function runScript(code: string, script: Script = {}): Promise<Ended> {
  const { folder = testFolder(), args = [], env = {}, files = {} } = script;
  for (const [name, content] of Object.entries({ "script.R": code, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return runProgram("Rscript", ["script.R", ...args], {
    cwd: folder,
    env: commandEnvironment(env),
  });
}

/** What a script printed that ended well. */
export async function printedBy(code: string, script: Script = {}): Promise<string> {
  const ended = await runScript(code, script);
  if (ended.code !== 0) throw new Error(`R ended with ${String(ended.code)}: ${ended.stderr}`);
  return ended.stdout;
}

/** Installs a package from its code into `library`. */
export async function installPackage(
  library: string,
  name: string,
  namespace: string,
  code: string,
): Promise<void> {
  const shelf = mkdtempSync(path.join(tmpdir(), "mlpipe-r-source-"));
  const source = path.join(shelf, name);
  mkdirSync(path.join(source, "R"), { recursive: true });
  mkdirSync(library, { recursive: true });
  const about = { Package: name, Version: "9.9", Title: "T", License: "x", Description: "D" };
  const lines = Object.entries(about).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(path.join(source, "DESCRIPTION"), lines.join(""));
  writeFileSync(path.join(source, "NAMESPACE"), namespace);
  writeFileSync(path.join(source, "R", "code.R"), code);
  const words = ["CMD", "INSTALL", "--no-docs", "--no-test-load", "-l", library, source];
  const { code: status, stderr } = await runProgram("R", words, {});
  rmSync(shelf, { recursive: true, force: true });
  if (status !== 0) throw new Error(stderr);
}
