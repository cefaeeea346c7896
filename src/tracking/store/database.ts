/** One connection to the store's file: reads of one state, and writes that are durable when they return, committed in groups. */
import { TrackingError } from "../tracking.ts";
import { GroupCommit, pause, type Outcome } from "./group-commit.ts";
import { explainFailure, isBusy, spoilsTransaction } from "./sqlite-failure.ts";
import { loadSqlite, type DatabaseSync, type StatementSync } from "./sqlite.ts";

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;
/** A row as its values in the order of the columns: the cheaper form where there are many. */
export type Tuple = readonly Value[];

/** Milliseconds that a call waits for other programs, as long as MLflow does. */
const defaultPatience = 20_000;
/** SQLite waits this long by itself, which stops this process; what remains is waited for asynchronously. */
const blockingMilliseconds = 25;
const rememberedStatements = 500;

export interface DatabaseOptions {
  readonly patience?: number;
  /** The file is there, and stays as it is. */
  readonly readOnly?: boolean;
  /** Called in the transaction whenever the tables are not those of the last call; throws if they no longer serve. */
  readonly checkSchema: (database: Database) => void;
}

export class Database {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #patience: number;
  readonly #checkSchema: (database: Database) => void;
  readonly #rowStatements = new Map<string, StatementSync>();
  readonly #tupleStatements = new Map<string, StatementSync>();
  readonly #writes: GroupCommit;
  #schemaVersion: number | undefined;
  #columns: ReadonlyMap<string, ReadonlySet<string>> = new Map();

