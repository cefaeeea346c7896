/** The model registry brought to the target: registered models by name, with their tags and aliases. */
import type { KeyValue, RegisteredModel } from "../entities.ts";
import { onItsOwn } from "./failures.ts";
import { copyVersions } from "./model-versions.ts";
import { copiedTags, tagOf } from "./marks.ts";
import { unlessMissing } from "../tracking.ts";
import { isUnknownCall } from "./tracking-source.ts";
import type { Transfer } from "./transfer.ts";

/** A failure that is one model's alone is reported, and the next is copied. */
export async function copyRegistry(transfer: Transfer): Promise<void> {
  try {
    for await (const model of transfer.source.registeredModels()) await copyOne(transfer, model);
  } catch (error) {
    // The source has no registry.
    if (!isUnknownCall(error)) throw error;
  }
}

async function copyOne(transfer: Transfer, model: RegisteredModel): Promise<void> {
  await onItsOwn(`registered model ${model.name}`, transfer.report, async () => {
    const there = await placeRegistered(transfer, model);
    const numbers = await copyVersions(transfer, model.name);
    if (!transfer.isRehearsal) await setAliases(transfer, model, there, numbers);
  });
}

/** As it is at the target, made if there is none of that name; undefined in a rehearsal that would make it. */
async function placeRegistered(
  { target, isRehearsal }: Transfer,
  model: RegisteredModel,
): Promise<RegisteredModel | undefined> {
  const { name, description = "" } = model;
  const tags = copiedTags(model.tags);
  const found = await unlessMissing(() => target.tracking.call("registered-models/get", { name }));
  if (isRehearsal) return found?.registered_model;
  if (found === undefined) {
    const given = { now: model.creation_timestamp };
    const request = { name, tags, ...(description !== "" && { description }) };
    return (await target.make(given, "registered-models/create", request)).registered_model;
  }
  const there = found.registered_model;
  await addTags(transferTags(target, name), there.tags, tags);
  if (description !== "" && (there.description ?? "") === "")
    await target.tracking.call("registered-models/update", { name, description });
  return there;
}

type SetTag = (tag: KeyValue) => Promise<unknown>;

function transferTags({ tracking }: Transfer["target"], name: string): SetTag {
  return (tag) => tracking.call("registered-models/set-tag", { name, ...tag });
}

/** A registered model belongs to all who add versions: what its tags say at the target, stays. */
async function addTags(
  set: SetTag,
  there: readonly KeyValue[] | undefined,
  tags: readonly KeyValue[],
): Promise<void> {
  for (const tag of tags) if (tagOf(there, tag.key) === undefined) await set(tag);
}

/** `numbers` are the target's, by the source's. An alias that somebody has given to a version of their own, stays there. */
async function setAliases(
  { target, tell }: Transfer,
  { name, aliases = [] }: RegisteredModel,
  there: RegisteredModel | undefined,
  numbers: ReadonlyMap<string, string>,
): Promise<void> {
  const ours = new Set(numbers.values());
  for (const { alias, version } of aliases) {
    const wanted = numbers.get(version);
    const known = there?.aliases?.find((other) => other.alias === alias)?.version;
    if (wanted === undefined || known === wanted) continue;
    if (known === undefined || ours.has(known))
      await target.tracking.call("registered-models/set-alias", { name, alias, version: wanted });
    else
      tell({
        kind: "note",
        place: `registered model ${name}`,
        message: `its alias ${alias} is version ${known} at the target, and stays so`,
      });
  }
}
