/** What runs are sorted by: whatever has no value comes last in either direction; what is equal goes by start, latest first. */
import { invalid } from "../store.ts";
import { readOrder, type SortKey } from "./filter.ts";
import { runLanguage } from "./language.ts";
import { sortedAttributes } from "./run-conditions.ts";
import { requireAttribute, type Condition } from "./where.ts";

/** One of the things that runs are sorted by: what has to be joined for it, and terms of ORDER BY. */
export interface SortStep {
  readonly joins: readonly Condition[];
  readonly terms: readonly string[];
}
export interface RunOrder {
  readonly steps: readonly SortStep[];
  /** The metric of the first step, if it is one. */
  readonly metric: SortKey | undefined;
}

/** Throws TrackingError. */
export function orderRuns(items: readonly string[] | undefined): RunOrder {
  const keys = readOrder(items, runLanguage);
  refuseRepeated(keys);
  const starts = keys.some((key) => columnOf(key) === "runs.start_time");
  const [first] = keys;
  return {
    steps: [
      ...keys.map(sortBy),
      { joins: [], terms: [...(starts ? [] : ["runs.start_time DESC"]), "runs.run_uuid"] },
    ],
    metric: first?.entity === "metric" ? first : undefined,
  };
}

function columnOf(key: SortKey): string | undefined {
  return key.entity === "attribute" ? requireAttribute(sortedAttributes, key).column : undefined;
}

function refuseRepeated(keys: readonly SortKey[]): void {
  const names = keys.map((key) => columnOf(key) ?? `${key.entity} ${key.key}`);
  if (new Set(names).size < names.length) throw invalid("order_by names the same thing twice");
}

const tables = { metric: "latest_metrics", param: "params", tag: "tags" } as const;

function sortBy(key: SortKey, at: number): SortStep {
  const direction = key.descending ? "DESC" : "ASC";
  switch (key.entity) {
    case "attribute": {
      const column = columnOf(key) ?? "";
      // In descending order SQLite itself has NULL last, and an index of this order serves.
      const term = `${column} ${direction}`;
      return { joins: [], terms: key.descending ? [term] : [`${column} IS NULL`, term] };
    }
    case "metric":
    case "param":
    case "tag": {
      const table = `sorted_${at}`;
      const text = `LEFT JOIN ${tables[key.entity]} AS ${table} ON ${table}.run_uuid = runs.run_uuid AND ${table}.key = ?`;
      const rank =
        key.entity === "metric" ? `coalesce(${table}.is_nan, 2)` : `${table}.value IS NULL`;
      return {
        joins: [{ text, values: [key.key] }],
        terms: [rank, `${table}.value ${direction}`],
      };
    }
    default:
      throw invalid(`runs cannot be sorted by ${key.entity}s`, "use metrics., params. or tags.");
  }
}
