/** A whole transfer: experiments, runs, logged models, registry; the same again finds nothing left to do. */
import type { Experiment, LoggedModel, MetricPoint } from "../entities.ts";
import { copyModel } from "./copy-model.ts";
import { copyRun } from "./copy-run.ts";
import type { Summary } from "./event.ts";
import { deleteExperiment, placeExperiment } from "./experiments.ts";
import { onItsOwn } from "./failures.ts";
import { listModelCopies } from "./model-copies.ts";
import { gather, listExperiments, one } from "../pages.ts";
import { copyRegistry } from "./registry.ts";
import { select, type Selected, type Selection } from "./select.ts";
import type { Source } from "./source.ts";
import type { Tally } from "./tally.ts";
import { listCopies } from "./target.ts";
import type { Ends, Transfer } from "./transfer.ts";

export interface CopyOptions extends Selection {
  /** Say what would be done, and do nothing. */
  readonly isRehearsal?: boolean;
}

/**
 * Copies what the source holds to the target; whatever interrupted it, the same call goes on where it ended, and no run is
 * there twice. Rejects with TrackingError when an end fails as a whole; what fails alone is told, and the rest is copied.
 */
export async function copyAll(ends: Ends, options: CopyOptions, tally: Tally): Promise<Summary> {
  const experiments = await gather(one(ends.source.experiments()));
  const selected = await select(ends.source, experiments, options);
  const models = await gather(one(listModels(ends.source, selected)));
  const transfer = await begin(ends, options, { experiments, selected, models, tally });
  const refused = new Set<string>();
  for (const experiment of selected.experiments)
    if (!(await copyExperiment(transfer, experiment))) refused.add(experiment.experiment_id);
  for (const model of models)
    if (!refused.has(model.info.experiment_id)) await copyModel(transfer, model);
  if (selected.isAll) await copyRegistry(transfer);
  for (const experiment of selected.experiments)
    if (experiment.lifecycle_stage === "deleted") await deleteExperiment(transfer, experiment);
  const summary = tally.summary();
  tally.tell({ kind: "ended", ...summary });
  return summary;
}

/** Models of the experiments that are walked; if runs are named, only the models that these have made. */
async function* listModels(
  source: Source,
  { experiments, makes }: Selected,
): AsyncGenerator<LoggedModel> {
  for (const { experiment_id } of experiments)
    for await (const model of source.loggedModels(experiment_id)) if (makes(model)) yield model;
}

interface Found {
  readonly experiments: readonly Experiment[];
  readonly selected: Selected;
  readonly models: readonly LoggedModel[];
  readonly tally: Tally;
}

async function begin(
  { source, target }: Ends,
  { isRehearsal = false }: CopyOptions,
  { experiments, selected, models, tally }: Found,
): Promise<Transfer> {
  const there = await listExperiments(target.tracking, "ALL");
  const ids = there.map(({ experiment_id }) => experiment_id);
  return {
    source,
    target,
    isRehearsal,
    selects: selected.selects,
    tell: tally.tell,
    report: tally.report,
    experiments: new Map(experiments.map((each) => [each.experiment_id, each])),
    modelPoints: pointsByRun(models),
    known: {
      experiments: new Map(activeLast(there).map((each) => [each.name, each])),
      runCopies: await listCopies(target, ids, source.identity),
      modelCopies:
        models.length === 0 ? new Map() : await listModelCopies(target, ids, source.identity),
      placedExperiments: new Map(),
      placedRuns: new Map(),
      placedModels: new Map(),
    },
  };
}

function activeLast(experiments: readonly Experiment[]): readonly Experiment[] {
  return experiments.toSorted((a, b) => b.lifecycle_stage.localeCompare(a.lifecycle_stage));
}

function pointsByRun(models: readonly LoggedModel[]): ReadonlyMap<string, readonly MetricPoint[]> {
  const byRun = new Map<string, MetricPoint[]>();
  for (const { info, data } of models)
    for (const point of data.metrics ?? []) {
      const { run_id = info.source_run_id ?? "" } = point;
      const points = byRun.get(run_id) ?? [];
      byRun.set(run_id, points);
      points.push({ ...point, model_id: info.model_id });
    }
  return byRun;
}

/** False, and reported once, where the target does not take the experiment, and so nothing of what is in it. */
async function copyExperiment(transfer: Transfer, experiment: Experiment): Promise<boolean> {
  const { experiment_id, name, lifecycle_stage } = experiment;
  const place = `experiment ${name}`;
  const there = transfer.known.experiments.get(name);
  if (there?.lifecycle_stage === "deleted" && lifecycle_stage === "active") {
    const message =
      "is deleted at the target, so that nothing can be copied into it: restore it there";
    transfer.report({ place, message });
    return false;
  }
  // Every store has it from its beginning, a Databricks workspace never.
  if (
    name === "Default" &&
    there === undefined &&
    (await isEmpty(transfer.source.runs(experiment_id)))
  )
    return true;
  const isPlaced = await onItsOwn(place, transfer.report, () =>
    placeExperiment(transfer, experiment_id),
  );
  if (!isPlaced) return false;
  for await (const run of transfer.source.runs(experiment_id))
    if (transfer.selects(run)) await copyRun(transfer, run);
  return true;
}

async function isEmpty(items: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of items) return false;
  return true;
}
