/** E0301–E0307: types, defaults, domains and requirements. */
import { message } from "../message.ts";

export const valuesMessages = {
  E0301: message<{
    /** What was written. */
    found: string;
    /** With its article: "an int", "a text". */
    expected: string;
    fix: string;
  }>({
    severity: "error",
    title: "value of another type",
    say: ({ found, expected }) => `\`${found}\` is not ${expected}`,
    fix: ({ fix }) => fix,
    page: "A param's default, and whatever a sweep, a launch or a template's argument gives it, has the param's type. An int is whole and lies within ±9007199254740991, so that Node and R read the same number; a `?` after the type allows null. Without a type the default decides: `3` is an int, `3.0` a float.",
    wrong: `mlpipe 1

run learn {
  param trees: int = "many"
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  param trees: int = 100
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
  }),
  E0302: message<{ name: string; value: string; domain: string }>({
    severity: "error",
    title: "value outside its domain",
    say: ({ name, value, domain }) =>
      `\`${name}\` cannot be ${value}: it is declared \`${domain}\``,
    fix: () => "change the value, or widen the domain",
    page: "A domain says which values a param may have, and its default is one of them. `0<..<1` leaves out both ends; `1..10 by 3` has 1, 4, 7 and 10.",
    wrong: `mlpipe 1

run learn {
  param share: float = 1.5 in 0..1
  metric error

  \`\`\`r
  error <- 1 - share
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  param share: float = 0.5 in 0..1
  metric error

  \`\`\`r
  error <- 1 - share
  \`\`\`
}
`,
  }),
  E0303: message<{ domain: string; because: string }>({
    severity: "error",
    title: "empty or impossible domain",
    say: ({ domain, because }) => `no value lies in \`${domain}\`: ${because}`,
    fix: () => "write a domain that holds at least one value",
    page: "Nothing can lie in a range whose low end is above its high end, in an empty list, in a range of ints that holds no whole number, or match a pattern that cannot be read. A range on a logarithmic scale lies above 0.",
    wrong: `mlpipe 1

run learn {
  param trees: int in 500..100
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  param trees: int in 100..500
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}
`,
  }),
  E0305: message<{ domain: string; type: string; fix: string }>({
    severity: "error",
    title: "domain of another kind",
    say: ({ domain, type }) => `\`${domain}\` cannot be the domain of ${type}`,
    fix: ({ fix }) => fix,
    page: "Numbers have a range or a list, texts a list or a pattern (`matching`), truth values need none. A metric is a number.",
    wrong: `mlpipe 1

run learn {
  param who: string = "world" in 1..5
  metric letters

  \`\`\`r
  letters <- nchar(who)
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  param who: string = "world" matching "[a-z]+"
  metric letters

  \`\`\`r
  letters <- nchar(who)
  \`\`\`
}
`,
  }),
  E0306: message<{
    /** "param", "input" or "argument". */
    kind: string;
    name: string;
    /** Where it is needed: "the template `fit`", "the launch `nightly`", … */
    where: string;
  }>({
    severity: "error",
    title: "required value missing",
    say: ({ kind, name, where }) => `${where} needs a value for its ${kind} \`${name}\``,
    fix: ({ kind, name }) =>
      kind === "argument" ? `give it: \`${name}: …\`` : `give it: \`${name} = …\``,
    page: "A param without a default has to be given its value where the run or the template is used. An input of a template is given by a step of the run that calls it.",
    wrong: `mlpipe 1

step fit {
  param trees: int
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}

run learn {
  step forest = fit {}
}
`,
    right: `mlpipe 1

step fit {
  param trees: int
  metric error

  \`\`\`r
  error <- 1 / trees
  \`\`\`
}

run learn {
  step forest = fit { trees = 100 }
}
`,
  }),
  E0307: message<{ condition: string; because: string; note: string }>({
    severity: "error",
    title: "requirement that cannot hold",
    say: ({ condition, because, note }) =>
      `\`require ${condition}\` does not hold: ${because}${note ? ` (${note})` : ""}`,
    fix: () => "change the defaults, the domains or the requirement",
    page: "A requirement says how the values of params go together. The defaults have to satisfy it, and some values of their domains must be able to.",
    wrong: `mlpipe 1

run learn {
  param low: int = 5
  param high: int = 3
  require low < high
  metric width

  \`\`\`r
  width <- high - low
  \`\`\`
}
`,
    right: `mlpipe 1

run learn {
  param low: int = 3
  param high: int = 5
  require low < high
  metric width

  \`\`\`r
  width <- high - low
  \`\`\`
}
`,
  }),
} as const;
