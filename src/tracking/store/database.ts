/** One connection to the store's file: transactions that are durable when they return, and patience with other writers. */
import { setTimeout as delay } from "node:timers/promises";
import { TrackingError } from "../tracking.ts";
import { explainFailure, isBusy } from "./sqlite-failure.ts";
import { loadSqlite, type DatabaseSync, type StatementSync } from "./sqlite.ts";

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** Milliseconds that a call waits for other programs, as long as MLflow does. */
const defaultPatience = 20_000;
/** SQLite waits this long by itself, which stops this process; what remains is waited for asynchronously. */
const blockingMilliseconds = 100;
const rememberedStatements = 200;

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
  readonly #statements = new Map<string, StatementSync>();
  #schemaVersion: number | undefined;

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
  }

  /** Runs `work` on one state of the file. `work` may be run again from the start, and must not wait. */
  read<T>(work: () => T): Promise<T> {
    return this.#persist(() => this.#attempt("BEGIN", work));
  }

  /** As `read`, and what `work` writes is on disk when the promise resolves; when it rejects, nothing was written. */
  write<T>(work: () => T): Promise<T> {
    return this.#persist(() => this.#attempt("BEGIN IMMEDIATE", work));
  }

  /** Runs statements that cannot stand in a transaction. */
  configure(text: string): Promise<void> {
    return this.#persist(() => this.#connection.exec(text));
  }

  /** Runs several statements without values, inside the transaction of `write`. */
  execute(text: string): void {
    this.#connection.exec(text);
  }

  run(text: string, ...values: Value[]): void {
    this.#prepare(text).run(...values);
  }

  first(text: string, ...values: Value[]): Row | undefined {
    const row = this.#prepare(text).get(...values);
    return row === undefined ? undefined : plainRow(row);
  }

  all(text: string, ...values: Value[]): readonly Row[] {
    return this.#prepare(text)
      .all(...values)
      .map(plainRow);
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  async #persist<T>(attempt: () => T): Promise<T> {
    const deadline = performance.now() + this.#patience;
    for (;;) {
      try {
        return attempt();
      } catch (cause) {
        const passing = isBusy(cause) || cause instanceof SchemaInMotion;
        if (!passing || performance.now() > deadline) throw explainFailure(cause, this.file);
      }
      await delay(5 + Math.random() * 20);
    }
  }

  #attempt<T>(begin: string, work: () => T): T {
    this.#connection.exec(begin);
    try {
      this.#meetSchema();
      const result = work();
      this.#connection.exec("COMMIT");
      return result;
    } catch (cause) {
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw cause;
    }
  }

  /** MLflow may migrate the file while it is open here; between two of its steps a table can be missing. */
  #meetSchema(): void {
    const version = Number(this.first("PRAGMA schema_version")?.["schema_version"]);
    if (version === this.#schemaVersion) return;
    try {
      this.#checkSchema(this);
    } catch (cause) {
      if (this.#schemaVersion === undefined || !(cause instanceof TrackingError)) throw cause;
      throw new SchemaInMotion(cause.code, cause.message, cause.fix, cause);
    }
    this.#schemaVersion = version;
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    if (this.#statements.size >= rememberedStatements) this.#statements.clear();
    const statement = this.#connection.prepare(text);
    statement.setReadBigInts(true);
    this.#statements.set(text, statement);
    return statement;
  }
}

class SchemaInMotion extends TrackingError {}

/** Integers beyond 2^53 come from other writers only; near is better than failing. */
function plainRow(row: Record<string, unknown>): Row {
  const plain: Record<string, Value> = {};
  for (const [column, value] of Object.entries(row)) {
    plain[column] = typeof value === "bigint" ? Number(value) : (value as Value);
  }
  return plain;
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
