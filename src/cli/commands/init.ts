/** `mlpipe init`: a small project that runs at once. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CommandFailed, exitCodes } from "../exit.ts";
import { write } from "../terminal.ts";

interface InitOptions {
  readonly r?: boolean;
  readonly node?: boolean;
}

const rProject = `mlpipe 1

experiment "first"

#' How far a car needs to stop, from its speed, by a straight line.
run stopping {
  param share: float = 0.8 in 0<..<1   "part of the rows used for training"

  seed 1

  metric rmse minimize in 0..

  model line: crate

  \`\`\`r
  rows  <- sample(nrow(cars), share * nrow(cars))
  train <- cars[rows, ]
  test  <- cars[-rows, ]

  fit  <- lm(dist ~ speed, data = train)
  line <- carrier::crate(function(cars) stats::predict(fit, cars), fit = fit)

  rmse <- sqrt(mean((test$dist - line(test))^2))
  cat("the line misses by", round(rmse, 1), "feet\\n")
  \`\`\`

  reproducible exact
}
`;

const nodeProject = `mlpipe 1

experiment "first"

#' Fit a straight line through a few points.
run line {
  param points: int = 20 in 3..1000   "how many points to draw"

  seed 1

  metric rmse minimize in 0..

  model line: crate

  \`\`\`js
  const rows = Array.from({ length: points }, (_, x) => ({ x, y: 2 * x + Math.random() }));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(rows.map((row) => row.x)), mean(rows.map((row) => row.y))];
  const slope = mean(rows.map((row) => (row.x - mx) * (row.y - my))) / mean(rows.map((row) => (row.x - mx) ** 2));

  const line = crate((state, rows) => rows.map((row) => state.intercept + state.slope * row.x), {
    slope,
    intercept: my - slope * mx,
  });
  const guess = line.predict(rows);
  const rmse = Math.sqrt(mean(rows.map((row, i) => (row.y - guess[i]) ** 2)));
  console.log(\`the line misses by \${rmse.toFixed(2)}\`);
  \`\`\`

  reproducible exact
}
`;

const ignored = ".mlpipe/\nmlflow.db*\nmlruns/\n";

export function init(folder: string, options: InitOptions): number {
  if (options.r && options.node)
    throw new CommandFailed("--r and --node exclude each other", "give one of them");
  const name = options.node ? "line.mlpipe" : "stopping.mlpipe";
  const target = path.join(folder, name);
  if (existsSync(target))
    throw new CommandFailed(
      `${target} exists already`,
      "name another folder: mlpipe init <folder>",
    );
  mkdirSync(folder, { recursive: true });
  writeFileSync(target, options.node ? nodeProject : rProject);
  const ignore = path.join(folder, ".gitignore");
  if (!existsSync(ignore)) writeFileSync(ignore, ignored);
  write(
    `${target}: written\nrun it:  mlpipe run ${target}\nlook at it:  mlpipe runs, or mlflow ui\n`,
  );
  return exitCodes.done;
}
