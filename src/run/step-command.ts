/** Which program executes a step, by its language. */
import type { StepAction } from "../plan/plan.ts";
import type { Failure } from "./event.ts";
import { failure } from "./failure.ts";
import { nodeCommand } from "./node.ts";
import { type FoundR, adviseR, findR, rCommand } from "./r.ts";

export interface StepCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Set on top of what the process inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** What people call it: `Node 24.21.0`. */
  readonly runtime: string;
  /** True where the step's own start event tells `runtime` with its version, and nothing cheaper does. */
  readonly tellsVersion: boolean;
}

export interface CommandContext {
  /** What the process will inherit. */
  readonly env: NodeJS.ProcessEnv;
  /** The project's folder. */
  readonly folder: string;
}

/** The command, or why there is none. */
export function commandOf(
  step: StepAction,
  stepFile: string,
  context: CommandContext,
): StepCommand | Failure {
  switch (step.language) {
    case "js":
    case "ts":
      return nodeCommand(stepFile, step.seed);
    case "r":
      return commandOfR(step, stepFile, context);
    default:
      return step.language satisfies never;
  }
}

function commandOfR(
  { cleanStart }: StepAction,
  stepFile: string,
  context: CommandContext,
): StepCommand | Failure {
  const found = findR(context.env, context.folder);
  if (found.kind === "none") return noR(found);
  const command = rCommand(found, stepFile, { cleanStart, env: context.env });
  return found.kind === "webr"
    ? { ...command, runtime: "R (WebR)", tellsVersion: false }
    : { ...command, runtime: "R", tellsVersion: true };
}

/** Why a step cannot be started here, known before the run is made; undefined: it can. */
export function missingInterpreter(
  { language }: StepAction,
  { env, folder }: CommandContext,
): Failure | undefined {
  if (language !== "r") return undefined;
  const found = findR(env, folder);
  return found.kind === "none" ? noR(found) : undefined;
}

function noR(found: Extract<FoundR, { kind: "none" }>): Failure {
  const program = found.asked === "" ? "Rscript" : found.asked;
  return failure("R0827", { program, reason: "there is no R here", fix: adviseR(found) });
}
