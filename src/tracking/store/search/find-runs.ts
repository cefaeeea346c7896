/** Finds the runs of a search: from its rarest condition if there is a rare one, else along the order that is asked for. */
import type { ViewType } from "../../entities.ts";
import { numberOf, textOf, type Database } from "../database.ts";
import type { SortKey } from "./filter.ts";
import type { RunCondition } from "./run-conditions.ts";
import type { RunOrder, SortStep } from "./run-order.ts";
import { inLifecycle, type Condition } from "./where.ts";

export interface RunQuery {
  readonly experiments: readonly number[];
  readonly view: ViewType | undefined;
  readonly conditions: readonly RunCondition[];
  readonly order: RunOrder;
  /** How many runs to find at most, and how many before them to pass over. */
  readonly limit: number;
  readonly offset: number;
}

/** So few runs are sorted faster than anything cleverer is done. */
const few = 2000;
/** So many entries of an index are looked at before the search goes through all runs instead. */
const longestWalk = 8000;

/** The ids of the runs, in order. Inside a transaction. */
export function findRuns(database: Database, query: RunQuery): readonly string[] {
  const rare = rarest(database, query.conditions);
  if (rare !== undefined) return findAmong(database, query, rare);
  const { metric } = query.order;
  const found = metric === undefined ? undefined : findAlongMetric(database, query, metric);
  return found ?? select(database, { query, scope: scopeOf(query, "") });
}

/** Undefined when each condition is fulfilled by many runs. */
function rarest(database: Database, conditions: readonly RunCondition[]): RunCondition | undefined {
  let rare: RunCondition | undefined;
  let least = few;
  for (const condition of conditions) {
    if (condition.owners === undefined) continue;
    const count = countUpTo(database, least, condition.owners);
    if (count < least) [rare, least] = [condition, count];
  }
  return rare;
}

function countUpTo(database: Database, limit: number, { text, values }: Condition): number {
  const row = database.first(
    `SELECT count(*) AS count FROM (SELECT 1 FROM (${text}) LIMIT ?)`,
    ...values,
    limit,
  );
  return numberOf(row ?? {}, "count");
}

/** The runs that may be found; a plus before a column keeps SQLite from an index on it. */
function scopeOf({ experiments, view }: RunQuery, plus: "+" | ""): readonly Condition[] {
  const column = `${plus}runs.experiment_id`;
  const [only] = experiments;
  return [
    experiments.length === 1 && only !== undefined
      ? { text: `${column} = ?`, values: [only] }
      : {
          text: `${column} IN (SELECT value FROM json_each(?))`,
          values: [JSON.stringify(experiments)],
        },
    inLifecycle(`${plus}runs.lifecycle_stage`, view),
  ];
}

function findAmong(database: Database, query: RunQuery, rare: RunCondition): readonly string[] {
  const { text = "", values = [] } = rare.owners ?? {};
  const among = { text: `runs.run_uuid IN (${text})`, values };
  const others = query.conditions.filter((condition) => condition !== rare);
  return select(database, {
    query: { ...query, conditions: others },
    scope: [among, ...scopeOf(query, "+")],
  });
}

/** Along the values of the metric, best first; undefined where that does not lead to enough runs soon. */
function findAlongMetric(
  database: Database,
  query: RunQuery,
  metric: SortKey,
): readonly string[] | undefined {
  if (isSmall(database, query)) return undefined;
  const wanted = query.limit + query.offset;
  for (let length = 4 * wanted; length <= longestWalk; length *= 4) {
    const found = walk(database, query, metric, length);
    if (found.length === wanted) return found.slice(query.offset);
  }
  return undefined;
}

/** At the last value that is looked at there may be more runs than are seen, so those do not count. */
function walk(
  database: Database,
  query: RunQuery,
  { key, descending }: SortKey,
  length: number,
): readonly string[] {
  const direction = descending ? "DESC" : "ASC";
  const last = `SELECT ${descending ? "min" : "max"}(value) FROM walked HAVING count(*) = ${length}`;
  const [, ...steps] = query.order.steps;
  return select(database, {
    query: { ...query, limit: query.limit + query.offset, offset: 0 },
    before: {
      text: `WITH walked AS MATERIALIZED (SELECT run_uuid, value FROM latest_metrics
        WHERE key = ? AND NOT is_nan ORDER BY value ${direction} LIMIT ${length})`,
      values: [key],
    },
    from: "walked CROSS JOIN runs ON runs.run_uuid = walked.run_uuid",
    scope: [{ text: `walked.value IS NOT (${last})`, values: [] }, ...scopeOf(query, "+")],
    steps: [{ joins: [], terms: [`walked.value ${direction}`] }, ...steps],
  });
}

function isSmall(database: Database, query: RunQuery): boolean {
  const scope = scopeOf(query, "");
  const text = `SELECT 1 FROM runs WHERE ${scope.map((each) => each.text).join(" AND ")}`;
  return countUpTo(database, few, { text, values: scope.flatMap(({ values }) => values) }) < few;
}

interface Selection {
  readonly query: RunQuery;
  readonly scope: readonly Condition[];
  readonly before?: Condition;
  readonly from?: string;
  readonly steps?: readonly SortStep[];
}

function select(
  database: Database,
  { query, scope, before = nothing, from = "runs", steps = query.order.steps }: Selection,
): readonly string[] {
  const joins = steps.flatMap((step) => step.joins);
  const conditions = [...scope, ...query.conditions];
  return database
    .all(
      `${before.text} SELECT runs.run_uuid FROM ${from} ${joins.map(({ text }) => text).join(" ")}
       WHERE ${conditions.map(({ text }) => text).join(" AND ")}
       ORDER BY ${steps.flatMap(({ terms }) => terms).join(", ")} LIMIT ? OFFSET ?`,
      ...[before, ...joins, ...conditions].flatMap(({ values }) => values),
      query.limit,
      query.offset,
    )
    .map((row) => textOf(row, "run_uuid"));
}

const nothing: Condition = { text: "", values: [] };
