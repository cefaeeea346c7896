/** Which program executes a step, by its language. */
import type { StepAction } from "../plan/plan.ts";
import type { Failure } from "./event.ts";
import { nodeCommand } from "./node.ts";
import type { StepPlaces } from "./step-file.ts";

/** A program with its arguments. */
export interface StepCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Set on top of what the process inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What people call it: `Node 24.21.0`. */
  readonly runtime: string;
}

/** The command, or why there is none. */
export function commandOf(
  step: StepAction,
  places: StepPlaces,
  _env: NodeJS.ProcessEnv,
): StepCommand | Failure {
  switch (step.language) {
    case "js":
    case "ts":
      return nodeCommand(places.stepFile, step.seed);
    case "r":
      throw new Error("R is not connected yet");
    default:
      return step.language satisfies never;
  }
}
