/** E0501–E0505: what MLflow refuses. */
import { message } from "../message.ts";

export const trackingMessages = {
  E0501: message<{ kind: string; key: string; because: string }>({
    severity: "error",
    title: "name that MLflow refuses",
    say: ({ kind, key, because }) =>
      `MLflow refuses the ${kind} ${key === "" ? '""' : `\`${key}\``}: ${because}`,
    fix: ({ kind }) =>
      kind === "metric" || kind === "tag"
        ? "use letters, digits, `_`, `-`, `.`, `:`, spaces and single `/`"
        : `give the ${kind} another name`,
    page: "Keys of metrics and tags hold letters, digits, `_`, `-`, `.`, `:`, spaces and slashes, and read as a plain path: no empty part, no `.` or `..`, no slash at either end. An experiment has a name that is not empty. A run's id begins with a letter or digit, and goes on with those, `_` and `-`.",
    wrong: `mlpipe 1

run learn {
  metric "error %"

  \`\`\`r
  log_metric("error %", 12)
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  metric "error percent"

  \`\`\`r
  log_metric("error percent", 12)
  \`\`\`
}
`,
  }),
  E0502: message<{ kind: string; length: number; limit: number }>({
    severity: "error",
    title: "too long for MLflow",
    say: ({ kind, length, limit }) =>
      `this ${kind} has ${length} characters; MLflow keeps ${limit}`,
    fix: () => "shorten it",
    page: "MLflow keeps keys of at most 250 characters, experiment names of 500, values of params of 6000 and of tags of 8000; servers before 2.15 keep 5000 of a tag, and mlpipe holds files to that.",
    wrong: `mlpipe 1

run learn {
  tag ${"long_".repeat(51)} = "yes"
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  tag long = "yes"
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
  }),
  E0503: message<{ key: string; prefix: string }>({
    severity: "warning",
    title: "reserved tag",
    say: ({ key, prefix }) =>
      `tags that begin with \`${prefix}\` are written by ${prefix === "mlpipe." ? "mlpipe" : "MLflow"}; \`${key}\` may be overwritten or change what is shown`,
    fix: () =>
      "choose a key without that prefix; `#'` lines above a run become its note, `name` its name",
    page: "MLflow shows and searches runs by tags of its own, `mlflow.…`, and mlpipe keeps its facts in `mlpipe.…`.",
    wrong: `mlpipe 1

run learn {
  tag "mlflow.user" = "Anna"
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  tag author = "Anna"
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
  }),
  E0504: message<{ name: string }>({
    severity: "error",
    title: "experiment without a workspace path",
    say: ({ name }) => `Databricks needs the experiment's path in the workspace, not \`${name}\``,
    fix: ({ name }) => `write \`experiment "/Shared/${name}"\``,
    page: 'On Databricks an experiment is an object of the workspace, and its name is an absolute path such as "/Shared/iris" or "/Users/anna@example.com/iris".',
    wrong: undefined,
    right: undefined,
  }),
  E0505: message<{ path: string; because: string }>({
    severity: "error",
    title: "place among the artifacts that cannot be",
    say: ({ path, because }) => `nothing can be stored at \`${path}\`: ${because}`,
    fix: () => 'write another path: `at "folder/name"`',
    page: "Artifacts and models of a run lie below one root, each at a path of its own; a model is a folder, and nothing else lies in it. The folder `mlpipe` holds the log, the plan and the source of the run.",
    wrong: `mlpipe 1

run learn {
  artifact rows: csv at "out/rows.csv"
  artifact names: text at "out/rows.csv"

  \`\`\`r
  rows <- iris
  names <- names(iris)
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  artifact rows: csv at "out/rows.csv"
  artifact names: text at "out/names.txt"

  \`\`\`r
  rows <- iris
  names <- names(iris)
  \`\`\`
}
`,
  }),
} as const;
