/** The counterpart of a run at the target: found by its marks or its id, or made. */
import type { TrackedRun } from "../entities.ts";
import { placeExperiment } from "./experiments.ts";
import { originRunTag, originTag } from "./marks.ts";
import { findCopy, rootOf, toCopy, type RunCopy } from "./target.ts";
import { experimentIds, once, type Placed, type Transfer } from "./transfer.ts";

/** Undefined where there is none and none is to be made: the run is not selected, or this is a rehearsal. */
export function placeRun(
  transfer: Transfer,
  run: TrackedRun,
): Promise<Placed<RunCopy> | undefined> {
  return once(transfer.known.placedRuns, run.info.run_id, async () => {
    const found = await findRun(transfer, run);
    if (found !== undefined) return { copy: found, isNew: false };
    if (transfer.isRehearsal || !transfer.selects(run)) return undefined;
    return { copy: await makeRun(transfer, run), isNew: true };
  });
}

async function findRun(transfer: Transfer, run: TrackedRun): Promise<RunCopy | undefined> {
  const root = rootOf(run);
  const known = transfer.known.runCopies.get(root);
  return known ?? findCopy(transfer.target, experimentIds(transfer), root);
}

/** The marks are there from the first moment: whoever begins again finds this run. */
async function makeRun(transfer: Transfer, run: TrackedRun): Promise<RunCopy> {
  const { target, source } = transfer;
  const { info } = run;
  const root = rootOf(run);
  const isNamed = target.keepsIds && root === info.run_id;
  const experimentId = await placeExperiment(transfer, info.experiment_id);
  const { run: made } = await target.make({ id: info.run_id }, "runs/create", {
    experiment_id: experimentId ?? "",
    start_time: info.start_time,
    run_name: info.run_name || info.run_id,
    ...(info.user_id !== "" && { user_id: info.user_id }),
    tags: [
      { key: originTag, value: source.identity },
      ...(isNamed ? [] : [{ key: originRunTag, value: root }]),
    ],
  });
  return { ...toCopy(made), made };
}

/** The id that a run of the source has at the target; undefined where it has none there. */
export async function mapRunId(transfer: Transfer, id: string): Promise<string | undefined> {
  const known = await transfer.known.placedRuns.get(id);
  if (known !== undefined) return known.copy.id;
  const run = await transfer.source.run(id);
  return run && (await placeRun(transfer, run))?.copy.id;
}
