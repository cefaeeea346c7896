/** Changed surroundings of a step's process: for executions that are watched, held still or disturbed on purpose. */
import type { StepCommand } from "./step-command.ts";

export interface World {
  /** A command with its arguments that starts the step's own, such as `setarch -R`; empty: none. It must become that command (exec). */
  readonly before: readonly string[];
  /** Set over all else, also over what the plan pins; undefined: taken away. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `command` as it is started in `world`. */
export function commandIn(world: World | undefined, command: StepCommand): StepCommand {
  const [file, ...args] = world?.before ?? [];
  if (file === undefined) return command;
  return { ...command, file, args: [...args, command.file, ...command.args] };
}
