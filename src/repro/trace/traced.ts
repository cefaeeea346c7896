/** Surroundings in which steps are traced: the same world, and their runtimes write down what the code does. */
import type { World } from "../../run/world.ts";

/** `world` with tracing; afterwards each step's folder has a trace for `readTrace`. Results are as without. */
export function traced(world: World | undefined): World {
  return { before: world?.before ?? [], env: { ...world?.env, MLPIPE_TRACE: "1" } };
}
