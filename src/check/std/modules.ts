/** The modules of the standard library: what each is for, and what it gives beside its declarations. */
import { stdMetrics } from "./metrics.ts";

const none: ReadonlySet<string> = new Set();

/** Names that a metric calls, and that may be imported though no file declares them. */
export function importable(path: string): ReadonlySet<string> {
  return path === "std/metrics" ? new Set(stdMetrics.keys()) : none;
}
