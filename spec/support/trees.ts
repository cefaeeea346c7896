/** The comparison of trees that the language's page shows, and runs as its sweeps make them. */
import type { LoggedRun } from "./query-runs.ts";

export const treesFile = `mlpipe 1

experiment "/Shared/iris"

run baseline {
  param cp: float = 0.05 in 0..1
  param maxdepth: int = 3 in 1..30
  metric recall    maximize in 0..1
  metric precision maximize in 0..1
  metric loss over epoch minimize

  \`\`\`r
  recall <- precision <- cp
  loss <- maxdepth
  \`\`\`
}

sweep tidy_grid of baseline {
  grid
  vary cp in [0.01, 0.1]
  vary maxdepth in 2..3
  best by recall
}

sweep wide of baseline {
  random 2 trials seed 42
  vary cp in log 0.0001..0.5
  best by recall
}

compare trees {
  runs baseline, tidy_grid, wide
  where recall >= 0.9 and tags.status != "rejected"
  best by recall then precision
  show cp, maxdepth, recall, precision
}
`;

interface Result {
  readonly cp: number;
  readonly maxdepth: number;
  readonly recall: number;
  readonly precision: number;
}

function resultOf(name: string, second: number, result: Result): LoggedRun {
  const { cp, maxdepth, recall, precision } = result;
  return {
    name,
    second,
    params: { cp: String(cp), maxdepth: String(maxdepth) },
    metrics: {
      recall: [recall],
      precision: [precision],
      loss: Array.from({ length: 20 }, (_, at) => Math.exp(-at / (4 + maxdepth)) + (1 - recall)),
    },
    tags: { "mlpipe.run": "baseline" },
  };
}

function below(sweep: string, run: LoggedRun): LoggedRun {
  return { ...run, parent: sweep, tags: { ...run.tags, "mlpipe.sweep": sweep } };
}

const parent = (name: string, second: number): LoggedRun => ({
  name,
  second,
  tags: { "mlpipe.sweep": name, "mlpipe.kind": "sweep" },
});

/** `tidy_grid/04` is the best, by its precision; one run is rejected, one has too little recall, `wide` has not been run. */
export const treeRuns: readonly LoggedRun[] = [
  resultOf("baseline", 0, { cp: 0.05, maxdepth: 3, recall: 0.9032, precision: 0.8789 }),
  parent("tidy_grid", 10),
  ...[
    { cp: 0.01, maxdepth: 2, recall: 0.95, precision: 0.94 },
    { cp: 0.01, maxdepth: 3, recall: 0.97, precision: 0.96 },
    { cp: 0.1, maxdepth: 2, recall: 0.88, precision: 0.99 },
    { cp: 0.1, maxdepth: 3, recall: 0.97, precision: 0.965 },
  ].map((result, at) => below("tidy_grid", resultOf(`tidy_grid/0${at + 1}`, 11 + at, result))),
  {
    ...resultOf("too good", 30, { cp: 0.2, maxdepth: 5, recall: 0.99, precision: 0.99 }),
    tags: { "mlpipe.run": "baseline", status: "rejected" },
  },
];
