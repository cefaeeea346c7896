/** A project's environment made by conda. */
import path from "node:path";
import type { ChosenEnvironment } from "../project/choose-environment.ts";
import { cachedEnvironment } from "./environment-cache.ts";
import { fail } from "./failure.ts";
import { digest, filesBehind } from "./project-python.ts";
import { type ToolContext, runTools } from "./project-tool.ts";
import { findProgram, isProgram } from "./search-path.ts";

/** The program conda, where MLflow looks for it. Throws RunFailed where it is not. */
export function findConda(env: NodeJS.ProcessEnv): string {
  const home = env["MLFLOW_CONDA_HOME"];
  const named = home ? path.join(home, "bin", "conda") : env["CONDA_EXE"];
  const found = named ? [named].find(isProgram) : findProgram("conda", env);
  if (found !== undefined) return found;
  return fail("R0873", {
    tool: "conda",
    problem: named ? `but ${named} is no program` : "which is not on the search path",
    fix: "install it: https://docs.conda.io, or run with --env-manager virtualenv or local",
  });
}

/** The folder of the environment; made if nobody has made the same one before. */
export async function makeCondaEnvironment(
  conda: string,
  chosen: Extract<ChosenEnvironment, { kind: "conda" }>,
  context: ToolContext,
): Promise<string> {
  const { text } = chosen;
  const file = path.resolve(context.folder, chosen.file);
  const lines = text.split("\n").map((line) => line.replace(/^[\s-]*(?=-)|^\s*-\s+/, ""));
  const behind = filesBehind(lines, path.dirname(file));
  const key = digest(["conda", process.platform, process.arch, text, behind]);
  return cachedEnvironment(key, context.env, (folder) =>
    runTools([[conda, "env", "create", "--quiet", "--prefix", folder, "--file", file]], context),
  );
}
