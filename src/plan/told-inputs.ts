/** Which inputs of a step are told to the tracker, and how. */
import type { PlannedInput } from "./plan.ts";

/** Whether another run made it. */
export function isOfRun({ from }: PlannedInput): boolean {
  return from.kind !== "step" && from.kind !== "file" && from.kind !== "data";
}

/**
 * Whether it is logged as a data set: files of the project and of the standard library, and artifacts of other runs; of one
 * that is named by its id, what it is shows when it is found.
 */
export function isDataset({ from }: PlannedInput): boolean {
  switch (from.kind) {
    case "step":
      return false;
    case "file":
    case "data":
    case "run-id":
      return true;
    case "run":
    case "best":
    case "chosen":
      return from.output.kind === "artifact";
    default:
      return from satisfies never;
  }
}
