/** What the modules of the standard library give beside the declarations in their files. */
import { dataSets } from "./data-sets.ts";
import { stdMetrics } from "./metrics.ts";

const none: ReadonlySet<string> = new Set();

/** Names that a metric calls, and that may be imported though no file declares them. */
export function importable(path: string): ReadonlySet<string> {
  return path === "std/metrics" ? new Set(stdMetrics.keys()) : none;
}

/** How to use what the module has, but no import can name; undefined for a name that it does not have. */
export function otherUse(path: string, name: string): string | undefined {
  if (path === "std/data" && dataSets.has(name))
    return `it needs no import: write \`input ${name} from "std/data/${name}.csv"\``;
  if (path === "std/split" && (name === "holdout" || name === "folds"))
    return `it needs no import: call it in the code, \`${name}(…)\``;
  return path === "std/metrics" && name === "confusion"
    ? "it needs no import: call it in the code, as `metrics$confusion(…)` or `metrics.confusion(…)`"
    : undefined;
}
