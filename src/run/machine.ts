/** What this machine has for steps to share. */
import { readdirSync } from "node:fs";
import { totalmem } from "node:os";
import type { Resources } from "../check/program.ts";
import type { Claim } from "./pool.ts";

/** All memory and gpus there are, and as many cpus as may be busy at once. */
export function capacityOf(jobs: number, env: NodeJS.ProcessEnv): Claim {
  return { cpus: jobs, memoryBytes: totalmem(), gpus: countGpus(env) };
}

/** What a step asks for and the machine has not, as R0866 says it; nothing where it has. */
export function shortages(
  { memoryBytes = 0, gpus = 0 }: Resources,
  has: Claim,
): readonly { readonly asked: string; readonly has: string }[] {
  const memory = { asked: gibibytes(memoryBytes), has: gibibytes(has.memoryBytes) };
  const cards = { asked: `${gpus} gpus`, has: has.gpus === 0 ? "none" : String(has.gpus) };
  return [...(memoryBytes > has.memoryBytes ? [memory] : []), ...(gpus > has.gpus ? [cards] : [])];
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB of memory`;
}

/** Those that CUDA_VISIBLE_DEVICES leaves visible; else the devices of NVIDIA's driver. */
function countGpus({ CUDA_VISIBLE_DEVICES: visible }: NodeJS.ProcessEnv): number {
  if (visible !== undefined) return visible.split(",").filter((name) => name.trim() !== "").length;
  try {
    return readdirSync("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
  } catch {
    return 0;
  }
}
