/** Surroundings in which steps are traced: the same world, and their runtimes write down what the code does. */
import type { World } from "../../run/world.ts";
import { findStrace, straceBefore } from "./strace.ts";

/** What records files: `strace`, by its path, all of them; `undefined`, the functions of the language alone. */
export interface TraceMeans {
  readonly strace: string | undefined;
}

/** The best that this machine has. */
export async function findMeans(env: NodeJS.ProcessEnv): Promise<TraceMeans> {
  return { strace: await findStrace(env) };
}

/**
 * `world` with tracing; afterwards each step's folder has a trace for `readTrace`. Results are as without. Without `means` files
 * are recorded by the functions of the language.
 */
export function traced(
  world: World | undefined,
  { strace }: TraceMeans = { strace: undefined },
): World {
  const before = strace === undefined ? [] : straceBefore(strace);
  return {
    before: [...(world?.before ?? []), ...before],
    env: { ...world?.env, MLPIPE_TRACE: "1" },
  };
}
