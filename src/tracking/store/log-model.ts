/** Models logged with a run: a list in one of its tags, from which MLflow's pages show them. */
import type { RequestOf, ResponseOf } from "../endpoints.ts";
import { textOf } from "./database.ts";
import { requireActiveRun } from "./run-row.ts";
import { invalid, type Store } from "./store.ts";
import { putTag } from "./tags.ts";

const historyTag = "mlflow.log-model.history";
const requiredFields = ["artifact_path", "flavors", "utc_time_created", "run_id"] as const;
/** What MLflow copies from the model's description into the tag, besides the flavors. */
const copiedFields = ["artifact_path", "run_id", "utc_time_created", "model_uuid"] as const;

type Fields = Readonly<Record<string, unknown>>;

export function logModel(
  store: Store,
  { run_id, model_json }: RequestOf<"runs/log-model">,
): Promise<ResponseOf<"runs/log-model">> {
  return store.database.write(() => {
    const model = summarize(readModel(model_json));
    requireActiveRun(store, run_id);
    const value = JSON.stringify([...readHistory(store, run_id), model]);
    putTag(store, run_id, { key: historyTag, value });
    return {};
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readModel(text: string): Fields {
  const model = parse(text);
  if (!isFields(model)) throw invalid("model_json is no JSON object");
  const absent = requiredFields.filter((field) => !(field in model));
  if (absent.length > 0) throw invalid(`model_json has no ${absent.join(", ")}`);
  return model;
}

/** As MLflow does, the configuration of a flavor stays out of the tag. */
function summarize(model: Fields): Fields {
  const copied = copiedFields
    .filter((field) => field in model)
    .map((field) => [field, model[field]]);
  const flavors = isFields(model["flavors"]) ? model["flavors"] : {};
  const plain = Object.entries(flavors).map(([name, flavor]) => [
    name,
    withoutConfiguration(flavor),
  ]);
  return { ...Object.fromEntries(copied), flavors: Object.fromEntries(plain) };
}

function withoutConfiguration(flavor: unknown): unknown {
  if (!isFields(flavor)) return flavor;
  return Object.fromEntries(Object.entries(flavor).filter(([name]) => name !== "config"));
}

function readHistory(store: Store, runId: string): readonly unknown[] {
  const row = store.database.first(
    "SELECT value FROM tags WHERE key = ? AND run_uuid = ?",
    historyTag,
    runId,
  );
  if (row === undefined) return [];
  const history = parse(textOf(row, "value"));
  if (!Array.isArray(history)) {
    throw invalid(
      `the tag ${historyTag} of run ${runId} is no list of models`,
      "something else has written it: log the model with another run",
    );
  }
  return history;
}
