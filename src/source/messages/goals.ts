/** E0304 and E0601–E0605: sweeps, comparisons, expectations and contracts. */
import { message } from "../message.ts";

function inTicks(names: readonly string[]): string {
  const some = names.slice(0, 8).map((it) => `\`${it}\``);
  return `${some.join(", ")}${names.length > 8 ? ", …" : ""}`;
}

function learn(items: string, code = "error <- 1 / trees"): string {
  return `mlpipe 1

run learn {
  param trees: int = 100 in 10..1000
${items}

  \`\`\`r
  ${code}
  \`\`\`
`;
}

export const goalsMessages = {
  E0304: message<{
    name: string;
    value: string;
    domain: string;
    /** "vary" or "set". */
    keyword: string;
  }>({
    severity: "error",
    title: "value outside the param's domain",
    say: ({ name, value, domain, keyword }) =>
      `\`${keyword} ${name}\` gives ${value}, and \`${name}\` lies \`${domain}\``,
    fix: () => "choose values of the domain, or widen it where the param is declared",
    page: "A sweep or a launch may only give a param what its declaration allows. Every value that `vary` lists is checked, and both ends of what it draws from.",
    wrong: `${learn("  metric error minimize")}}

sweep sizes of learn {
  grid
  vary trees in [5, 50, 500]
  best by error
}
`,
    right: `${learn("  metric error minimize")}}

sweep sizes of learn {
  grid
  vary trees in [10, 50, 500]
  best by error
}
`,
  }),
  E0601: message<{ metric: string; because: "none" | "both" }>({
    severity: "error",
    title: "no direction to be best in",
    say: ({ metric, because }) =>
      because === "none"
        ? `\`best by ${metric}\` does not know whether more or less of \`${metric}\` is better`
        : `\`best by ${metric}\` compares runs of which some maximize and others minimize \`${metric}\``,
    fix: ({ metric, because }) =>
      because === "none"
        ? `write \`metric ${metric} maximize\` or \`metric ${metric} minimize\``
        : "give the metric one direction in all of them",
    page: "The direction belongs to the metric, where it is declared, so that every sweep and comparison means the same by best.",
    wrong: `${learn("  metric error")}}

sweep sizes of learn {
  grid
  vary trees in [10, 50, 500]
  best by error
}
`,
    right: `${learn("  metric error minimize")}}

sweep sizes of learn {
  grid
  vary trees in [10, 50, 500]
  best by error
}
`,
  }),
  E0602: message<{
    /** "best by", "where", "expect" or "show". */
    keyword: string;
    name: string;
    runs: readonly string[];
    /** With its article, what the name is instead, where it is something. */
    actual: string | undefined;
    suggestion: string | undefined;
    /** All that would do. */
    known: readonly string[];
  }>({
    severity: "error",
    title: "name that the runs do not log",
    say: ({ keyword, name, runs, actual, suggestion }) =>
      (actual
        ? `\`${keyword}\` cannot use \`${name}\`, which is ${actual}`
        : `\`${keyword}\` names \`${name}\`, which ${inTicks(runs)} ${runs.length === 1 ? "does" : "do"} not log`) +
      (suggestion ? `; did you mean \`${suggestion}\`?` : ""),
    fix: ({ name, actual, suggestion, known }) => {
      if (suggestion) return "";
      if (known.length > 0) return `logged are ${inTicks(known)}`;
      return actual ? "nothing that it could use is logged" : `declare it: \`metric ${name}\``;
    },
    page: "Conditions, `best by` and `show` read what the runs have logged: their metrics, their params and their tags (`tags.status`). What a script logs without a declaration cannot be counted on, so declare it.",
    wrong: `${learn("  metric error minimize\n  expect eror <= 0.1")}}
`,
    right: `${learn("  metric error minimize\n  expect error <= 0.1")}}
`,
  }),
  E0603: message<{ because: string; fix: string }>({
    severity: "error",
    title: "sweep or comparison that cannot be laid out",
    say: ({ because }) => because,
    fix: ({ fix }) => fix,
    page: "Every trial of a sweep is known before the first one starts. A grid needs values that can be listed: a list, a range of whole numbers, or a range of floats with `by`. A random search needs a range with two ends. A sweep has either `grid` or `random … trials`, and at least one `vary`. More than 1,000 runs are only a warning. A comparison names the runs that it lays side by side.",
    wrong: `mlpipe 1

run learn {
  param share: float = 0.5 in 0..1
  metric error minimize

  \`\`\`r
  error <- 1 - share
  \`\`\`
}

sweep shares of learn {
  grid
  vary share in 0.2..0.8
  best by error
}
`,
    right: `mlpipe 1

run learn {
  param share: float = 0.5 in 0..1
  metric error minimize

  \`\`\`r
  error <- 1 - share
  \`\`\`
}

sweep shares of learn {
  grid
  vary share in 0.2..0.8 by 0.1
  best by error
}
`,
  }),
  E0604: message<{ run: string; draws: string }>({
    severity: "warning",
    title: "reproducible without a seed",
    say: ({ run, draws }) =>
      `\`${run}\` is to be reproducible, and \`${draws}\` draws random numbers without a seed`,
    fix: () => "add `seed 1` (any whole number) to the run",
    page: "Without a seed each execution draws other numbers, so the contract can hold by luck only. A run's `seed` is set before each step in R and in Node; code that sets its own seed is left in peace.",
    wrong: `${learn("  metric error minimize\n  reproducible exact", "error <- mean(rnorm(trees))")}}
`,
    right: `${learn("  metric error minimize\n  seed 1\n  reproducible exact", "error <- mean(rnorm(trees))")}}
`,
  }),
  E0605: message<{ because: string; suggestion: string | undefined; fix: string }>({
    severity: "error",
    title: "contract about what is not there, or gives no numbers",
    say: ({ because, suggestion }) =>
      because + (suggestion ? `; did you mean \`${suggestion}\`?` : ""),
    fix: ({ fix, suggestion }) => (suggestion ? "" : fix),
    page: "A contract speaks of the run's own outputs. Any of them can be `exact` or `ignored`; an amount (`within 0.01`, `within 2%`, `within 4 ulp`) needs numbers and is not negative. A metric is numbers; a model with `probe ROWS` in its block is held to the numbers that it predicts for those rows. `distribution margin 0.1` needs a metric.",
    wrong: `${learn("  metric error minimize\n  seed 1\n  reproducible exact except log")}}
`,
    right: `${learn("  metric error minimize\n  seed 1\n  reproducible exact except error")}}
`,
  }),
} as const;
