/** Every law, in the order of its number. */
import { repeat } from "./l1-repeat.ts";
import { distribution } from "./l14-distribution.ts";
import { threads } from "./l13-threads.ts";
import { perturbation } from "./l2-perturbation.ts";
import { paramsLive } from "./l3-params-live.ts";
import { seed } from "./l4-seed.ts";
import { order } from "./l6-order.ts";
import type { Law } from "./law.ts";

export const allLaws: readonly Law[] = [
  repeat,
  perturbation,
  paramsLive,
  seed,
  order,
  threads,
  distribution,
];
