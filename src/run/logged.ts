/** What the code of a step has logged to MLflow by itself: told to the step's runtime, which need not look for it then. */
import { appendFileSync } from "node:fs";
import type { StepAction } from "../plan/plan.ts";

export interface Logged {
  readonly metric: (key: string) => void;
  readonly artifact: (path: string) => void;
}

/** Appends to `file`, see `StepFile.logged`. Throws the file system's errors. */
export function openLogged(file: string): Logged {
  const known = new Set<string>();
  const append = (entry: { readonly metric: string } | { readonly artifact: string }): void => {
    const line = `${JSON.stringify(entry)}\n`;
    if (known.has(line)) return;
    appendFileSync(file, line, { mode: 0o600 });
    known.add(line);
  };
  return {
    metric: (key) => append({ metric: key }),
    artifact: (path) => append({ artifact: path }),
  };
}

/** Key of the declared output that is there once there is an artifact at `path`. */
export function outputAt(step: StepAction, path: string): string | undefined {
  const artifact = step.artifacts.find(
    (one) => one.path === path || (one.format === "folder" && path.startsWith(`${one.path}/`)),
  );
  return (artifact ?? step.models.find((one) => path === `${one.path}/MLmodel`))?.key;
}
