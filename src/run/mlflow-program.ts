/** The stand-in for Python's command `mlflow` as one program, whichever Node is first on PATH. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { quoteForShell } from "../source/shell-quote.ts";

const ending = path.extname(fileURLToPath(import.meta.url));
const entry = fileURLToPath(new URL(`../cli/mlflow-bin${ending}`, import.meta.url));

/** Writes it below the run's folder, for this user alone, unless it is there. Answers its path. */
export function writeMlflowProgram(runFolder: string): string {
  // No step can have this name.
  const bin = path.join(runFolder, "mlflow-bin");
  const program = path.join(bin, "mlflow");
  if (existsSync(program)) return program;
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  const words = [process.execPath, entry].map(quoteForShell).join(" ");
  writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o700 });
  return program;
}
