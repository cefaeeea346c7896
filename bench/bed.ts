/** A fresh folder in which the built `mlpipe` is measured, and nothing of it is left. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Command } from "./measure.ts";

export const root = path.join(import.meta.dirname, "..");
export const bin = path.join(root, "dist", "cli", "bin.js");

export interface Bed {
  readonly folder: string;
  readonly mlpipe: (...args: readonly string[]) => Command;
  /** Any other program, in the same folder. */
  readonly command: (file: string, ...args: readonly string[]) => Command;
  /** Answers the name. */
  readonly write: (name: string, text: string) => string;
  /** As if nothing had ever been run in it. */
  readonly forget: () => void;
  readonly close: () => void;
}

export function openBed(): Bed {
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-bench-"));
  const remove = (name: string): void =>
    rmSync(path.join(folder, name), { recursive: true, force: true });
  const command: Bed["command"] = (file, ...args) => ({
    file,
    args,
    cwd: folder,
    env: withoutTracking(),
  });
  return {
    folder,
    command,
    mlpipe: (...args) => command(process.execPath, bin, ...args),
    write(name, text) {
      writeFileSync(path.join(folder, name), text);
      return name;
    },
    forget() {
      for (const name of [".mlpipe", "mlflow.db", "mlflow.db-wal", "mlflow.db-shm", "mlartifacts"])
        remove(name);
    },
    close: () => remove("."),
  };
}

/** A tracker that the shell names would be measured too. */
function withoutTracking(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith("MLFLOW_")),
  );
}
