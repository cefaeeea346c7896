/** Whether a run needs the standard metrics. */
import type { Run } from "../check/program.ts";

/** Whether a metric is computed by a standard function. */
export function usesStandard(run: Run): boolean {
  return run.steps.some((step) => step.metrics.some(({ call }) => call !== undefined));
}
