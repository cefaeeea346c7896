/** An experiment of an `mlruns` folder: its `meta.yaml` and its tags. */
import { join } from "node:path";
import { lifecycles, type Experiment } from "../entities.ts";
import { choice, integer, message, optional, preset, text } from "../shape.ts";
import { readMeta, readTexts, type FileStore } from "./folder.ts";
import type { ExperimentFolder } from "./layout.ts";

const experimentMeta = message({
  experiment_id: text,
  name: text,
  artifact_location: preset(text, ""),
  lifecycle_stage: optional(choice(lifecycles)),
  creation_time: optional(integer),
  last_update_time: optional(integer),
});

/** Undefined, and reported, where it cannot be read. */
export async function readExperiment(
  store: FileStore,
  folder: ExperimentFolder,
): Promise<Experiment | undefined> {
  const meta = await readMeta(store, folder.path, experimentMeta);
  if (meta === undefined) return undefined;
  if (meta.experiment_id !== folder.id)
    store.report({
      place: folder.path,
      message: `says that it is the experiment ${meta.experiment_id}; it is taken for ${folder.id}`,
    });
  return {
    ...meta,
    experiment_id: folder.id,
    lifecycle_stage: folder.isDeleted ? "deleted" : "active",
    tags: await readTexts(store, join(folder.path, "tags")),
  };
}
