/** What of the standard library a run needs when it runs: its metrics, its splits. */
import { readingOf } from "../check/code/reading.ts";
import type { Run, Step } from "../check/program.ts";

export interface StandardUse {
  readonly metrics: boolean;
  readonly split: boolean;
}

/** Text of a step's script, which lies in the project. */
export type ScriptText = (path: string) => string;

/** Calls of metrics count, and what the code of the steps reads without making it itself. */
export function standardUse(run: Run, script: ScriptText): StandardUse {
  const calls = run.steps.some((step) => step.metrics.some(({ call }) => call !== undefined));
  const uses = (name: string) => run.steps.some((step) => readsName(step, script, name));
  return { metrics: calls || uses("metrics"), split: uses("holdout") || uses("folds") };
}

function readsName({ code, language }: Step, script: ScriptText, name: string): boolean {
  const text = code.kind === "fence" ? code.text : script(code.path);
  const { read, assigned } = readingOf(text, language);
  return read.has(name) && !assigned.has(name);
}
