/** E0701, E0702, E0704 and E0705: code that is legal and probably a mistake. (E0703 stands with the names.) */
import { message } from "../message.ts";

function inRun(items: string, code: string): string {
  return `mlpipe 1

run learn {
${items}

  \`\`\`r
${code}
  \`\`\`
}
`;
}

export const warningsMessages = {
  E0701: message<{ name: string }>({
    severity: "warning",
    title: "param never used",
    say: ({ name }) => `the param \`${name}\` is never used`,
    fix: () => "use it in the code, or remove it",
    page: "A param that no code, text or requirement uses is logged with each run and changes nothing, so that a sweep over it compares equal runs. A named argument does not use a variable of that name: in `rpart(y ~ x, cp = 0.1)` the param `cp` is not read, in `rpart(y ~ x, cp = cp)` it is. Scripts are not looked into.",
    wrong: inRun(
      "  param share: float = 0.5 in 0..1\n  metric error",
      "  error <- mean(iris$Sepal.Length > 5)",
    ),
    right: inRun(
      "  param share: float = 0.5 in 0..1\n  metric error",
      "  error <- mean(iris$Sepal.Length > 5) * share",
    ),
  }),
  E0702: message<{
    /** "metric", "artifact" or "model". */
    kind: string;
    name: string;
    /** The step, or the run where it is declared beside the steps. */
    where: string;
    suggestion: string | undefined;
  }>({
    severity: "warning",
    title: "output that the code never assigns",
    say: ({ kind, name, where, suggestion }) =>
      `the code of \`${where}\` never assigns the ${kind} \`${name}\`` +
      (suggestion ? `; did you mean \`${suggestion}\`?` : ""),
    fix: ({ kind, name }) =>
      kind === "metric"
        ? `assign \`${name}\`, or log it: \`log_metric("${name}", …)\`, in Node \`log.metric("${name}", …)\``
        : `assign \`${name}\`, or write the file at its path`,
    page: "When the code has ended, each declared output is looked up among its variables, and the run fails if one is not there. mlpipe reads the code only so far: where it logs under a computed name, writes a file of that name, or uses `eval`, `assign` or `source`, nothing is said.",
    wrong: inRun("  metric accuracy", "  acuracy <- mean(iris$Sepal.Length > 5)"),
    right: inRun("  metric accuracy", "  accuracy <- mean(iris$Sepal.Length > 5)"),
  }),
  E0704: message<Readonly<Record<string, never>>>({
    severity: "warning",
    title: "code starts an MLflow run",
    say: () => "this code starts an MLflow run, and mlpipe has started one for it already",
    fix: () => "leave it out: declare metrics and artifacts, and assign them",
    page: "A run's code works inside the MLflow run that mlpipe makes and ends. A second one started by the code is another run, without the params and tags of this one. In a `script`, code written for {mlflow} runs unchanged: there `mlflow_start_run()` answers with the run that mlpipe made.",
    wrong: inRun(
      "  metric error",
      '  error <- 0.1\n  with(mlflow_start_run(), mlflow_log_metric("error", error))',
    ),
    right: inRun("  metric error", "  error <- 0.1"),
  }),
  E0705: message<{ found: string; kind: "call" | "path" }>({
    severity: "warning",
    title: "code for one machine only",
    say: ({ found, kind }) =>
      kind === "call"
        ? `\`${found}\` leaves the project's folder`
        : `\`${found}\` is a path on one machine`,
    fix: ({ kind }) =>
      kind === "call"
        ? "leave it out: code starts in the project's folder"
        : "write the path from the project's folder, or make it a param of type `path`",
    page: "Code starts in the folder that holds the .mlpipe file, here and wherever else the project is run, so that paths from there work everywhere. What lies elsewhere can be given as a param of type `path`, which arrives in the code as an absolute path.",
    wrong: inRun("  metric rows", '  rows <- nrow(read.csv("/home/anna/iris.csv"))'),
    right: inRun("  metric rows", '  rows <- nrow(read.csv("iris.csv"))'),
  }),
} as const;
