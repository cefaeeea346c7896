/** Where an input comes from, in the words of the language. */
import type { PlannedInputSource } from "./plan.ts";

/** `split`, `run learn`, `best of candidates`, `data/iris.csv`; of a chosen run its id, and why it was taken. */
export function sourceName(from: PlannedInputSource): string {
  switch (from.kind) {
    case "step":
      return from.step;
    case "run":
      return `run ${from.run}`;
    case "run-id":
      return `run "${from.id}"`;
    case "best":
      return `best of ${from.of}`;
    case "chosen":
      return `run ${from.runId} (${from.why})`;
    case "file":
    case "data":
      return from.path;
    default:
      return from satisfies never;
  }
}