  /** Opens `file`, or makes an empty one; throws TrackingError. */
  constructor(file: string, options: DatabaseOptions) {
    this.file = file;
    this.#patience = options.patience ?? defaultPatience;
    this.#checkSchema = options.checkSchema;
    const { DatabaseSync } = loadSqlite();
    try {
      this.#connection = new DatabaseSync(file, { readOnly: options.readOnly ?? false });
      this.#connection.exec(`PRAGMA busy_timeout = ${blockingMilliseconds};
        PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON;`);
    } catch (cause) {
      throw explainFailure(cause, file);
    }
    this.#writes = new GroupCommit({
      commit: (group) => this.#commit(group),
      isPassing,
      explain: (cause) => explainFailure(cause, file),
      patience: this.#patience,
    });
  }

  /** Runs `work` on one state of the file. `work` may be run again from the start, and must not wait. */
  read<T>(work: () => T): Promise<T> {
    return this.#persist(() => this.#transact("BEGIN", work));
  }

  /** As `read`, and what `work` writes is on disk when the promise resolves; when it rejects, nothing was written. */
  write<T>(work: () => T): Promise<T> {
    return this.#writes.submit(work);
  }

  /** Runs statements that cannot stand in a transaction. */
  configure(text: string): Promise<void> {
    return this.#persist(() => this.#connection.exec(text));
  }

  /** Runs several statements without values, inside the transaction of `write`. */
  execute(text: string): void {
    this.#connection.exec(text);
  }

  /** The number of rows it changed. */
  run(text: string, ...values: Value[]): number {
    return Number(this.#prepare(this.#rowStatements, text).run(...values).changes);
  }

  first(text: string, ...values: Value[]): Row | undefined {
    const statement = this.#prepare(this.#rowStatements, text);
    return readRows(statement, () => statement.get(...values) as Row | undefined);
  }

  all(text: string, ...values: Value[]): readonly Row[] {
    const statement = this.#prepare(this.#rowStatements, text);
    return readRows(statement, () => statement.all(...values) as Row[]);
  }

  tuples(text: string, ...values: Value[]): readonly Tuple[] {
    const statement = this.#prepare(this.#tupleStatements, text);
    return readRows(statement, () => statement.all(...values) as unknown as Tuple[]);
  }

  /** Whether the file has this table, inside a transaction. */
  hasTable(table: string): boolean {
    return this.#columns.has(table);
  }

  /** As `hasTable`. */
  hasColumn(table: string, column: string): boolean {
    return this.#columns.get(table)?.has(column) === true;
  }

  /** Resolves when what was given to `write` is done and the file is closed. */
  async close(): Promise<void> {
    await this.#writes.idle();
    this.#rowStatements.clear();
    this.#tupleStatements.clear();
    this.#connection.close();
  }

  async #persist<T>(attempt: () => T): Promise<T> {
    const deadline = performance.now() + this.#patience;
    for (;;) {
      try {
        return attempt();
      } catch (cause) {
        if (!isPassing(cause) || performance.now() > deadline)
          throw explainFailure(cause, this.file);
      }
      await pause();
    }
  }

  #transact<T>(begin: string, work: () => T): T {
    this.run(begin);
    try {
      this.#meetSchema();
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (cause) {
      if (this.#connection.isTransaction) this.run("ROLLBACK");
      throw cause;
    }
  }

  /**
   * A savepoint for each work makes SQLite copy every page that it changes, and hardly any work throws: so the group is tried
   * without them first, and once more with them when one of it does.
   */
  #commit(group: readonly (() => unknown)[]): readonly Outcome[] {
    try {
      return this.#transact("BEGIN IMMEDIATE", () =>
        group.map((work): Outcome => ({ kind: "done", value: work() })),
      );
    } catch (cause) {
      if (isPassing(cause) || spoilsTransaction(cause)) throw cause;
      if (group.length === 1) return [{ kind: "refused", cause }];
      return this.#transact("BEGIN IMMEDIATE", () => group.map((work) => this.#attempt(work)));
    }
  }

  /** Undoes `work` alone when it throws; throws itself when that is not enough. */
  #attempt(work: () => unknown): Outcome {
    this.run("SAVEPOINT one");
    try {
      const value = work();
      this.run("RELEASE one");
      return { kind: "done", value };
    } catch (cause) {
      if (!this.#connection.isTransaction || spoilsTransaction(cause)) throw cause;
      this.run("ROLLBACK TO one");
      this.run("RELEASE one");
      return { kind: "refused", cause };
    }
  }

  /** MLflow may migrate the file while it is open here; between two of its steps a table can be missing. */
  #meetSchema(): void {
    const version = Number(this.first("PRAGMA schema_version")?.["schema_version"]);
    if (version === this.#schemaVersion) return;
    this.#columns = readColumns(this);
    try {
      this.#checkSchema(this);
    } catch (cause) {
      if (this.#schemaVersion === undefined || !(cause instanceof TrackingError)) throw cause;
      throw new SchemaInMotion(cause.code, cause.message, cause.fix, cause);
    }
    this.#schemaVersion = version;
  }

  #prepare(statements: Map<string, StatementSync>, text: string): StatementSync {
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= rememberedStatements) statements.clear();
    const statement = this.#connection.prepare(text);
    if (statements === this.#tupleStatements) statement.setReturnArrays(true);
    statements.set(text, statement);
    return statement;
  }
}

class SchemaInMotion extends TrackingError {}

function isPassing(cause: unknown): boolean {
  return isBusy(cause) || cause instanceof SchemaInMotion;
}

/** The columns of every table, and of what the connection sees in place of one. */
function readColumns(database: Database): ReadonlyMap<string, ReadonlySet<string>> {
  const columns = new Map<string, Set<string>>();
  const rows = database.all(
    `SELECT tables.name AS "table", columns.name AS "column"
     FROM (SELECT * FROM sqlite_master UNION SELECT * FROM sqlite_temp_master) AS tables,
       pragma_table_info(tables.name) AS columns WHERE tables.type IN ('table', 'view')`,
  );
  for (const row of rows) {
    const table = textOf(row, "table");
    columns.set(table, (columns.get(table) ?? new Set()).add(textOf(row, "column")));
  }
  return columns;
}

/** Integers beyond 2^53 come from other writers only, and Node refuses them; near is better than failing. */
function readRows<T>(statement: StatementSync, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    statement.setReadBigInts(true);
    try {
      return withPlainNumbers(read()) as T;
    } finally {
      statement.setReadBigInts(false);
    }
  }
}

function withPlainNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withPlainNumbers);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value).map(([column, each]) => [column, withPlainNumbers(each)]),
  );
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  return value === null || value === undefined ? "" : String(value);
}

export function numberOf(row: Row, column: string): number {
  return Number(row[column]);
}

/** Undefined where the column holds NULL. */
export function optionalNumberOf(row: Row, column: string): number | undefined {
  const value = row[column];
  return value === null || value === undefined ? undefined : Number(value);
}

/** Undefined where the column holds NULL, or an empty text. */
export function optionalTextOf(row: Row, column: string): string | undefined {
  return textOf(row, column) || undefined;
}
