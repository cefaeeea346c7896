/** Every law, in the order of its number. */
import { repeat } from "./l1-repeat.ts";
import { distribution } from "./l14-distribution.ts";
import { cache } from "./l7-cache.ts";
import { resume } from "./l8-resume.ts";
import { twoDoors } from "./l10-two-doors.ts";
import { replay } from "./l12-replay.ts";
import { roundTrip } from "./l9-round-trip.ts";
import { edits } from "./l11-edits.ts";
import { threads } from "./l13-threads.ts";
import { perturbation } from "./l2-perturbation.ts";
import { paramsLive } from "./l3-params-live.ts";
import { seed } from "./l4-seed.ts";
import { declared } from "./l5-declared.ts";
import { order } from "./l6-order.ts";
import type { Law } from "./law.ts";

export const allLaws: readonly Law[] = [
  repeat,
  perturbation,
  paramsLive,
  seed,
  declared,
  order,
  cache,
  resume,
  roundTrip,
  twoDoors,
  edits,
  replay,
  threads,
  distribution,
];
