/** E0201–E0205: names, scopes and imports. */
import { message } from "../message.ts";

export const namesMessages = {
  E0201: message<{
    /** What it should be: "step", "run", "compare or sweep", "param", … */
    kind: string;
    name: string;
    suggestion: string | undefined;
    /** All that would do, for when there are few. */
    known: readonly string[];
    /** What the name is instead, where it is something. */
    actual: string | undefined;
  }>({
    severity: "error",
    title: "unknown name",
    say: ({ kind, name, suggestion, actual }) =>
      kind === "hole"
        ? `\`${name}\` is not known where this text is read`
        : (actual
            ? `\`${name}\` is a ${actual}, not a ${kind}`
            : `there is no ${kind} \`${name}\` here`) +
          (suggestion ? `; did you mean \`${suggestion}\`?` : ""),
    fix: ({ kind, known, suggestion }) => {
      if (suggestion) return "";
      if (kind === "hole") return "this text is fixed; for the characters themselves write `\\${`";
      if (known.length === 0) return `no ${kind} is known here`;
      const some = known.slice(0, 8).map((it) => `\`${it}\``);
      return `known here: ${some.join(", ")}${known.length > 8 ? ", …" : ""}`;
    },
    page: "The name is declared nowhere that this place can see. Names of a run's steps and params are seen in that run; runs, templates, sweeps and compares are seen in their whole file and where they are imported.",
    wrong: `mlpipe 1

run learn {
  step split {
    artifact rows: csv
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step fit {
    input rows from spilt
    metric count
    \`\`\`r
    count <- nrow(rows)
    \`\`\`
  }
}
`,
    right: `mlpipe 1

run learn {
  step split {
    artifact rows: csv
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step fit {
    input rows from split
    metric count
    \`\`\`r
    count <- nrow(rows)
    \`\`\`
  }
}
`,
  }),
  E0202: message<{ kind: string; name: string }>({
    severity: "error",
    title: "declared twice",
    say: ({ kind, name }) => `${kind === name ? "" : `${kind} `}\`${name}\` is declared twice`,
    fix: () => "keep one of them, or give one another name",
    page: "A name means one thing. Runs, templates, sweeps, compares and launches share the names of a file with what it imports; metrics, artifacts and models share the names of a run, whichever step declares them; a step has each other item at most once.",
    wrong: `mlpipe 1

run learn {
  metric error
  metric error minimize

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  metric error minimize

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
  }),
  E0203: message<{ kind: string; name: string; other: string }>({
    severity: "error",
    title: "shadowed name",
    say: ({ kind, name, other }) => `the ${kind} \`${name}\` would hide ${other} of the same name`,
    fix: ({ kind }) =>
      kind === "input"
        ? "give the variable another name: `input x as y`"
        : "give one of them another name",
    page: "Params, inputs, secrets and outputs of a step are variables of its code, side by side, so each needs a name of its own. A param of a run may not have the name of a param of the file. `params`, `run` and, in a run with a seed, `seed` are given by mlpipe.",
    wrong: `mlpipe 1

param trees: int = 100

run learn {
  param trees: int = 10
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
    right: `mlpipe 1

param trees: int = 100

run learn {
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
  }),
  E0204: message<{
    name: string;
    /** "R" or "JavaScript"; undefined where no language has such names. */
    language: string | undefined;
    /** What to write instead, e.g. "input class as kind"; undefined where only another name helps. */
    instead: string | undefined;
  }>({
    severity: "error",
    title: "not a variable's name",
    say: ({ name, language }) =>
      `\`${name}\` cannot be a variable${language ? ` in ${language}` : ""}`,
    fix: ({ instead }) => (instead ? `write \`${instead}\`` : "give it another name"),
    page: "Params and inputs arrive in the code as variables of the same name, and outputs leave it so. A word that the language keeps for itself (`class` in JavaScript, `TRUE` in R) cannot be one. An input can be given another name with `as`.",
    wrong: `mlpipe 1

run count {
  param class: string = "setosa"
  metric letters

  \`\`\`js
  const letters = 6
  \`\`\`
}
`,
    right: `mlpipe 1

run count {
  param kind: string = "setosa"
  metric letters

  \`\`\`js
  const letters = kind.length
  \`\`\`
}
`,
  }),
  E0205: message<{
    /** The whole sentence: what of the import cannot be had. */
    what: string;
    fix?: string | undefined;
  }>({
    severity: "error",
    title: "import that cannot be had",
    say: ({ what }) => what,
    fix: ({ fix }) => fix ?? "",
    page: "An import names a file of the project, relative to the file that imports it (`./iris.mlpipe`), or one of the standard library (`std/metrics`), and names that this file declares. Two files cannot import each other, not even through a third.",
    wrong: `mlpipe 1

import "./missing.mlpipe"

run baseline {
  metric answer

  \`\`\`r
  answer <- 42
  \`\`\`
}
`,
    right: `mlpipe 1

run baseline {
  metric answer

  \`\`\`r
  answer <- 42
  \`\`\`
}
`,
  }),
  E0703: message<{ kind: "import" | "template" | "input"; name: string }>({
    severity: "warning",
    title: "declared and not used",
    say: ({ kind, name }) => `the ${kind} \`${name}\` is not used`,
    fix: ({ kind }) =>
      kind === "input" ? "use the variable in the code, or take it away" : "take it away",
    page: "What is imported or declared and used nowhere is often a name that was mistyped elsewhere. Templates of a file without runs are there for other files, and count as used.",
    wrong: `mlpipe 1

step fit {
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}

run learn {
  metric score

  \`\`\`r
  score <- 0.9
  \`\`\`
}
`,
    right: `mlpipe 1

step fit {
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}

run learn {
  step forest = fit {}
}
`,
  }),
} as const;
