/** Where the runs are that a run's inputs come from. */
import type { Run } from "../check/program.ts";
import { openTracking } from "../tracking/open.ts";
import type { Tracking } from "../tracking/tracking.ts";

/** Undefined where no input comes from another run. `uri`: as `openTracking` has it. Rejects with TrackingError. */
export async function openOrigin(
  { steps }: Pick<Run, "steps">,
  uri: string | undefined,
): Promise<Tracking | undefined> {
  const isFromRun = steps.some(({ inputs }) =>
    inputs.some(({ from: { kind } }) => kind === "run" || kind === "run-id" || kind === "best"),
  );
  return isFromRun ? openTracking(uri, { lookOnly: true }) : undefined;
}
