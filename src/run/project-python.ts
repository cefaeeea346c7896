/** A project's environment of Python packages, made by venv and pip or by uv. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { ChosenEnvironment } from "../project/choose-environment.ts";
import type { PythonEnvironment } from "../project/python-environment.ts";
import { cachedEnvironment } from "./environment-cache.ts";
import { fail } from "./failure.ts";
import { type ToolContext, askTool, runTools } from "./project-tool.ts";
import { findProgram, isProgram } from "./search-path.ts";

type Chosen = Extract<ChosenEnvironment, { kind: "python" }>;

/** What makes the environment; found before anything is made. */
export type PythonMaker =
  | { readonly manager: "virtualenv"; readonly python: string; readonly version: string }
  | { readonly manager: "uv"; readonly uv: string };

/** Throws RunFailed where the tool, or the version of Python that venv needs, is not here. */
export async function findPythonMaker(
  { manager, needs }: Chosen,
  context: ToolContext,
): Promise<PythonMaker> {
  if (manager === "virtualenv") return findPython(needs.python, context);
  const uv = findProgram("uv", context.env);
  if (uv !== undefined) return { manager, uv };
  return fail("R0873", {
    tool: "uv",
    problem: "which is not on the search path",
    fix: "install it: https://docs.astral.sh/uv, or run with --env-manager virtualenv",
  });
}

async function findPython(wanted: string | undefined, context: ToolContext): Promise<PythonMaker> {
  for (const python of candidates(wanted, context.env)) {
    const answer = await askTool(python, ["--version"], context);
    const version = /^Python (\d+(?:\.\d+)*)/m.exec(answer ?? "")?.[1];
    if (version === undefined || !fits(version, wanted)) continue;
    return { manager: "virtualenv", python, version };
  }
  return fail("R0873", {
    tool: wanted === undefined ? "Python" : `Python ${wanted}`,
    problem: "which is not on this machine",
    fix: `install it (with pyenv: pyenv install ${wanted ?? "3"}), or run with --env-manager uv, which brings its own`,
  });
}

/** `3.10` stands for each 3.10.x. */
function fits(version: string, wanted: string | undefined): boolean {
  return wanted === undefined || version === wanted || version.startsWith(`${wanted}.`);
}

/** Pythons on the search path, then those that pyenv has installed, the newest first. */
function candidates(wanted: string | undefined, env: NodeJS.ProcessEnv): readonly string[] {
  const minor = /^\d+\.\d+/.exec(wanted ?? "")?.[0];
  const names = [...(minor === undefined ? [] : [`python${minor}`]), "python3", "python"];
  const onPath = names.flatMap((name) => findProgram(name, env) ?? []);
  const versions = path.join(env["PYENV_ROOT"] ?? path.join(homedir(), ".pyenv"), "versions");
  const installed = existsSync(versions) ? readdirSync(versions) : [];
  const byAge = installed
    .filter((version) => fits(version, wanted))
    .toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return [...onPath, ...byAge.map((one) => path.join(versions, one, "bin", "python"))].filter(
    isProgram,
  );
}

/** The folder of the environment; made if nobody has made the same one before. */
export async function makePythonEnvironment(
  { needs }: Chosen,
  maker: PythonMaker,
  context: ToolContext,
): Promise<string> {
  const key = digest([
    maker.manager === "uv" ? ["uv", needs.python ?? ""] : ["venv", maker.python, maker.version],
    [process.platform, process.arch],
    [...needs.build, "", ...needs.dependencies],
    filesBehind([...needs.build, ...needs.dependencies], context.folder),
  ]);
  return cachedEnvironment(key, context.env, async (folder) => {
    await runTools([creation(maker, needs, folder)], context);
    for (const [index, lines] of [needs.build, needs.dependencies].entries()) {
      if (lines.length === 0) continue;
      const file = path.join(folder, `mlpipe-requirements-${index + 1}.txt`);
      writeFileSync(file, `${lines.map((line) => anchored(line, context.folder)).join("\n")}\n`);
      await runTools([installation(maker, folder, file)], context, { PIP_NO_INPUT: "1" });
    }
  });
}

type Words = readonly [string, ...string[]];

function creation(maker: PythonMaker, { python }: PythonEnvironment, folder: string): Words {
  if (maker.manager === "virtualenv") return [maker.python, "-m", "venv", folder];
  const version = python === undefined ? [] : [`--python=${python}`];
  return [maker.uv, "venv", "--quiet", ...version, folder];
}

function installation(maker: PythonMaker, folder: string, file: string): Words {
  const python = path.join(programsOf(folder), "python");
  if (maker.manager === "uv") return [maker.uv, "pip", "install", "--python", python, "-r", file];
  return [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", file];
}

/** Where an environment has its programs. */
export function programsOf(folder: string): string {
  return path.join(folder, process.platform === "win32" ? "Scripts" : "bin");
}

const reference = /^\s*(-r|-c|--requirement|--constraint)[\s=]\s*(\S+)\s*$/;

/** pip counts paths in a requirements file from that file; they are meant from the project's folder. */
function anchored(line: string, folder: string): string {
  const [, option, file = ""] = reference.exec(line) ?? [];
  return option === undefined || /^[a-z]+:\/\//i.test(file)
    ? line
    : `${option} ${path.resolve(folder, file)}`;
}

/**
 * What the lines refer to: the content of other requirements files, and the project's folder where one of them installs
 * from there, since the same line means something else in another project.
 */
export function filesBehind(
  lines: readonly string[],
  folder: string,
  seen: ReadonlySet<string> = new Set(),
): readonly string[] {
  return lines.flatMap((line) => {
    if (/^\s*(-e\b|--editable\b|\.|\/|file:)|\s@\s*file:/.test(line)) return [folder];
    const named = reference.exec(line)?.[2];
    const file = named === undefined ? "" : path.resolve(folder, named);
    if (named === undefined || seen.has(file) || !existsSync(file)) return [];
    const text = readFileSync(file, "utf8");
    const further = new Set([...seen, file]);
    return [text, ...filesBehind(text.split("\n"), path.dirname(file), further)];
  });
}

/** A name for what went into an environment. */
export function digest(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
