/** Under which name a step hands an output to later steps. */
import type { Run } from "../check/program.ts";

/** The variable of the output that `step` keeps at `path`. */
export function givenName(run: Run, step: string, path: string): string {
  const giver = run.steps.find(({ name }) => name === step);
  const outputs = [...(giver?.artifacts ?? []), ...(giver?.models ?? [])];
  const found = outputs.find((output) => output.path === path);
  if (!found) throw new Error(`the checked run has no output at ${path}`);
  return found.variable ?? found.key;
}
