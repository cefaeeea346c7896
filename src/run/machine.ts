/** What this machine has for steps to share. */
import { readdirSync } from "node:fs";
import { totalmem } from "node:os";
import type { Claim } from "./pool.ts";

/** All memory and gpus there are, and as many cpus as may be busy at once. */
export function capacityOf(jobs: number, env: NodeJS.ProcessEnv): Claim {
  return { cpus: jobs, memoryBytes: totalmem(), gpus: countGpus(env) };
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
