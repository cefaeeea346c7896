/** What runs were given and what they made: data sets and logged models, as links in one table. */
import type { ModelOutput, TrackedRun } from "../entities.ts";
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { numberOf } from "./database.ts";
import { linkDataset, readDatasets } from "./datasets.ts";
import { requireActiveRun } from "./run-row.ts";
import { requireLoggedModels, requireTables } from "./schema.ts";
import { randomId, refused, type Store } from "./store.ts";
import { checkDatasetInput, checkRunId } from "./validate-inputs.ts";

/** Of two data sets of one name and digest the first counts. */
export function logInputs(
  store: Store,
  { run_id, datasets = [], models = [] }: RequestOf<"runs/log-inputs">,
): Promise<ResponseOf<"runs/log-inputs">> {
  return store.database.write(() => {
    checkRunId(run_id);
    datasets.forEach(checkDatasetInput);
    requireTables(store.database, "inputs");
    const run = requireActiveRun(store, run_id);
    for (const input of datasets) linkDataset(store, run_id, numberOf(run, "experiment_id"), input);
    for (const { model_id } of models) {
      store.database.run(
        `INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id)
         VALUES (?, 'RUN_INPUT', ?, 'MODEL_INPUT', ?) ON CONFLICT DO NOTHING`,
        randomId(),
        run_id,
        model_id,
      );
    }
    return {};
  });
}

/** As in MLflow, a model is an output of a run once. */
export function logOutputs(
  store: Store,
  { run_id, models }: RequestOf<"runs/outputs">,
): Promise<ResponseOf<"runs/outputs">> {
  return store.database.write(() => {
    requireLoggedModels(store.database);
    requireActiveRun(store, run_id);
    for (const { model_id, step } of models) {
      const linked = store.database.run(
        `INSERT INTO inputs (input_uuid, source_type, source_id, destination_type, destination_id, step)
         VALUES (?, 'RUN_OUTPUT', ?, 'MODEL_OUTPUT', ?, ?) ON CONFLICT DO NOTHING`,
        randomId(),
        run_id,
        model_id,
        step,
      );
      if (linked === 0)
        throw refused(`the model ${model_id} is an output of run ${run_id} already`);
    }
    return {};
  });
}

type Inputs = NonNullable<TrackedRun["inputs"]>;
type Outputs = NonNullable<TrackedRun["outputs"]>;

/** By run; those that have none are left out. Inside a transaction. */
export function readInputs(store: Store, ids: readonly string[]): ReadonlyMap<string, Inputs> {
  if (!store.database.hasColumn("inputs", "source_id")) return new Map();
  const datasets = readDatasets(store, ids);
  const models = readModels(store, ids, "RUN_INPUT", "0");
  const runs = [...datasets.keys(), ...models.keys()];
  return new Map(
    runs.map((id) => {
      const sets = datasets.get(id);
      const inputs = models.get(id)?.map(({ model_id }) => ({ model_id }));
      return [
        id,
        { ...(sets && { dataset_inputs: sets }), ...(inputs && { model_inputs: inputs }) },
      ];
    }),
  );
}

/** As `readInputs`. */
export function readOutputs(store: Store, ids: readonly string[]): ReadonlyMap<string, Outputs> {
  if (!store.database.hasColumn("inputs", "step")) return new Map();
  const models = readModels(store, ids, "RUN_OUTPUT", "step");
  return new Map([...models].map(([id, outputs]) => [id, { model_outputs: outputs }]));
}

function readModels(
  store: Store,
  ids: readonly string[],
  source: "RUN_INPUT" | "RUN_OUTPUT",
  step: "step" | "0",
): Map<string, ModelOutput[]> {
  const found = store.database.tuples(
    `SELECT source_id, destination_id, ${step} FROM inputs
     WHERE source_type = ? AND source_id IN (SELECT value FROM json_each(?))`,
    source,
    JSON.stringify(ids),
  );
  const models = new Map<string, ModelOutput[]>();
  for (const [run, model, at] of found) {
    const own = models.get(String(run)) ?? [];
    own.push({ model_id: String(model), step: Number(at) });
    models.set(String(run), own);
  }
  return models;
}
