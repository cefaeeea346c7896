/** What a run computes, apart from the values of its params, as one digest: the same as long as going on with it makes sense. */
import path from "node:path";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import { digestOf, digestOfPath } from "./cache/digest.ts";
import { codeMeanings } from "./cache/known.ts";
import { cacheFolder } from "./cache/places.ts";

/**
 * SHA-256 of the steps of `reference`, the plan of the run without any param's value: what their code says (its comments and
 * its layout say nothing), the code files that it names and the files of the project that are inputs, wherever they stand;
 * not how many run at once, how long they may take, or what is cached.
 */
export async function meaningOf(
  reference: RunPlan,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const steps = reference.actions.filter((action) => action.kind === "step");
  const codes = await codeMeanings(steps, { root: cacheFolder(folder), folder, env });
  const parts: unknown[] = [reference.run, reference.file, reference.seed ?? null];
  for (const [at, step] of steps.entries())
    parts.push([withoutPlaces(step), codes[at], await filesOf(step, folder)]);
  return digestOf(JSON.stringify(parts));
}

/** Where the code stands says nothing, nor how the step is performed. */
function withoutPlaces(step: StepAction): object {
  return { ...step, code: undefined, resources: undefined, timeoutMs: undefined, cache: undefined };
}

/** Null for what is not there, which is told when the run starts. */
async function filesOf(
  { inputs }: StepAction,
  folder: string,
): Promise<readonly (string | null)[]> {
  const files = inputs.flatMap(({ from }) => (from.kind === "file" ? [from.path] : []));
  return Promise.all(
    files.map(async (file) => (await digestOfPath(path.join(folder, file))) ?? null),
  );
}
