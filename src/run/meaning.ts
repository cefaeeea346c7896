/** What a run computes, apart from the values of its params, as one digest: the same as long as going on with it makes sense. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { RunPlan, StepAction } from "../plan/plan.ts";

/**
 * SHA-256 of the steps of `reference`, the plan of the run without any param's value: their code, scripts and files of the
 * project included, wherever they stand; not how many run at once, how long they may take, or what is cached.
 */
export async function meaningOf(reference: RunPlan, folder: string): Promise<string> {
  const steps = reference.actions.filter((action) => action.kind === "step");
  const parts: unknown[] = [reference.run, reference.file, reference.seed ?? null];
  for (const step of steps) parts.push(await partsOf(step, folder));
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

async function partsOf(step: StepAction, folder: string): Promise<unknown> {
  const { code, resources: _, timeoutMs: __, cache: ___, ...rest } = step;
  const files = step.inputs.flatMap(({ from }) => (from.kind === "file" ? [from.path] : []));
  const digests: (string | null)[] = [];
  for (const file of files) digests.push(await digestOf(path.join(folder, file)));
  const text = code.kind === "fence" ? code.text : await digestOf(path.resolve(folder, code.path));
  return { ...rest, text, digests };
}

/** Null for what cannot be read, which is told when the run starts. */
async function digestOf(file: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
  } catch {
    return null;
  }
}
