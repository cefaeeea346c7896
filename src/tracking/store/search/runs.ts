/** runs/search: filters and sorts by attributes, latest metrics, params and tags, page by page. */
import type { ViewType } from "../../entities.ts";
import type { RequestOf, ResponseOf } from "../../endpoints.ts";
import type { Value } from "../database.ts";
import { cutPage, readOffset } from "../page.ts";
import { runColumns } from "../run-row.ts";
import { readRuns } from "../runs.ts";
import { readFilter, readOrder, type Comparison, type SortKey } from "./filter.ts";
import {
  compareAttribute,
  compareNumber,
  comparePair,
  requireAttribute,
  type Attributes,
  type Condition,
} from "./where.ts";
import { invalid, type Store } from "../store.ts";
import { runNameTag } from "../tags.ts";
import { checkPageSize, readExperimentId } from "../validate.ts";

const runName = { column: "runs.name", kind: "text" } as const;
const started = { column: "runs.start_time", kind: "number" } as const;
const attributes: Attributes = new Map([
  ["run_id", { column: "runs.run_uuid", kind: "text", listed: true }],
  ["run_name", runName],
  ["Run name", runName],
  ["Run Name", runName],
  ["run name", runName],
  ["status", { column: "runs.status", kind: "text" }],
  ["artifact_uri", { column: "runs.artifact_uri", kind: "text" }],
  ["user_id", { column: "runs.user_id", kind: "text" }],
  ["start_time", started],
  ["created", started],
  ["Created", started],
  ["end_time", { column: "runs.end_time", kind: "number" }],
]);

const defaultPageSize = 1000;

export function searchRuns(
  store: Store,
  request: RequestOf<"runs/search">,
): Promise<ResponseOf<"runs/search">> {
  return store.database.read(() => {
    const size = request.max_results ?? defaultPageSize;
    checkPageSize(size);
    const offset = readOffset(request.page_token);
    const conditions = [...scope(request), ...readFilter(request.filter).map(compareRun)];
    const order = sortRuns(request.order_by);
    const rows = store.database.all(
      `SELECT ${runColumns} FROM runs WHERE ${conditions.map(({ text }) => text).join(" AND ")}
       ORDER BY ${order.text} LIMIT ? OFFSET ?`,
      ...conditions.flatMap(({ values }) => values),
      ...order.values,
      size + 1,
      offset,
    );
    const { items, ...page } = cutPage(rows, { size, offset });
    return items.length === 0 ? page : { runs: readRuns(store, items), ...page };
  });
}

function scope({ experiment_ids, run_view_type }: RequestOf<"runs/search">): readonly Condition[] {
  return [
    {
      text: "runs.experiment_id IN (SELECT value FROM json_each(?))",
      values: [JSON.stringify(experiment_ids.map(readExperimentId))],
    },
    inLifecycle("runs.lifecycle_stage", run_view_type),
  ];
}

/** The rows that a view shows: active ones unless it says otherwise. */
export function inLifecycle(column: string, view: ViewType = "ACTIVE_ONLY"): Condition {
  switch (view) {
    case "ACTIVE_ONLY":
      return { text: `${column} = 'active'`, values: [] };
    case "DELETED_ONLY":
      return { text: `${column} = 'deleted'`, values: [] };
    case "ALL":
      return { text: "TRUE", values: [] };
    default: {
      const never: never = view;
      throw invalid(`${JSON.stringify(never)} is no view`, "use ACTIVE_ONLY, DELETED_ONLY or ALL");
    }
  }
}

function compareRun(comparison: Comparison): Condition {
  const owner = "pair.run_uuid = runs.run_uuid";
  switch (comparison.entity) {
    case "attribute":
      return attributes.get(comparison.key) === runName
        ? comparePair({ table: "tags", owner }, { ...comparison, entity: "tag", key: runNameTag })
        : compareAttribute(attributes, comparison);
    case "metric":
      return compareMetric(comparison);
    case "param":
      return comparePair({ table: "params", owner }, comparison);
    case "tag":
      return comparePair({ table: "tags", owner }, comparison);
    default: {
      const never: never = comparison.entity;
      return never;
    }
  }
}

/** NaN is unequal to every number, and neither above nor below. */
function compareMetric(comparison: Comparison): Condition {
  const { text, values } = compareNumber("point.value", comparison);
  const holds =
    comparison.operator === "!=" ? `(${text} OR point.is_nan)` : `${text} AND NOT point.is_nan`;
  return {
    text: `EXISTS (SELECT 1 FROM latest_metrics AS point
      WHERE point.run_uuid = runs.run_uuid AND point.key = ? AND ${holds})`,
    values: [comparison.key, ...values],
  };
}

/** Whatever has no value comes last in either direction; what is equal goes by start, latest first. */
function sortRuns(items: readonly string[] | undefined): Condition {
  const keys = readOrder(items);
  const terms = keys.map(sortTerm);
  const names = terms.map(({ text, values }) =>
    JSON.stringify([text.replace(/ (ASC|DESC)$/, ""), values]),
  );
  if (new Set(names).size < names.length) throw invalid("order_by names the same thing twice");
  const texts = [...terms.map(({ text }) => text), "runs.start_time DESC", "runs.run_uuid"];
  return { text: texts.join(", "), values: terms.flatMap(({ values }) => values) };
}

function sortTerm(key: SortKey): Condition {
  const direction = key.descending ? "DESC" : "ASC";
  switch (key.entity) {
    case "attribute": {
      const { column } = requireAttribute(attributes, key);
      return { text: `${column} IS NULL, ${column} ${direction}`, values: [] };
    }
    case "metric":
      return sortPair("latest_metrics", "CASE WHEN is_nan THEN 1 ELSE 0 END", key);
    case "param":
      return sortPair("params", "0", key);
    case "tag":
      return sortPair("tags", "0", key);
    default: {
      const never: never = key.entity;
      return never;
    }
  }
}

function sortPair(table: string, rank: string, { key, descending }: SortKey): Condition {
  const from = `FROM ${table} WHERE run_uuid = runs.run_uuid AND key = ?`;
  const values: readonly Value[] = [key, key];
  return {
    text: `coalesce((SELECT ${rank} ${from}), 2), (SELECT value ${from}) ${descending ? "DESC" : "ASC"}`,
    values,
  };
}
