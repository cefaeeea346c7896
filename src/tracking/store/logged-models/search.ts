/** logged-models/search: filters by attributes, params, tags and any of the metrics, sorts by attributes and the latest metrics. */
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import { cutPage, readOffset } from "../page.ts";
import { requireLoggedModels } from "../schema.ts";
import { readFilter, type Comparison } from "../search/filter.ts";
import { loggedModelLanguage } from "../search/language.ts";
import {
  compareAttribute,
  compareNumber,
  compareTexts,
  type Attribute,
  type Attributes,
  type Condition,
} from "../search/where.ts";
import { invalid, type Store } from "../store.ts";
import { readExperimentId } from "../validate.ts";
import { modelColumns, readModels } from "./models.ts";

type Request = RequestOf<"logged-models/search">;

const created = { column: "logged_models.creation_timestamp_ms", kind: "number" } as const;
const updated = { column: "logged_models.last_updated_timestamp_ms", kind: "number" } as const;

function text(column: string): Attribute {
  return { column: `logged_models.${column}`, kind: "text", listed: true };
}

const attributes: Attributes = new Map<string, Attribute>([
  ...["model_id", "experiment_id", "name", "artifact_location", "status", "lifecycle_stage"].map(
    (name) => [name, text(name)] as const,
  ),
  ...["model_type", "source_run_id", "status_message"].map((name) => [name, text(name)] as const),
  ["creation_time", created],
  ["creation_timestamp", created],
  ["creation_timestamp_ms", created],
  ["last_updated_timestamp", updated],
  ["last_updated_timestamp_ms", updated],
]);

const defaultPageSize = 100;

export function searchLoggedModels(
  store: Store,
  request: Request,
): Promise<ResponseOf<"logged-models/search">> {
  return store.database.read(() => {
    requireLoggedModels(store.database);
    const size = request.max_results || defaultPageSize;
    if (size < 1) throw invalid(`max_results is ${size}`, "use a whole number from 1");
    const searched = {
      experiment_ids: request.experiment_ids,
      filter_string: request.filter || null,
      order_by: request.order_by ?? null,
    };
    const offset = readOffset(request.page_token, searched);
    const rows = store.database.all(...selectModels(request, size + 1, offset));
    const { items, ...page } = cutPage(rows, { size, offset, searched });
    return items.length === 0 ? page : { models: readModels(store, items), ...page };
  });
}

function selectModels(
  request: Request,
  limit: number,
  offset: number,
): [text: string, ...values: (string | number | null)[]] {
  const comparisons = readFilter(request.filter, loggedModelLanguage);
  const onDatasets = chooseDatasets(request.datasets ?? []);
  const conditions = [
    {
      text: "experiment_id IN (SELECT value FROM json_each(?)) AND lifecycle_stage <> 'deleted'",
      values: [JSON.stringify(request.experiment_ids.map(readExperimentId))],
    },
    ...comparisons.map((comparison) => compareModel(comparison, onDatasets)),
    ...(comparisons.some(({ entity }) => entity === "metric") ? [] : [anyMetric(onDatasets)]),
  ];
  const order = (request.order_by ?? []).map(sortBy);
  return [
    `SELECT ${modelColumns} FROM logged_models WHERE ${conditions.map((each) => each.text).join(" AND ")}
     ORDER BY ${[...order.map((each) => each.text), `${created.column} DESC`, "model_id"].join(", ")}
     LIMIT ? OFFSET ?`,
    ...[...conditions, ...order].flatMap(({ values }) => values),
    limit,
    offset,
  ];
}

/** The points that are about one of the data sets; no data set stands for all points. */
function chooseDatasets(datasets: NonNullable<Request["datasets"]>): Condition {
  if (datasets.length === 0) return { text: "TRUE", values: [] };
  const texts = datasets.map(({ dataset_name, dataset_digest }) => {
    if (dataset_name === "") throw invalid("a data set to search by has no name");
    return dataset_digest ? "(dataset_name = ? AND dataset_digest = ?)" : "dataset_name = ?";
  });
  return {
    text: `(${texts.join(" OR ")})`,
    values: datasets.flatMap(({ dataset_name, dataset_digest }) =>
      dataset_digest ? [dataset_name, dataset_digest] : [dataset_name],
    ),
  };
}

function anyMetric(onDatasets: Condition): Condition {
  if (onDatasets.values.length === 0) return { text: "TRUE", values: [] };
  return ownedBy("logged_model_metrics", onDatasets);
}

function ownedBy(table: string, ...conditions: readonly Condition[]): Condition {
  const all = conditions.map((condition) => condition.text).join(" AND ");
  return {
    text: `EXISTS (SELECT 1 FROM ${table} AS own WHERE own.model_id = logged_models.model_id AND ${all})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

function compareModel(comparison: Comparison, onDatasets: Condition): Condition {
  const { entity, key } = comparison;
  switch (entity) {
    case "attribute":
      return compareAttribute(attributes, comparison);
    case "metric": {
      const named = { text: "metric_name = ?", values: [key] };
      const holds = compareNumber("metric_value", comparison);
      return ownedBy("logged_model_metrics", named, holds, onDatasets);
    }
    case "param":
    case "tag": {
      const named = { text: `${entity}_key = ?`, values: [key] };
      const holds = compareTexts(`${entity}_value`, comparison);
      return ownedBy(`logged_model_${entity}s`, named, holds);
    }
    default:
      throw invalid(`logged models have no ${entity}s`, "use metrics., params. or tags.");
  }
}

/** What has no value comes last in either direction. */
function sortBy({
  field_name,
  ascending,
  dataset_name,
  dataset_digest,
}: NonNullable<Request["order_by"]>[number]): Condition {
  const direction = ascending ? "ASC" : "DESC";
  if (!field_name.includes(".")) {
    const column = attributes.get(field_name)?.column;
    if (column === undefined)
      throw invalid(
        `logged models cannot be sorted by ${JSON.stringify(field_name)}`,
        `use metrics. or one of ${[...attributes.keys()].join(", ")}`,
      );
    return { text: `${column} IS NULL, ${column} ${direction}`, values: [] };
  }
  if (!field_name.startsWith("metrics."))
    throw invalid(`logged models cannot be sorted by ${field_name}`, "sort by metrics.NAME");
  const chosen = chooseDatasets(
    dataset_name ? [{ dataset_name, ...(dataset_digest && { dataset_digest }) }] : [],
  );
  const latest = `(SELECT metric_value FROM logged_model_metrics AS own
    WHERE own.model_id = logged_models.model_id AND metric_name = ? AND ${chosen.text}
    ORDER BY metric_timestamp_ms DESC, metric_step DESC, run_id LIMIT 1)`;
  const values = [field_name.slice("metrics.".length), ...chosen.values];
  return { text: `${latest} IS NULL, ${latest} ${direction}`, values: [...values, ...values] };
}
