/** Comparisons of MLflow's search language as conditions of SQL. */
import type { ViewType } from "../../entities.ts";
import type { Value } from "../database.ts";
import type { Comparison, Field } from "./filter.ts";
import { invalid } from "../store.ts";

export interface Condition {
  readonly text: string;
  readonly values: readonly Value[];
}

/** How a searchable attribute is kept: an id is a number that searches write as text, a version one that they may. */
export interface Attribute {
  readonly column: string;
  readonly kind: "text" | "number" | "id" | "version";
  /** May be compared with a list. */
  readonly listed?: boolean;
}
export type Attributes = ReadonlyMap<string, Attribute>;

function nameOf({ entity, key }: Field): string {
  return `${entity}s.${key}`;
}

export function requireAttribute(attributes: Attributes, { key }: Field): Attribute {
  const attribute = attributes.get(key);
  if (attribute === undefined) {
    throw invalid(
      `there is no attribute ${JSON.stringify(key)} to search by`,
      `use one of ${[...attributes.keys()].join(", ")}`,
    );
  }
  return attribute;
}

function refuseOperator(comparison: Comparison): Error {
  return invalid(`${nameOf(comparison)} cannot be compared with ${comparison.operator}`);
}

export function compareAttribute(attributes: Attributes, comparison: Comparison): Condition {
  const { column, kind, listed } = requireAttribute(attributes, comparison);
  if (comparison.operator === "IN" || comparison.operator === "NOT IN") {
    if (listed !== true) throw refuseOperator(comparison);
    return {
      text: `${column} ${comparison.operator} (SELECT value FROM json_each(?))`,
      values: [JSON.stringify(kind === "id" ? comparison.values.map(readId) : comparison.values)],
    };
  }
  switch (kind) {
    case "number":
      return compareNumber(column, comparison);
    case "text":
      return compareText(column, comparison);
    case "id":
      return compareId(column, comparison);
    case "version":
      return compareNumber(column, withNumber(comparison));
    default: {
      const never: never = kind;
      return never;
    }
  }
}

function readId(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw invalid(`${JSON.stringify(text)} is no id`);
  return Number(text);
}

function withNumber(comparison: Comparison): Comparison {
  return "value" in comparison && typeof comparison.value === "string"
    ? { ...comparison, value: readId(comparison.value) }
    : comparison;
}

function compareId(column: string, comparison: Comparison): Condition {
  if (comparison.operator !== "=" && comparison.operator !== "!=") throw refuseOperator(comparison);
  if (typeof comparison.value !== "string")
    throw invalid(`${nameOf(comparison)} is compared with a number`, "put the id in quotes");
  return { text: `${column} ${comparison.operator} ?`, values: [readId(comparison.value)] };
}

/** `column` is a name of ours or an expression, never a user's text. */
export function compareNumber(column: string, comparison: Comparison): Condition {
  if (!("value" in comparison) || comparison.operator.endsWith("LIKE")) {
    throw refuseOperator(comparison);
  }
  if (typeof comparison.value !== "number") {
    throw invalid(
      `${nameOf(comparison)} is compared with the text ${JSON.stringify(comparison.value)}`,
      "write the number without quotes",
    );
  }
  return { text: `${column} ${comparison.operator} ?`, values: [comparison.value] };
}

/** As `compareText`, and with lists. */
export function compareTexts(column: string, comparison: Comparison): Condition {
  return "values" in comparison
    ? {
        text: `${column} ${comparison.operator} (SELECT value FROM json_each(?))`,
        values: [JSON.stringify(comparison.values)],
      }
    : compareText(column, comparison);
}

export function compareText(column: string, comparison: Comparison): Condition {
  if (!("value" in comparison)) throw refuseOperator(comparison);
  if (typeof comparison.value !== "string") {
    throw invalid(
      `${nameOf(comparison)} is compared with ${comparison.value}, but is kept as text`,
      `put the value in quotes: '${comparison.value}'`,
    );
  }
  const values = [comparison.value];
  switch (comparison.operator) {
    case "=":
    case "!=":
    case "LIKE":
      return { text: `${column} ${comparison.operator} ?`, values };
    case "ILIKE":
      return { text: `lower(${column}) LIKE lower(?)`, values };
    default:
      throw refuseOperator(comparison);
  }
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

/** Keyed text beside `owner`: of a run or experiment that lacks the key, only IS NULL is true. */
export function comparePair(
  pairs: { readonly table: string; readonly owner: string },
  comparison: Comparison,
): Condition {
  const found = `SELECT 1 FROM ${pairs.table} AS pair WHERE ${pairs.owner} AND pair.key = ?`;
  switch (comparison.operator) {
    case "IS NULL":
      return { text: `NOT EXISTS (${found})`, values: [comparison.key] };
    case "IS NOT NULL":
      return { text: `EXISTS (${found})`, values: [comparison.key] };
    default: {
      const { text, values } = compareText("pair.value", comparison);
      return { text: `EXISTS (${found} AND ${text})`, values: [comparison.key, ...values] };
    }
  }
}
