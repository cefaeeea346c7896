/** Makes the tables where there are none, and says whether those of a file serve: MLflow may have made or migrated them. */
import { TrackingError } from "../tracking.ts";
import { Database, textOf } from "./database.ts";
import { frozenRevision, frozenTables, ownIndexes } from "./frozen-schema.ts";

/** What mlpipe reads and writes; columns and tables beyond these are MLflow's business. */
const neededColumns: Readonly<Record<string, readonly string[]>> = {
  experiments: [
    "experiment_id",
    "name",
    "artifact_location",
    "lifecycle_stage",
    "creation_time",
    "last_update_time",
  ],
  experiment_tags: ["key", "value", "experiment_id"],
  runs: [
    "run_uuid",
    "name",
    "source_type",
    "source_name",
    "entry_point_name",
    "user_id",
    "status",
    "start_time",
    "end_time",
    "source_version",
    "lifecycle_stage",
    "artifact_uri",
    "experiment_id",
    "deleted_time",
  ],
  params: ["key", "value", "run_uuid"],
  tags: ["key", "value", "run_uuid"],
  metrics: ["key", "value", "timestamp", "run_uuid", "step", "is_nan"],
  latest_metrics: ["key", "value", "timestamp", "run_uuid", "step", "is_nan"],
};

/** True for a file without any table, as a new one is. */
export function isEmpty(database: Database): boolean {
  return database.first("SELECT 1 FROM sqlite_master LIMIT 1") === undefined;
}

/** Makes all tables, stamped with their revision; inside a transaction of an empty file. */
export function createTables(database: Database): void {
  database.execute(frozenTables + ownIndexes);
  database.run("INSERT INTO alembic_version (version_num) VALUES (?)", frozenRevision);
}

/** Throws TrackingError unless every table mlpipe needs can be read and written. An empty file passes. */
export function checkSchema(database: Database): void {
  if (isEmpty(database)) return;
  const problems = Object.entries(neededColumns).flatMap(([table, needed]) =>
    tableProblems(database, table, needed),
  );
  const [first] = problems;
  if (first === undefined) return;
  throw new TrackingError(
    "STORE_UNUSABLE",
    `${database.file} is no MLflow store that mlpipe can write: ${first}`,
    `name another file; if MLflow made this one, bring it up to date with \`mlflow db upgrade sqlite:///${database.file}\``,
  );
}

/** Throws where an older MLflow made the file and `table` is not there yet; inside a transaction. */
export function requireTables(database: Database, ...tables: readonly string[]): void {
  const absent = tables.find((table) => !database.hasTable(table));
  if (absent !== undefined) throw tooOld(database, `no table ${absent}`);
}

/** As `requireTables`, for what MLflow 3 brought. */
export function requireLoggedModels(database: Database): void {
  requireTables(database, "inputs", "logged_models");
  if (!database.hasColumn("inputs", "step")) throw tooOld(database, "no steps of outputs");
}

function tooOld(database: Database, lack: string): TrackingError {
  return new TrackingError(
    "NOT_IMPLEMENTED",
    `the store is of an older MLflow: it has ${lack}`,
    `bring it up to date with \`mlflow db upgrade sqlite:///${database.file}\``,
  );
}

/**
 * Statements that let the connection, and nobody else, see what mlpipe reads where an older MLflow has no such table or
 * column yet: empty. Throws TrackingError for a file without MLflow's runs.
 */
export async function viewOlderSchema(database: Database): Promise<string> {
  if (columnsOf(database, "runs").size === 0 || columnsOf(database, "experiments").size === 0)
    throw new TrackingError(
      "STORE_UNUSABLE",
      `${database.file} is no MLflow store: it has no table of runs and experiments`,
      "name the file that MLflow keeps its runs in, as mlflow.db",
    );
  return [...(await frozenColumns())]
    .map(([table, needed]) => viewOf(table, needed, columnsOf(database, table)))
    .join("");
}

/** The columns of each table that a new store has. */
async function frozenColumns(): Promise<ReadonlyMap<string, readonly string[]>> {
  const database = new Database(":memory:", { checkSchema: () => {} });
  database.execute(frozenTables);
  const tables = database.all("SELECT name FROM sqlite_master WHERE type = 'table'");
  const names = tables.map((row) => textOf(row, "name"));
  const columns = new Map(names.map((name) => [name, [...columnsOf(database, name)]]));
  await database.close();
  return columns;
}

function viewOf(table: string, needed: readonly string[], there: ReadonlySet<string>): string {
  const absent = needed.filter((name) => !there.has(name));
  if (there.size === 0) return `CREATE TEMP TABLE ${table} (${absent.join(", ")});`;
  if (absent.length === 0) return "";
  const empty = absent.map((name) => `NULL AS ${name}`).join(", ");
  return `CREATE TEMP VIEW ${table} AS SELECT *, ${empty} FROM main.${table};`;
}

function columnsOf(database: Database, table: string): ReadonlySet<string> {
  const rows = database.all("SELECT name FROM pragma_table_info(?)", table);
  return new Set(rows.map((row) => textOf(row, "name")));
}

function tableProblems(
  database: Database,
  table: string,
  needed: readonly string[],
): readonly string[] {
  const columns = database.all(
    `SELECT name, "notnull" AS required, dflt_value AS preset FROM pragma_table_info(?)`,
    table,
  );
  if (columns.length === 0) return [`it has no table ${table}`];
  const names = new Set(columns.map((column) => textOf(column, "name")));
  const missing = needed.filter((name) => !names.has(name));
  const demanded = columns
    .filter((column) => column["required"] === 1 && column["preset"] === null)
    .map((column) => textOf(column, "name"))
    .filter((name) => !needed.includes(name));
  return [
    ...missing.map((name) => `its table ${table} has no column ${name}`),
    ...demanded.map((name) => `its table ${table} wants a ${name}, which mlpipe does not know`),
  ];
}
