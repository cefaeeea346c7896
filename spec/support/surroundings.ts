/** Surroundings for the client whose waits take no time and are written down. */
import type { Surroundings } from "../../src/tracking/retry.ts";

/** `random` is constant; the clock moves by what is slept, and by real time. */
export function recordWaits(random = 0.5): { surroundings: Surroundings; waits: number[] } {
  const waits: number[] = [];
  let slept = 0;
  let ids = 0;
  const surroundings: Surroundings = {
    now: () => performance.now() + slept,
    random: () => random,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      slept += milliseconds;
    },
    newId: () => `request-${++ids}`,
  };
  return { surroundings, waits };
}
