/** Data sets: each experiment keeps them once, and links say which run used them, and as what. */
import type { Dataset, DatasetInput } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { textOf, type Tuple } from "./database.ts";
import { requireTables } from "./schema.ts";
import { invalid, randomId, refused, type Store } from "./store.ts";
import { readExperimentId } from "./validate.ts";

const mostExperiments = 20;
const mostSummaries = 1000;

/** Those of the experiments that a run has used, once for each use they were put to. */
export function searchDatasets(
  store: Store,
  { experiment_ids }: RequestOf<"experiments/search-datasets">,
): Promise<ResponseOf<"experiments/search-datasets">> {
  if (experiment_ids.length === 0 || experiment_ids.length > mostExperiments)
    throw invalid(`name 1 to ${mostExperiments} experiments, not ${experiment_ids.length}`);
  return store.database.read(() => {
    requireTables(store.database, "inputs");
    const found = store.database.tuples(
      `SELECT DISTINCT datasets.experiment_id, datasets.name, datasets.digest, context.value
       FROM datasets JOIN inputs ON inputs.source_id = datasets.dataset_uuid
       LEFT JOIN input_tags AS context
         ON context.input_uuid = inputs.input_uuid AND context.name = 'mlflow.data.context'
       WHERE datasets.experiment_id IN (SELECT value FROM json_each(?)) LIMIT ?`,
      JSON.stringify(experiment_ids.map(readExperimentId)),
      mostSummaries,
    );
    const summaries = found.map(([id, name, digest, context]) => ({
      experiment_id: String(id),
      name: String(name),
      digest: String(digest),
      ...(context !== null && { context: String(context) }),
    }));
    return summaries.length === 0 ? {} : { dataset_summaries: summaries };
  });
}

/** Links a valid data set to a run, inside a write; one that the run has already is left as it is, with its tags. */
export function linkDataset(
  store: Store,
  runId: string,
  experimentId: number,
  { dataset, tags = [] }: DatasetInput,
): void {
  const input = randomId();
  const linked = store.database.run(
    `INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
     VALUES (?, 'DATASET', ?, 'RUN', ?) ON CONFLICT DO NOTHING`,
    input,
    idOfDataset(store, experimentId, dataset),
    runId,
  );
  if (linked === 0) return;
  for (const { key, value } of tags) {
    if (
      store.database.run(
        "INSERT INTO input_tags (input_uuid, name, value) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        input,
        key,
        value,
      ) === 0
    )
      throw refused(`the tag ${JSON.stringify(key)} of a data set is given twice`);
  }
}

/** Every experiment keeps its data sets once. */
function idOfDataset(store: Store, experimentId: number, dataset: Dataset): string {
  const known = store.database.first(
    "SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?",
    experimentId,
    dataset.name,
    dataset.digest,
  );
  if (known !== undefined) return textOf(known, "dataset_uuid");
  const id = randomId();
  store.database.run(
    `INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source,
       dataset_schema, dataset_profile) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    experimentId,
    dataset.name,
    dataset.digest,
    dataset.source_type,
    dataset.source,
    dataset.schema || null,
    dataset.profile || null,
  );
  return id;
}

/** By run; those that have none are left out. Inside a transaction. */
export function readDatasets(
  store: Store,
  ids: readonly string[],
): ReadonlyMap<string, readonly DatasetInput[]> {
  const found = store.database.tuples(
    `SELECT inputs.destination_id, inputs.input_uuid, name, digest, dataset_source_type, dataset_source,
       dataset_schema, dataset_profile
     FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id
     WHERE inputs.destination_type = 'RUN' AND inputs.source_type = 'DATASET'
       AND inputs.destination_id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(ids),
  );
  const tags = readInputTags(
    store,
    found.map(([, input]) => String(input)),
  );
  const datasets = new Map<string, DatasetInput[]>();
  for (const [run, input, ...dataset] of found) {
    const own = tags.get(String(input));
    const all = datasets.get(String(run)) ?? [];
    all.push({ ...(own && { tags: own.map(toTag) }), dataset: toDataset(dataset) });
    datasets.set(String(run), all);
  }
  return datasets;
}

function readInputTags(store: Store, inputs: readonly string[]): Map<string, Tuple[]> {
  if (inputs.length === 0) return new Map();
  const found = store.database.tuples(
    `SELECT input_uuid, name, value FROM input_tags
     WHERE input_uuid IN (SELECT value FROM json_each(?))`,
    JSON.stringify(inputs),
  );
  return Map.groupBy(found, ([input]) => String(input));
}

function toTag([, key, value]: Tuple): { readonly key: string; readonly value: string } {
  return { key: String(key), value: String(value) };
}

function toDataset([name, digest, type, source, schema, profile]: Tuple): Dataset {
  return {
    name: String(name),
    digest: String(digest),
    source_type: String(type),
    source: String(source),
    ...(schema !== null && { schema: String(schema) }),
    ...(profile !== null && { profile: String(profile) }),
  };
}
