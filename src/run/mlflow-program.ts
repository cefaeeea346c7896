/** The stand-in for Python's command `mlflow` as one program, whichever Node is first on PATH. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { quoteForShell } from "../source/shell-quote.ts";
import { digestOf } from "./cache/digest.ts";
import { ifThere } from "./cache/there.ts";

const ending = path.extname(fileURLToPath(import.meta.url));
const entry = fileURLToPath(new URL(`../cli/mlflow-bin${ending}`, import.meta.url));

/** Writes it below `.mlpipe` of the project, for this user alone, unless it is there. Answers its path. */
export function writeMlflowProgram(home: string): string {
  const words = [process.execPath, entry].map(quoteForShell).join(" ");
  const text = `#!/bin/sh\nexec ${words} "$@"\n`;
  // Another mlpipe that works in the same project has a program of its own.
  const bin = path.join(home, "bin", digestOf(text).slice(0, 16));
  const program = path.join(bin, "mlflow");
  if (ifThere(() => readFileSync(program, "utf8")) === text) return program;
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  const beside = `${program}.${randomUUID()}`;
  writeFileSync(beside, text, { mode: 0o700 });
  renameSync(beside, program);
  return program;
}
