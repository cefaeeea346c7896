/** One logged model brought to the target. Its metrics travel with the runs that logged them. */
import type { KeyValue, LoggedModel } from "../entities.ts";
import type { Tracking } from "../tracking.ts";
import { bytesOf, sendArtifacts } from "./artifacts.ts";
import type { Outcome } from "./event.ts";
import { countReports, onItsOwn } from "./failures.ts";
import { copiedTag, copiedTags, printMark, tagOf, type Mark } from "./marks.ts";
import { placeModel, type ModelCopy } from "./model-copies.ts";
import { gather, one } from "../pages.ts";
import { digest, digestFiles } from "./snapshot.ts";
import type { Owner, SourceFile } from "./source.ts";
import type { Placed, Transfer } from "./transfer.ts";

interface Snapshot {
  readonly model: LoggedModel;
  readonly tags: readonly KeyValue[];
  readonly owner: Owner;
  readonly files: readonly SourceFile[];
  readonly mark: Mark;
}

/** Tells how it went. A failure that is this model's alone is reported. */
export async function copyModel(transfer: Transfer, model: LoggedModel): Promise<void> {
  const { model_id: id, name } = model.info;
  await onItsOwn(`logged model ${id}`, transfer.report, async () => {
    const snapshot = await readSnapshot(transfer, model);
    const placed = await placeModel(transfer, model);
    if (placed === undefined && !transfer.isRehearsal) return;
    const copying = await bringOver(transfer, snapshot, placed);
    const target = placed === undefined ? {} : { targetId: placed.copy.id };
    transfer.tell({ kind: "copied", what: "logged model", id, name, ...target, ...copying });
  });
}

async function readSnapshot({ source }: Transfer, model: LoggedModel): Promise<Snapshot> {
  const { info, data } = model;
  const owner = { kind: "model", id: info.model_id, uri: info.artifact_uri } as const;
  const listed = Date.now();
  const files = await gather(one(source.files(owner)));
  const tags = copiedTags(info.tags);
  const pairs = [...(data.params ?? []), ...tags].map(({ key, value }) => `${key} ${value}`);
  const mark = { data: digest([info.status, pairs.toSorted()]), files: digestFiles(files), listed };
  return { model, tags, owner, files, mark };
}

async function bringOver(
  transfer: Transfer,
  snapshot: Snapshot,
  placed: Placed<ModelCopy> | undefined,
): Promise<{ readonly outcome: Outcome; readonly bytes: number }> {
  const bytes = bytesOf(snapshot.files);
  if (placed === undefined) return { outcome: "new", bytes };
  const { copy, isNew } = placed;
  const { mark } = snapshot;
  if (copy.mark?.data === mark.data && copy.mark.files === mark.files)
    return { outcome: "unchanged", bytes: 0 };
  if (transfer.isRehearsal) return { outcome: "updated", bytes };
  const sent = await update(transfer, snapshot, placed);
  return { outcome: isNew ? "new" : "updated", bytes: sent };
}

/** The mark is set last, and only on what is whole. Resolves to the number of bytes of its files. */
async function update(
  transfer: Transfer,
  { model, tags, owner, files, mark }: Snapshot,
  placed: Placed<ModelCopy>,
): Promise<number> {
  const { tracking } = transfer.target;
  const model_id = placed.copy.id;
  const { report, count } = countReports(transfer.report);
  const { info, data } = (await tracking.call("logged-models/get", { model_id })).model;
  const isLacking = (there: readonly KeyValue[] | undefined) => (pair: KeyValue) =>
    tagOf(there, pair.key) !== pair.value;
  const params = (model.data.params ?? []).filter(
    ({ key }) => tagOf(data.params, key) === undefined,
  );
  if (params.length > 0) await tracking.call("logged-models/log-params", { model_id, params });
  const sent = await sendArtifacts(transfer, { owner, files, mark }, placed, report);
  await finalize(tracking, model_id, model.info.status, info.status);
  const marks = count() === 0 ? [{ key: copiedTag, value: printMark(mark) }] : [];
  const changed = [...tags.filter(isLacking(info.tags)), ...marks];
  if (changed.length > 0)
    await tracking.call("logged-models/set-tags", { model_id, tags: changed });
  return sent;
}

type Status = LoggedModel["info"]["status"];

/** A model that is ready does not become pending again. */
async function finalize(
  tracking: Tracking,
  model_id: string,
  status: Status,
  there: Status,
): Promise<void> {
  const isOver = status === "LOGGED_MODEL_READY" || status === "LOGGED_MODEL_UPLOAD_FAILED";
  if (isOver && status !== there)
    await tracking.call("logged-models/finalize", { model_id, status });
}
