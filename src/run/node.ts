/** How a step of Node is started. */
import path from "node:path";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { StepCommand } from "./step-command.ts";

const isBuilt = import.meta.url.endsWith(".js");
/** In what is built the runtime is one file: its many small ones take as long to load as Node itself. */
const runtime = fileURLToPath(
  new URL(isBuilt ? "../step/runtime.cjs" : "../../stdlib/node/runtime.mjs", import.meta.url),
);

/** The folder of what runs inside a step of Node. */
export const nodeRuntime = path.dirname(runtime);

/** Node itself executes the step, the very one that executes mlpipe. */
export function nodeCommand(stepFile: string, seed: number | undefined): StepCommand {
  const args = [
    "--disable-warning=ExperimentalWarning",
    ...(seed === undefined ? [] : [`--random-seed=${nodeSeed(seed)}`]),
    runtime,
    path.resolve(stepFile),
  ];
  const name = `Node ${process.versions.node}`;
  return { file: process.execPath, args, env: {}, runtime: name, tellsVersion: false };
}

/**
 * The seed as V8 takes it: a number of 32 bits with a sign, where 0 means "no seed". Seeds that are none of these become
 * the first four bytes of the SHA-256 of their decimal digits, with the lowest bit set.
 */
export function nodeSeed(seed: number): number {
  if (seed !== 0 && seed === (seed | 0)) return seed;
  return createHash("sha256").update(String(seed)).digest().readInt32BE(0) | 1;
}
