/** The modules of the standard library, and what they give beside the declarations in their files. */
import { dataSets } from "./data-sets.ts";
import { metricHelpers, splitHelpers } from "./helpers.ts";
import { stdMetrics } from "./metrics.ts";

export interface StdModule {
  readonly path: string;
  readonly what: string;
  /** How what it has is used, in lines. */
  readonly use: readonly string[];
}

export const stdModules: readonly StdModule[] = [
  {
    path: "std/metrics",
    what: "metrics of guesses, by one definition in R and in JavaScript",
    use: [
      "In a file: metric error = rmse(truth, guess), from two variables of the code, without an import.",
      "In code: metrics$rmse(truth, guess) in R, metrics.rmse(truth, guess) in JavaScript.",
      "Classes are compared by their text. A missing value, or no element at all, is an error.",
      "Same bits in both languages, but for log_loss: 4 units of the last place.",
    ],
  },
  {
    path: "std/split",
    what: "which rows are for training and which for testing, the same in R and in JavaScript",
    use: [
      "In code, without an import: parts <- holdout(nrow(iris), 0.75); train <- iris[parts$train, ]",
    ],
  },
  {
    path: "std/r",
    what: "steps in R over R's own models",
    use: ['In a file: import lm from "std/r", and in a run: step fit = lm { … }'],
  },
  {
    path: "std/node",
    what: "steps in JavaScript that need no package",
    use: ['In a file: import knn from "std/node", and in a run: step fit = knn { … }'],
  },
  {
    path: "std/data",
    what: "data sets, as inputs",
    use: ['In a step, without an import: input iris from "std/data/iris.csv"'],
  },
];

const none: ReadonlySet<string> = new Set();

/** Names that a metric calls, and that may be imported though no file declares them. */
export function importable(path: string): ReadonlySet<string> {
  return path === "std/metrics" ? new Set(stdMetrics.keys()) : none;
}

/** How to use what the module has, but no import can name; undefined for a name that it does not have. */
export function otherUse(path: string, name: string): string | undefined {
  const set = path === "std/data" ? dataSets.get(name) : undefined;
  if (set) return `it needs no import: write \`input ${name} from "${set.path}"\``;
  const helper = { "std/split": splitHelpers, "std/metrics": metricHelpers }[path]?.get(name);
  return (
    helper &&
    `it needs no import: code calls it, \`${helper.inR}\` in R, \`${helper.inJs}\` in JavaScript`
  );
}
