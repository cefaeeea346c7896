/** E0401–E0406: steps, inputs, code and files. */
import { message } from "../message.ts";

export const stepsMessages = {
  E0401: message<{
    /** Names, the first again at the end. */
    circle: readonly string[];
  }>({
    severity: "error",
    title: "steps in a circle",
    say: ({ circle }) => `each of these steps waits for the next: ${circle.join(" → ")}`,
    fix: () => "take one of the inputs, or one `after`, away",
    page: "A step starts when the steps that its inputs come from, and those after `after`, have ended. Steps in a circle would wait for one another forever.",
    wrong: `mlpipe 1

run learn {
  step split {
    after fit
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
  E0402: message<{
    /** "the step `split`", "the run `learn`", … */
    source: string;
    name: string;
    /** What it does give. */
    known: readonly string[];
    suggestion: string | undefined;
    /** What to do where something better than the list is known. */
    hint: string | undefined;
  }>({
    severity: "error",
    title: "input that nothing gives",
    say: ({ source, name, suggestion }) =>
      `${source} gives no artifact or model \`${name}\`${suggestion ? `; did you mean \`${suggestion}\`?` : ""}`,
    fix: ({ known, hint, suggestion }) => {
      if (hint !== undefined) return hint;
      if (suggestion !== undefined) return "";
      if (known.length === 0) return "declare it there: `artifact name: csv`";
      return `it gives ${known.map((it) => `\`${it}\``).join(", ")}`;
    },
    page: "An input is an artifact or a model that the step or run after `from` declares under the same name; `input rows as flowers from split` gives the variable another name. A metric is a number of the run and no input.",
    wrong: `mlpipe 1

run learn {
  step clean {
    artifact rows: csv
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step fit {
    input rows from clean
    artifact means: csv
    \`\`\`r
    means <- aggregate(. ~ Species, rows, mean)
    \`\`\`
  }
  step count {
    input rows from fit
    metric number
    \`\`\`r
    number <- nrow(rows)
    \`\`\`
  }
}
`,
    right: `mlpipe 1

run learn {
  step clean {
    artifact rows: csv
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step fit {
    input rows from clean
    artifact means: csv
    \`\`\`r
    means <- aggregate(. ~ Species, rows, mean)
    \`\`\`
  }
  step count {
    input rows from clean
    metric number
    \`\`\`r
    number <- nrow(rows)
    \`\`\`
  }
}
`,
  }),
  E0403: message<{ circle: readonly string[] }>({
    severity: "error",
    title: "runs in a circle",
    say: ({ circle }) => `each of these needs the next one to have run: ${circle.join(" → ")}`,
    fix: () => "take one of the inputs away",
    page: "An input `from run` or `from best of` needs a finished run. Runs in a circle could never begin.",
    wrong: `mlpipe 1

run chicken {
  input egg from run hen
  artifact bird: csv
  \`\`\`r
  bird <- egg
  \`\`\`
}

run hen {
  input bird from run chicken
  artifact egg: csv
  \`\`\`r
  egg <- bird
  \`\`\`
}
`,
    right: `mlpipe 1

run chicken {
  artifact bird: csv
  \`\`\`r
  bird <- iris
  \`\`\`
}

run hen {
  input bird from run chicken
  artifact egg: csv
  \`\`\`r
  egg <- bird
  \`\`\`
}
`,
  }),
  E0404: message<{
    /** "the format `rds`", "an R crate", … */
    what: string;
    name: string;
    /** "R" or "Node". */
    language: string;
  }>({
    severity: "error",
    title: "format of another language",
    say: ({ what, name, language }) => `${what} cannot be used in ${language}: \`${name}\``,
    fix: () => "pass the data on as csv or json, or use one language on both sides",
    page: "`rds` is R's own format, and a crate holds a function of the language that made it. Between R and Node go csv, json, text, parquet and plain files.",
    wrong: `mlpipe 1

run learn {
  step split {
    artifact rows: rds
    \`\`\`r
    rows <- iris
    \`\`\`
  }
  step count {
    input rows from split
    metric number
    \`\`\`js
    const number = rows.length
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
  step count {
    input rows from split
    metric number
    \`\`\`js
    const number = rows.length
    \`\`\`
  }
}
`,
  }),
  E0405: message<{ step: string; because: string; fix: string }>({
    severity: "error",
    title: "step without its one piece of code",
    say: ({ step, because }) => `\`${step}\` ${because}`,
    fix: ({ fix }) => fix,
    page: "A step has one code block or one script, which says what it does and in which language. A run holds either that itself or named steps.",
    wrong: `mlpipe 1

run learn {
  metric error
}
`,
    right: `mlpipe 1

run learn {
  metric error

  \`\`\`r
  error <- 0.1
  \`\`\`
}
`,
  }),
  E0406: message<{ path: string; because: string; suggestion: string | undefined }>({
    severity: "error",
    title: "file that cannot be used",
    say: ({ path, because, suggestion }) =>
      `\`${path}\` ${because}${suggestion ? `; did you mean \`${suggestion}\`?` : ""}`,
    fix: ({ suggestion }) =>
      suggestion ? "" : "write the path of a file in the project's folder, with forward slashes",
    page: "Scripts and data files lie in the project's folder, which is the folder of the .mlpipe file that is run, and are named from the folder of the file that names them. What lies elsewhere cannot be recorded with the run, and would be missing on another machine.",
    wrong: `mlpipe 1

#' Reads its own file.
run learn {
  input notes from "exmaple.mlpipe": text
  metric lines

  \`\`\`r
  lines <- length(notes)
  \`\`\`
}
`,
    right: `mlpipe 1

#' Reads its own file.
run learn {
  input notes from "example.mlpipe": text
  metric lines

  \`\`\`r
  lines <- length(notes)
  \`\`\`
}
`,
  }),
} as const;
