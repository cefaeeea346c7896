/** One run brought to the target: data first, then artifacts, then its end, so that what looks whole is whole. */
import { type TrackedRun, isEnd } from "../entities.ts";
import type { Tracking } from "../tracking.ts";
import { bytesOf, sendArtifacts } from "./artifacts.ts";
import type { Outcome } from "./event.ts";
import { countReports, onItsOwn } from "./failures.ts";
import { copiedTag, partialTag, printMark, tagOf } from "./marks.ts";
import { mapModelId } from "./model-copies.ts";
import { placeRun } from "./place-run.ts";
import { rewriteDataset, rewriteTag } from "./rewrite.ts";
import { sendRunData, type Wanted } from "./run-data.ts";
import { ownerOf, readSnapshot, type Snapshot } from "./snapshot.ts";
import type { RunCopy } from "./target.ts";
import type { Placed, Transfer } from "./transfer.ts";

interface Copying {
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly targetId?: string;
}

/** Tells how it went. A failure that is this run's alone is reported, and the next run is copied. */
export async function copyRun(transfer: Transfer, head: TrackedRun): Promise<void> {
  const { run_id: id, run_name: name } = head.info;
  await onItsOwn(`run ${id}`, transfer.report, async () => {
    const run = await transfer.source.run(id);
    if (run === undefined) return;
    const copying = await bringOver(transfer, run);
    transfer.tell({ kind: "copied", what: "run", id, name, ...copying });
  });
}

async function bringOver(transfer: Transfer, run: TrackedRun): Promise<Copying> {
  const points = transfer.modelPoints.get(run.info.run_id) ?? [];
  const snapshot = await readSnapshot(transfer.source, run, points);
  const placed = await placeRun(transfer, run);
  if (transfer.isRehearsal || placed === undefined) return rehearse(snapshot, placed?.copy);
  const { copy, isNew } = placed;
  const targetId = copy.id;
  if (isSame(copy, snapshot)) return { outcome: "unchanged", bytes: 0, targetId };
  if (copy.lifecycle === "deleted") return { outcome: "left", bytes: 0, targetId };
  const { changes, bytes } = await update(transfer, snapshot, placed);
  const outcome = isNew ? "new" : changes + bytes > 0 ? "updated" : "unchanged";
  return { outcome, bytes, targetId };
}

function rehearse(snapshot: Snapshot, copy: RunCopy | undefined): Copying {
  const { files, mark } = snapshot;
  const bytes = bytesOf(files);
  if (copy === undefined) return { outcome: "new", bytes };
  const targetId = copy.id;
  if (isSame(copy, snapshot)) return { outcome: "unchanged", bytes: 0, targetId };
  if (copy.lifecycle === "deleted") return { outcome: "left", bytes: 0, targetId };
  return { outcome: "updated", bytes: copy.mark?.files === mark.files ? 0 : bytes, targetId };
}

/** A deleted run takes no mark, so that it is marked before it is deleted. */
function isSame({ mark: before, lifecycle }: RunCopy, { run, mark }: Snapshot): boolean {
  if (run.info.lifecycle_stage === "deleted" && lifecycle === "active") return false;
  return before?.data === mark.data && before.files === mark.files;
}

/** The mark is set last, and only on what is whole. */
async function update(
  transfer: Transfer,
  snapshot: Snapshot,
  placed: Placed<RunCopy>,
): Promise<{ readonly changes: number; readonly bytes: number }> {
  const { tracking } = transfer.target;
  const { id: run_id, made } = placed.copy;
  const { report, count } = countReports(transfer.report);
  const there = made ?? (await tracking.call("runs/get", { run_id })).run;
  const wanted = await translate(transfer, snapshot, there);
  const { run, files, mark } = snapshot;
  let changes = await sendRunData(tracking, there, wanted, report);
  const shipment = { owner: ownerOf(run), files, mark };
  const bytes = await sendArtifacts(transfer, shipment, placed, report);
  changes += await endRun(tracking, run, there);
  if (count() === 0)
    await tracking.call("runs/set-tag", { run_id, key: copiedTag, value: printMark(mark) });
  if (run.info.lifecycle_stage === "deleted") {
    await tracking.call("runs/delete", { run_id });
    changes += 1;
  }
  return { changes, bytes };
}

/** The run with the target's ids. */
async function translate(
  transfer: Transfer,
  { run, tags, points }: Snapshot,
  there: TrackedRun,
): Promise<Wanted> {
  const { inputs = {}, outputs = {} } = run;
  return {
    params: run.data.params ?? [],
    tags: await inTurn(tags, (tag) => rewriteTag(transfer, tag, there.data.tags)),
    points: await inTurn(points, async (point) => {
      const { run_id: _, model_id, ...own } = point;
      const model = model_id === undefined ? undefined : await mapModelId(transfer, model_id);
      return model === undefined ? own : { ...own, model_id: model };
    }),
    inputs: {
      dataset_inputs: await inTurn(inputs.dataset_inputs ?? [], (input) =>
        rewriteDataset(transfer, input),
      ),
      model_inputs: await translateLinks(transfer, inputs.model_inputs),
    },
    outputs: { model_outputs: await translateLinks(transfer, outputs.model_outputs) },
  };
}

async function inTurn<From, To>(
  items: readonly From[],
  work: (item: From) => Promise<To>,
): Promise<readonly To[]> {
  const done: To[] = [];
  for (const item of items) done.push(await work(item));
  return done;
}

/** A model that is deleted, or that the target cannot keep, has no link there. */
async function translateLinks<Link extends { readonly model_id: string }>(
  transfer: Transfer,
  links: readonly Link[] = [],
): Promise<readonly Link[]> {
  const translated: Link[] = [];
  for (const link of links) {
    const model = await mapModelId(transfer, link.model_id);
    if (model !== undefined) translated.push({ ...link, model_id: model });
  }
  return translated;
}

/** Name, status and end; a run that has ended at the target does not begin again. Resolves to the number of changes. */
async function endRun(
  tracking: Tracking,
  { info, data }: TrackedRun,
  { info: there }: TrackedRun,
): Promise<number> {
  const { status, end_time } = info;
  const isPart = tagOf(data.tags, partialTag) !== undefined;
  const name = isPart ? there.run_name : info.run_name || info.run_id;
  const isOver = isEnd(status) || !isEnd(there.status);
  const isOther =
    isOver && (status !== there.status || (end_time ?? there.end_time) !== there.end_time);
  if (!isOther && name === there.run_name) return 0;
  await tracking.call("runs/update", {
    run_id: there.run_id,
    ...(name !== there.run_name && { run_name: name }),
    ...(isOther && { status }),
    ...(isOther && end_time !== undefined && { end_time }),
  });
  return 1;
}
