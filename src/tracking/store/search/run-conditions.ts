/** Comparisons of a search for runs as conditions on the table of runs. */
import type { Database } from "../database.ts";
import { runNameTag } from "../tags.ts";
import type { Comparison } from "./filter.ts";
import {
  compareAttribute,
  compareNumber,
  comparePair,
  compareText,
  compareTexts,
  type Attributes,
  type Condition,
} from "./where.ts";
import { invalid } from "../store.ts";

/** A condition that runs fulfil. */
export interface RunCondition extends Condition {
  /** The ids of the runs that fulfil it, where an index of mlpipe's finds them by their value. */
  readonly owners?: Condition;
}

const runName = { column: "runs.name", kind: "text" } as const;
const started = { column: "runs.start_time", kind: "number" } as const;
/** What runs can be sorted by. */
export const sortedAttributes: Attributes = new Map([
  ["run_id", { column: "runs.run_uuid", kind: "text", listed: true }],
  ["run_name", runName],
  ["status", { column: "runs.status", kind: "text" }],
  ["artifact_uri", { column: "runs.artifact_uri", kind: "text" }],
  ["user_id", { column: "runs.user_id", kind: "text" }],
  ["start_time", started],
  ["created", started],
  ["Created", started],
  ["end_time", { column: "runs.end_time", kind: "number" }],
]);
const attributes: Attributes = new Map([
  ...sortedAttributes,
  ["Run name", runName],
  ["Run Name", runName],
  ["run name", runName],
]);

/** Longer values are not in the indexes. */
const longestIndexed = 250;

export function compareRun(database: Database, comparison: Comparison): RunCondition {
  switch (comparison.entity) {
    case "attribute":
      return compareRunAttribute(comparison);
    case "metric":
      return compareMetric(comparison);
    case "param":
      return compareRunPair("params", comparison);
    case "tag":
      return compareRunPair("tags", comparison);
    case "dataset":
      return compareDataset(database, comparison);
    default:
      return comparison.entity satisfies never;
  }
}

/** MLflow looks for the name among the tags: runs of MLflow before 2 have it there only. */
function compareRunAttribute(comparison: Comparison): RunCondition {
  const named = attributes.get(comparison.key) === runName && "value" in comparison;
  return named
    ? compareRunPair("tags", { ...comparison, entity: "tag", key: runNameTag })
    : compareAttribute(attributes, comparison);
}

/** NaN is unequal to every number, and neither above nor below. */
function compareMetric(comparison: Comparison): RunCondition {
  const { text, values } = compareNumber("point.value", comparison);
  const isUnequal = comparison.operator === "!=";
  const holds = isUnequal ? `(${text} OR point.is_nan)` : `${text} AND NOT point.is_nan`;
  const found = `FROM latest_metrics AS point WHERE point.key = ? AND ${holds}`;
  const all = [comparison.key, ...values];
  return {
    text: `EXISTS (SELECT 1 ${found} AND point.run_uuid = runs.run_uuid)`,
    values: all,
    ...(!isUnequal && { owners: { text: `SELECT point.run_uuid ${found}`, values: all } }),
  };
}

function compareRunPair(table: "params" | "tags", comparison: Comparison): RunCondition {
  const short =
    comparison.operator === "=" && Array.from(String(comparison.value)).length <= longestIndexed;
  if (!short) return comparePair({ table, owner: "pair.run_uuid = runs.run_uuid" }, comparison);
  const { text, values } = compareText("pair.value", comparison);
  const found = `FROM ${table} AS pair WHERE pair.key = ? AND ${text} AND length(pair.value) <= ${longestIndexed}`;
  const all = [comparison.key, ...values];
  return {
    text: `EXISTS (SELECT 1 ${found} AND pair.run_uuid = runs.run_uuid)`,
    values: all,
    owners: { text: `SELECT pair.run_uuid ${found}`, values: all },
  };
}

const datasetColumns: ReadonlyMap<string, string> = new Map([
  ["name", "datasets.name"],
  ["digest", "datasets.digest"],
  ["context", "context.value"],
]);

/** One data set among the inputs of a run is enough. */
function compareDataset(database: Database, comparison: Comparison): RunCondition {
  const column = datasetColumns.get(comparison.key);
  if (column === undefined)
    throw invalid(
      `data sets have no ${JSON.stringify(comparison.key)} to search by`,
      `use dataset.${[...datasetColumns.keys()].join(" or dataset.")}`,
    );
  const { text, values } = compareTexts(column, comparison);
  if (!database.hasTable("inputs")) return { text: "FALSE", values: [] };
  return {
    text: `EXISTS (SELECT 1 FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id
      LEFT JOIN input_tags AS context
        ON context.input_uuid = inputs.input_uuid AND context.name = 'mlflow.data.context'
      WHERE inputs.destination_type = 'RUN' AND inputs.destination_id = runs.run_uuid
        AND inputs.source_type = 'DATASET' AND ${text})`,
    values,
  };
}
