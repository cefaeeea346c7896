/** What can be known to fail before a run is made: missing secrets, files of inputs, and what params of type path name. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { RunPlan, StepAction } from "../plan/plan.ts";
import { RunFailed, fail } from "./failure.ts";
import { standardDataFile } from "./standard-data.ts";
import type { PerformContext } from "./state.ts";
import { missingInterpreter } from "./step-command.ts";

/** Throws `RunFailed` with the first thing that cannot work; nothing has been logged then. */
export function checkStart(plan: RunPlan, context: PerformContext): void {
  for (const { name, type, value } of plan.params)
    if (
      type === "path" &&
      typeof value === "string" &&
      !existsSync(path.resolve(context.folder, value))
    )
      fail("R0850", { param: name, path: value, folder: context.folder });
  for (const action of plan.actions) if (action.kind === "step") checkStep(action, context);
}

function checkStep(step: StepAction, { env, folder }: PerformContext): void {
  const noInterpreter = missingInterpreter(step, { env, folder });
  if (noInterpreter) throw new RunFailed(noInterpreter);
  for (const { variable, from } of step.secrets)
    if (env[from] === undefined) fail("R0829", { variable, from });
  for (const { from } of step.inputs) {
    if (from.kind === "data") standardDataFile(from);
    if (from.kind === "file" && !existsSync(path.join(folder, from.path)))
      fail("R0841", { path: from.path, folder });
  }
}
