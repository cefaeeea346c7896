/** M0901…: what is found in an MLproject file that somebody else has written. */
import { message } from "../message.ts";

const noSample = { wrong: undefined, right: undefined } as const;

export const projectMessages = {
  M0901: message<{ problem: string }>({
    severity: "error",
    title: "MLproject is no YAML",
    say: ({ problem }) => `this is no YAML: ${problem}`,
    fix: () =>
      'look at indents, colons and quotes; a command that holds `: ` or ` #` stands in quotes: command: "…"',
    page: "MLproject is a file in YAML, where indents say what belongs to what. A text with a colon and a space, or with a space and a number sign, must be quoted.",
    ...noSample,
  }),
  M0902: message<{ what: string; expected: string; found: string }>({
    severity: "error",
    title: "MLproject of another shape",
    say: ({ what, expected, found }) => `${what} is ${found}, but should be ${expected}`,
    fix: ({ expected }) => `write ${expected}`,
    page: "An MLproject is a map with `name`, `entry_points` and one of `python_env`, `conda_env` and `docker_env`. Each entry point is a map with a `command` and, where it takes any, a map of `parameters`. MLflow stops with a Python error where this is otherwise.",
    ...noSample,
  }),
  M0903: message<{ first: string; second: string }>({
    severity: "error",
    title: "more than one environment",
    say: ({ first, second }) => `the project names both \`${first}\` and \`${second}\``,
    fix: () => "keep one of them",
    page: "A project runs in one environment: `python_env`, `conda_env` or `docker_env`.",
    ...noSample,
  }),
  M0904: message<{ key: string; near: string }>({
    severity: "warning",
    title: "unknown key in an MLproject",
    say: ({ key, near }) => `\`${key}\` means nothing here; did you mean \`${near}\`?`,
    fix: ({ near }) => `write ${near}`,
    page: "MLflow ignores keys that it does not know, so that a slip of the pen goes unnoticed.",
    ...noSample,
  }),
  M0905: message<{ key: string }>({
    severity: "warning",
    title: "key that stands twice in an MLproject",
    say: ({ key }) => `\`${key}\` stands here again, and only this one counts`,
    fix: () => "remove one of them",
    page: "Of two equal keys in a map MLflow takes the last one without a word.",
    ...noSample,
  }),
  M0906: message<{ entry: string }>({
    severity: "error",
    title: "entry point without a command",
    say: ({ entry }) => `the entry point \`${entry}\` has no command`,
    fix: () => 'add one: command: "Rscript train.R"',
    page: "An entry point is started by its `command`, a line for the shell.",
    ...noSample,
  }),
  M0907: message<{ problem: string; fix: string }>({
    severity: "error",
    title: "braces of a command",
    say: ({ problem }) => `the command cannot be filled in: ${problem}`,
    fix: ({ fix }) => fix,
    page: "In a command `{name}` stands for the value of a parameter, as in Python's `str.format`. Braces that are meant as they are, as those of R or of `${HOME}`, are doubled: `{{` and `}}`.",
    ...noSample,
  }),
  M0908: message<{ name: string; near: string | undefined }>({
    severity: "error",
    title: "command names no parameter",
    say: ({ name, near }) =>
      `the command uses {${name}}, which is no parameter of the entry point${near ? `; did you mean {${near}}?` : ""}`,
    fix: ({ name }) => `declare \`${name}\` below parameters, or double the braces: {{${name}}}`,
    page: "Each `{name}` in a command is filled with the value of the parameter of that name. What is not declared cannot be filled in.",
    ...noSample,
  }),
  M0909: message<{ script: string; names: string; command: string }>({
    severity: "warning",
    title: "R script that does not get its parameters",
    say: ({ script, names }) =>
      `under \`mlflow run\`, \`${script}\` would work with its defaults whatever is given for ${names}`,
    fix: ({ command }) => `write this line in its place: ${command}`,
    page: "`mlflow_param` knows the values of a command line only where `mlflow_source` has started the script, and only in the form `--name=value`. Started in another way it answers with its defaults, while the run shows the values that were given. mlpipe hands the values over in both ways.",
    ...noSample,
  }),
  M0910: message<{ key: string; file: string }>({
    severity: "error",
    title: "environment file missing",
    say: ({ key, file }) => `\`${key}\` names \`${file}\`, which is not in the project`,
    fix: () => "put the file there, or name another one",
    page: "`python_env` and `conda_env` name a file by its path from the project's folder.",
    ...noSample,
  }),
  M0911: message<{ requirement: string; problem: string }>({
    severity: "error",
    title: "environment that cannot be made",
    say: ({ requirement, problem }) => `\`${requirement}\` ${problem}`,
    fix: () => "write it as pip does, or run with --env-manager conda",
    page: "An environment for Python is made by venv and pip, or by uv. What only conda can install, it can not hold.",
    ...noSample,
  }),
} as const;
