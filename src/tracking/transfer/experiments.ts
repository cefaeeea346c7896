/** Experiments: known by their names, made where they are missing, deleted where they came here deleted. */
import type { Experiment } from "../entities.ts";
import { copiedTags, originTag, tagOf } from "./marks.ts";
import { once, type Transfer } from "./transfer.ts";

/** The id of the experiment's counterpart at the target, made if there is none; undefined in a rehearsal that would make it. */
export function placeExperiment(transfer: Transfer, sourceId: string): Promise<string | undefined> {
  return once(transfer.known.placedExperiments, sourceId, async () => {
    const experiment = transfer.experiments.get(sourceId);
    if (experiment === undefined) throw new Error(`the source has no experiment ${sourceId}`);
    const there = transfer.known.experiments.get(experiment.name);
    if (there === undefined) return makeExperiment(transfer, experiment);
    if (there.lifecycle_stage === "active") await addTags(transfer, experiment, there);
    return there.experiment_id;
  });
}

async function makeExperiment(
  { target, source, isRehearsal, known }: Transfer,
  experiment: Experiment,
): Promise<string | undefined> {
  if (isRehearsal) return undefined;
  const { name, creation_time } = experiment;
  const tags = [...copiedTags(experiment.tags), { key: originTag, value: source.identity }];
  const given = creation_time === undefined ? {} : { now: creation_time };
  const { experiment_id } = await target.make(given, "experiments/create", { name, tags });
  const { experiment: made } = await target.tracking.call("experiments/get", { experiment_id });
  known.experiments.set(name, made);
  return experiment_id;
}

/** An experiment belongs to all who log to it: what its tags say there, stays. */
async function addTags(
  { target, isRehearsal }: Transfer,
  { tags }: Experiment,
  there: Experiment,
): Promise<void> {
  const { experiment_id } = there;
  for (const { key, value } of copiedTags(tags))
    if (!isRehearsal && tagOf(there.tags, key) === undefined)
      await target.tracking.call("experiments/set-experiment-tag", { experiment_id, key, value });
}

/** Only what this source has made there, and nobody has a run in that is not deleted. */
export async function deleteExperiment(
  { target, source, known, isRehearsal }: Transfer,
  { name }: Experiment,
): Promise<void> {
  const there = known.experiments.get(name);
  if (isRehearsal || there === undefined || there.lifecycle_stage === "deleted") return;
  if (tagOf(there.tags, originTag) !== source.identity) return;
  const { experiment_id } = there;
  const { runs = [] } = await target.tracking.call("runs/search", {
    experiment_ids: [experiment_id],
    max_results: 1,
  });
  if (runs.length === 0) await target.tracking.call("experiments/delete", { experiment_id });
}
