/** New runs: each has an id, a name, and a place for its artifacts from the start. */
import type { KeyValue } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { locateRun } from "./artifact-location.ts";
import { numberOf, textOf, type Row } from "./database.ts";
import { requireActiveExperiment } from "./experiments.ts";
import { makeRunName } from "./run-name.ts";
import { requireRun } from "./run-row.ts";
import { readRun } from "./runs.ts";
import { invalid, refused, type Store } from "./store.ts";
import { putTag, runNameTag } from "./tags.ts";

/** As in MLflow, the tags of a new run are of any length. */
export function createRun(
  store: Store,
  request: RequestOf<"runs/create">,
): Promise<ResponseOf<"runs/create">> {
  return store.database.write(() => {
    const experiment = requireActiveExperiment(store, request.experiment_id);
    const { name, tags } = nameRun(request);
    const id = store.newId();
    insertRun(store, { id, name, request, experiment });
    for (const tag of tags) putTag(store, id, tag);
    const { info, data } = readRun(store, requireRun(store, id));
    return { run: { info, data, inputs: {} } };
  });
}

/** The name, which is among the tags too. */
function nameRun({ run_name = "", tags = [] }: RequestOf<"runs/create">): {
  readonly name: string;
  readonly tags: readonly KeyValue[];
} {
  const tagged = tags.find(({ key }) => key === runNameTag)?.value ?? "";
  if (run_name !== "" && tagged !== "" && run_name !== tagged) {
    throw invalid(
      `the run is named ${JSON.stringify(run_name)}, but its tag ${runNameTag} says ${JSON.stringify(tagged)}`,
      "give one of them",
    );
  }
  const name = run_name || tagged || makeRunName();
  const all = tagged === "" ? [...tags, { key: runNameTag, value: name }] : tags;
  if (new Set(all.map(({ key }) => key)).size < all.length)
    throw refused("a tag of the new run is given twice");
  return { name, tags: all };
}

interface NewRun {
  readonly id: string;
  readonly name: string;
  readonly request: RequestOf<"runs/create">;
  readonly experiment: Row;
}

function insertRun(store: Store, { id, name, request, experiment }: NewRun): void {
  store.database.run(
    `INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,
       start_time, source_version, lifecycle_stage, artifact_uri, experiment_id)
     VALUES (?, ?, 'UNKNOWN', '', '', ?, 'RUNNING', ?, '', 'active', ?, ?)`,
    id,
    name,
    request.user_id ?? "",
    request.start_time,
    locateRun(textOf(experiment, "artifact_location"), id),
    numberOf(experiment, "experiment_id"),
  );
}
