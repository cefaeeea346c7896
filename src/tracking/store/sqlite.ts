/** The door to node:sqlite; some versions of Node warn there that it is experimental, which tells a user of mlpipe nothing. */
import type * as NodeSqlite from "node:sqlite";

export type { DatabaseSync, StatementSync } from "node:sqlite";

/** Loads node:sqlite; only its own ExperimentalWarning is withheld. */
export function loadSqlite(): typeof NodeSqlite {
  const emit: Emit = Reflect.get(process, "emitWarning");
  const quieter = (...notice: Parameters<Emit>): void => {
    if (!isSqliteNotice(notice[0])) Reflect.apply(emit, process, notice);
  };
  process.emitWarning = quieter as Emit;
  try {
    return process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emit;
  }
}

type Emit = typeof process.emitWarning;

function isSqliteNotice(warning: string | Error): boolean {
  return String(warning).includes("SQLite is an experimental feature");
}
