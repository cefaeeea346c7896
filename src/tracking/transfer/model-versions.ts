/** Versions of a registered model brought to the target, with the numbers they have where these are free. */
import type { RequestOf } from "../endpoints.ts";
import type { KeyValue, ModelVersion } from "../entities.ts";
import {
  copiedTag,
  copiedTags,
  originTag,
  originVersionTag,
  placeholderTag,
  printMark,
  readMark,
  tagOf,
  type Mark,
} from "./marks.ts";
import { mapModelId } from "./model-copies.ts";
import { gather, one } from "../pages.ts";
import { mapRunId } from "./place-run.ts";
import { modelOf, rewriteSource } from "./rewrite.ts";
import { isRefusal } from "./send-batch.ts";
import { digest } from "./snapshot.ts";
import { listVersions } from "./tracking-source.ts";
import type { Transfer } from "./transfer.ts";

/** Which version a version is, in any store: its first number, and when it was made. */
function rootOf({ tags, version, creation_timestamp }: ModelVersion): string {
  return tagOf(tags, originVersionTag) ?? `${version}.${creation_timestamp}`;
}

interface Versions {
  /** The target's, by root. */
  readonly there: ReadonlyMap<string, ModelVersion>;
  /** The highest number at the target that is known. */
  highest: number;
}

/** Resolves to the numbers at the target, by those at the source. Each copy is told; one that is refused is reported. */
export async function copyVersions(
  transfer: Transfer,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const numbers = new Map<string, string>();
  const versions = await listThere(transfer, name);
  for (const version of await gather(one(transfer.source.modelVersions(name)))) {
    const number = await copyVersion(transfer, version, versions);
    if (number !== undefined) numbers.set(version.version, number);
  }
  return numbers;
}

async function listThere(transfer: Transfer, name: string): Promise<Versions> {
  const there = new Map<string, ModelVersion>();
  let highest = 0;
  for await (const version of listVersions(transfer.target.tracking, name)) {
    highest = Math.max(highest, Number(version.version));
    const wanted = tagOf(version.tags, placeholderTag);
    if (wanted === undefined || (await settle(transfer, version, Number(wanted))))
      there.set(rootOf(version), version);
  }
  return { there, highest };
}

/** Keeps the version if its number serves, and says so. */
async function settle(transfer: Transfer, version: ModelVersion, wanted: number): Promise<boolean> {
  const isKept = Number(version.version) >= wanted;
  const { name, version: number } = version;
  if (!isKept) await deleteVersion(transfer, version);
  else if (!transfer.isRehearsal)
    await transfer.target.tracking.call("model-versions/delete-tag", {
      name,
      version: number,
      key: placeholderTag,
    });
  return isKept;
}

async function deleteVersion(
  { target, isRehearsal }: Transfer,
  { name, version }: ModelVersion,
): Promise<void> {
  if (!isRehearsal) await target.tracking.call("model-versions/delete", { name, version });
}

/** Resolves to its number at the target; undefined where it has none. */
async function copyVersion(
  transfer: Transfer,
  version: ModelVersion,
  versions: Versions,
): Promise<string | undefined> {
  const { name, version: id } = version;
  const found = versions.there.get(rootOf(version));
  const mark = markOf(version);
  const isSame = readMark(found?.tags)?.data === mark.data;
  const outcome = found === undefined ? "new" : isSame ? "unchanged" : "updated";
  const told = { kind: "copied", what: "model version", id, name, bytes: 0, outcome } as const;
  if (transfer.isRehearsal || (found !== undefined && isSame)) {
    const target = found === undefined ? {} : { targetId: found.version };
    transfer.tell({ ...told, ...target });
    return found?.version;
  }
  try {
    const copy = found ?? (await makeVersion(transfer, version, versions));
    await bringUp(transfer, version, copy, mark);
    transfer.tell({ ...told, targetId: copy.version });
    return copy.version;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    transfer.report({ place: `version ${id} of ${name}`, message: `is refused: ${error.message}` });
    return undefined;
  }
}

function markOf({ description, current_stage, tags }: ModelVersion): Mark {
  const pairs = copiedTags(tags).map(({ key, value }) => `${key} ${value}`);
  const data = digest([description ?? "", current_stage ?? "None", pairs.toSorted()]);
  return { data, files: "0", listed: 0 };
}

/** Numbers of deleted versions are not given again: the target comes to the same number by deleting as many. */
async function makeVersion(
  transfer: Transfer,
  version: ModelVersion,
  versions: Versions,
): Promise<ModelVersion> {
  const request = await requestFor(transfer, version);
  const given = { now: version.creation_timestamp };
  const number = Number(version.version);
  for (;;) {
    const isSure = versions.highest >= number - 1;
    const placeholder = { key: placeholderTag, value: version.version };
    const tags = isSure ? request.tags : [...request.tags, placeholder];
    const whole = { ...request, tags };
    const { model_version } = await transfer.target.make(given, "model-versions/create", whole);
    versions.highest = Number(model_version.version);
    if (isSure || (await settle(transfer, model_version, number))) return model_version;
  }
}

async function requestFor(
  transfer: Transfer,
  version: ModelVersion,
): Promise<RequestOf<"model-versions/create"> & { readonly tags: readonly KeyValue[] }> {
  const { name, run_id = "", run_link = "" } = version;
  const run = run_id === "" ? undefined : await mapRunId(transfer, run_id);
  const owner = modelOf(version);
  const model = owner === undefined ? undefined : await mapModelId(transfer, owner);
  return {
    name,
    source: await rewriteSource(transfer, version),
    ...(run !== undefined && { run_id: run }),
    ...(model !== undefined && { model_id: model }),
    ...(run_link !== "" && { run_link }),
    tags: [
      { key: originTag, value: transfer.source.identity },
      { key: originVersionTag, value: rootOf(version) },
    ],
  };
}

async function bringUp(
  { target: { tracking } }: Transfer,
  version: ModelVersion,
  copy: ModelVersion,
  mark: Mark,
): Promise<void> {
  const place = { name: copy.name, version: copy.version };
  const { description = "", current_stage = "None" } = version;
  if (description !== (copy.description ?? ""))
    await tracking.call("model-versions/update", { ...place, description });
  if (current_stage !== (copy.current_stage ?? "None"))
    await tracking.call("model-versions/transition-stage", {
      ...place,
      stage: current_stage,
      archive_existing_versions: false,
    });
  for (const tag of copiedTags(version.tags))
    if (tagOf(copy.tags, tag.key) !== tag.value)
      await tracking.call("model-versions/set-tag", { ...place, ...tag });
  const value = printMark(mark);
  await tracking.call("model-versions/set-tag", { ...place, key: copiedTag, value });
}
