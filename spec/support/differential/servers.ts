/** The two servers under comparison, each over a store that a sequence finds empty. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { startMlflow } from "../mlflow.ts";
import { startServerProcess } from "../server-process.ts";
import type { Server } from "./sequence.ts";

export interface RunningServer extends Server {
  readonly stop: () => Promise<void>;
}

/** The real `mlflow server` on SQLite in `folder`. */
export async function startReal(folder: string): Promise<RunningServer> {
  mkdirSync(folder, { recursive: true });
  const { uri, stop } = await startMlflow(folder);
  return withEmptier(folder, uri, stop);
}

/** The command `mlpipe server` on a new store in `folder`. */
export async function startOurs(folder: string): Promise<RunningServer> {
  const { uri, end } = await startServerProcess(folder);
  return withEmptier(folder, uri, async () => void (await end("SIGTERM")));
}

/** Stops the server where it cannot be emptied. */
async function withEmptier(
  folder: string,
  uri: string,
  stop: () => Promise<void>,
): Promise<RunningServer> {
  try {
    const { empty, close } = emptier(join(folder, "mlflow.db"), join(folder, "mlartifacts"));
    return { uri, empty, stop: () => (close(), stop()) };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Row = Readonly<Record<string, SQLInputValue>>;

/** Remembers what the store holds now; `empty` brings it back to that, from outside of the server. */
function emptier(file: string, artifacts: string): { empty: () => void; close: () => void } {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false, timeout: 20_000 });
  database.exec("PRAGMA synchronous = OFF");
  // The one thing that a server makes before the first request.
  database.exec("UPDATE experiments SET creation_time = 1, last_update_time = 1");
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name));
  const initial = tables.map(
    (name) => [name, database.prepare(`SELECT * FROM "${name}"`).all() as Row[]] as const,
  );
  const empty = (): void => {
    database.exec("BEGIN IMMEDIATE");
    for (const [name, rows] of initial) {
      const { count = 0 } = database.prepare(`SELECT count(*) AS count FROM "${name}"`).get() ?? {};
      if (count === 0 && rows.length === 0) continue;
      database.exec(`DELETE FROM "${name}"`);
      for (const row of rows) insert(database, name, row);
    }
    database.exec("COMMIT");
    rmSync(artifacts, { recursive: true, force: true });
    mkdirSync(artifacts);
  };
  return { empty, close: () => database.close() };
}

function insert(database: DatabaseSync, table: string, row: Row): void {
  const names = Object.keys(row).map((name) => `"${name}"`);
  const holes = names.map(() => "?");
  database
    .prepare(`INSERT INTO "${table}" (${names.join(",")}) VALUES (${holes.join(",")})`)
    .run(...Object.values(row));
}
