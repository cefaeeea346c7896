/** The command line as a person meets it: help, mistakes in words and flags, files that are something else, colours. */
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodes, exitMeanings } from "../src/cli/exit.ts";
import { fence, oneRun } from "./support/attempt.ts";
import { type Ended, mlpipe, root, temporaryFolder } from "./support/mlpipe.ts";

const good = oneRun("  param cp: float = 0.5 in 0..1", "  metric x", fence("js", "const x = cp"));

/** Everything that is printed, as a console shows it. */
function shown({ stdout, stderr, code }: Ended): string {
  return `${stdout}${stderr}[${code}]`;
}

const help = `Usage: mlpipe [options] [command]

Machine-learning pipelines: checked before they start, logged to MLflow,
reproducible.

Options:
  -V, --version                    print the version
  -h, --help                       print this help

Commands:
  init [options] [folder]          make a project that runs at once
  check [options] <file>           say everything that is wrong with a file
  fmt [options] <files...>         lay files out in the one way
  compile [options] <file>         write the MLproject file that MLflow runs
  eject <file> <run> <folder>      write plain files that need no mlpipe
  plan [options] <file> [name]     print what a run will do, call by call, and
                                   do nothing
  run [options] <file> [name]      run a file or an MLproject, and log it to
                                   MLflow
  why [options] <file> [name]      say why each step of a run, or one
                                   (run.step), ran or did not, and would now; of
                                   two recorded runs (why <a> <b>): why they
                                   differ
  cache                            what is kept of steps in this folder, so that
                                   they need not run again
  compare [options] <file> [name]  lay runs side by side and say which is the
                                   best, and why
  runs [options]                   list the newest runs, or those that a filter
                                   finds
  diff [options] <a> <b>           say what differs between two runs
  verify [options] [file] [run]    try whether a run keeps the laws of
                                   reproducibility, over the values of its
                                   params
  trace [options] <file> [run]     say what each step of a run really reads,
                                   writes, draws and asks the machine for
  replay [options] <run>           perform a recorded run again and say whether
                                   it gives the same
  server [options]                 serve a store to MLflow's clients
  push [options] [address]         bring what was logged here to a server;
                                   without an address, what waits for its server
  import [options] <place>         bring runs here from mlruns, a database or a
                                   server
  doctor [options]                 say what this machine lacks, and the command
                                   that mends it
  explain [options] [code]         explain a finding, such as E0203; without a
                                   code, list them
  docs [options] [name]            document the standard library: its modules,
                                   one such as std/metrics, or rmse
  completion <shell>               print the completion script for bash, zsh or
                                   fish
  help [command...]                print the help of a command

Exit codes:
  0    done
  1    a run, a step or an expectation failed; or the tracker did
  2    the command or the file is wrong; nothing was started
  3    differs: fmt --check, compile --check, diff, replay; a law that verify finds broken
  4    a recorded run cannot be replayed: something it needs is gone
  5    undecided within the budget: verify, replay
  124  a step was ended by its timeout
  130  interrupted (Ctrl+C)
  143  terminated
`;

const runHelp = `Usage: mlpipe run [options] <file> [name]

run a file or an MLproject, and log it to MLflow

Options:
  -P, --param <name=value>        a param's value; may be given again
  --experiment-name <name>        log to this experiment instead of the file's
  --experiment-id <id>            the same, by its id
  --tracking-uri <uri>            log there: sqlite:///mlflow.db (the default),
                                  http://…, databricks
  --json                          print each event as a line of JSON
  -j, --jobs <number>             of a file: how many steps may run at once: 1
                                  (the default)
  --with-deps                     of a file: first run what its inputs need and
                                  was never finished
  --keep-going                    of a file: after a failure, do all that does
                                  not need its results
  --resume                        of a run: go on with the one that was left
                                  unfinished
  --failed-only                   of a sweep: run the trials that failed again,
                                  and no others
  --r <path>                      of a file: the Rscript to use
  --no-cache                      of a file: run every step, whatever the cache
                                  has
  -e, --entry-point <name>        of a project: the entry point or script, if
                                  not main
  -v, --version <ref>             of a project in git: the commit, tag or branch
  --run-name <name>               of a project: how to call the run
  --env-manager <kind>            of a project: local, virtualenv, uv or conda
  --no-strict                     of a project: pass on params that it does not
                                  declare
  --storage-dir <folder>          of a project: where params of type path are
                                  fetched to
  -A, --docker-args <name=value>  of a project: for docker run
  -b, --backend <name>            of a project: local, which is the only one
  -h, --help                      print this help
`;

describe.concurrent("help", () => {
  test.each([[[]], [["help"]], [["--help"]], [["-h"]]])(
    "%j prints the commands and the exit codes",
    async (words) => {
      const ended = await mlpipe(words, { cwd: root });
      expect(shown(ended)).toBe(`${help}[0]`);
      expect(ended.stderr).toBe("");
    },
  );

  test.each([[["help", "run"]], [["run", "--help"]], [["run", "x.mlpipe", "-h"]]])(
    "%j prints the flags of run",
    async (words) => {
      expect(shown(await mlpipe(words, { cwd: root }))).toBe(`${runHelp}[0]`);
    },
  );

  test("the version is the package's", async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    for (const flag of ["--version", "-V"])
      expect(shown(await mlpipe([flag], { cwd: root }))).toBe(`${version}\n[0]`);
  });

  test("every exit code has its meaning, and no two share a number", () => {
    expect(Object.keys(exitMeanings)).toEqual(Object.keys(exitCodes));
    expect(new Set(Object.values(exitCodes)).size).toBe(Object.keys(exitCodes).length);
  });
});

/** Words, and the two lines that answer them; nothing on standard output, exit code 2. */
const mistakes: readonly (readonly [words: string, said: string])[] = [
  [
    "rnu it.mlpipe",
    "mlpipe: there is no command `rnu`; did you mean `run`?\n  list them: mlpipe help\n",
  ],
  ["zzz", "mlpipe: there is no command `zzz`\n  list them: mlpipe help\n"],
  [
    "help rnu",
    "mlpipe: there is no command `rnu`; did you mean `run`?\n  list them: mlpipe help\n",
  ],
  ["it.mlpipe", "mlpipe: `it.mlpipe` is a file, not a command\n  write: mlpipe run it.mlpipe\n"],
  ["replay", "mlpipe: `mlpipe replay` lacks its <run>\n  write: mlpipe replay <run>\n"],
  ["run", "mlpipe: `mlpipe run` lacks its <file>\n  write: mlpipe run <file> [name]\n"],
  ["fmt", "mlpipe: `mlpipe fmt` lacks its <files>\n  write: mlpipe fmt <files...>\n"],
  [
    "run it.mlpipe --jsn",
    "mlpipe: `mlpipe run` has no --jsn; did you mean `--json`?\n  list its flags: mlpipe help run\n",
  ],
  ["run it.mlpipe --cp=0.3", "mlpipe: `mlpipe run` has no --cp\n  a param is written -P cp=…\n"],
  [
    "run it.mlpipe it cp=0.3",
    "mlpipe: `mlpipe run` takes no `cp=0.3`\n  a param is written -P cp=0.3\n",
  ],
  ["run it.mlpipe -P", "mlpipe: nothing follows -P, --param\n  write -P, --param <name=value>\n"],
  [
    "--json runs",
    "mlpipe: `mlpipe` has no --json\n  write it behind the command: mlpipe runs --json\n",
  ],
  ["-x", "mlpipe: `mlpipe` has no -x\n  list them: mlpipe help\n"],
  ["runs all", "mlpipe: `mlpipe runs` takes no `all`\n  write: mlpipe runs\n"],
  ["run it.mlpipe itt", "mlpipe: it.mlpipe has no `itt`; did you mean `it`?\n  it has it\n"],
  ["run it.mlpipe -P pc=1", "mlpipe: there is no param `pc`; did you mean `cp`?\n"],
  ["run it.mlpipe -P cp=7", "mlpipe: -P cp=7: `cp` must be in 0..1\n"],
  ["run it.mlpipe -P cp", "mlpipe: -P cp: expected name=value\n  for example: -P cp=0.05\n"],
  ["runs -n 1e3", "mlpipe: -n 1e3: expected a whole number from 1 to 50000\n"],
  ["explain E0999", "mlpipe: there is no code `E0999`\n  list all codes: mlpipe explain\n"],
  [
    "completion csh",
    "mlpipe: there is no completion for `csh`\n  write: mlpipe completion bash, or zsh, or fish\n",
  ],
  [
    "check https://ann:secret@example.org/a/b",
    "mlpipe: `https://example.org/a/b` is a project, not a .mlpipe file\n  it can be run: mlpipe run https://example.org/a/b\n",
  ],
  [
    "check project",
    "mlpipe: `project` is a project, not a .mlpipe file\n  it can be run: mlpipe run project\n",
  ],
  ["run .", "mlpipe: `.` is a folder, not a .mlpipe file\n  name the file: it.mlpipe\n"],
  [
    "check train.R",
    'mlpipe: `train.R` is no .mlpipe file\n  name it in a run of one: script "train.R"\n',
  ],
  ["plan it", "mlpipe: there is no file `it`; did you mean `it.mlpipe`?\n"],
  [
    "compile it.mlpipe --mlproject-types new",
    "mlpipe: --mlproject-types is `written` or `documented`, not `new`\n",
  ],
  ["compare it.mlpipe ti", "mlpipe: it.mlpipe has no `ti`; did you mean `it`?\n  it has it\n"],
  [
    "compare it.mlpipe it --json --csv -",
    "mlpipe: --json and --csv - both print\n  give --csv a file\n",
  ],
  ["init --r --node new", "mlpipe: --r and --node exclude each other\n  give one of them\n"],
];

describe.concurrent("a mistake on the command line", () => {
  test.each(mistakes)("`mlpipe %s` is answered, and nothing is done", async (words, said) => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    folder.write("train.R", "x <- 1\n");
    mkdirSync(path.join(folder.path, "project"));
    folder.write("project/MLproject", "name: mine\n");
    const before = readdirSync(folder.path, { recursive: true });
    const ended = await mlpipe(words.split(" "), { cwd: folder.path });
    expect(ended).toEqual({ code: 2, signal: null, stdout: "", stderr: said });
    expect(readdirSync(folder.path, { recursive: true })).toEqual(before);
  });

  test("a file whose name begins with a hyphen is named behind --", async () => {
    using folder = temporaryFolder();
    folder.write("-it.mlpipe", good);
    const ended = await mlpipe(["check", "--strict", "--", "-it.mlpipe"], { cwd: folder.path });
    expect(shown(ended)).toBe("-it.mlpipe: no findings; 1 entry\n[0]");
  });
});

describe.concurrent("colour", () => {
  const red = "\u001b[1;31m";
  test.each([
    [{}, false],
    [{ FORCE_COLOR: "1" }, true],
    [{ FORCE_COLOR: "1", NO_COLOR: "1", TERM: "dumb" }, true],
    [{ FORCE_COLOR: "0" }, false],
    [{ FORCE_COLOR: "" }, false],
  ] as const)("with %j where nobody looks: %s", async (env, colored) => {
    const ended = await mlpipe(["zzz"], { cwd: root, env });
    expect(ended.stderr.startsWith(`${red}mlpipe:`)).toBe(colored);
    const checked = await mlpipe(["check", "zzz.mlpipe"], { cwd: root, env });
    expect(checked.stdout.includes("\u001b[")).toBe(colored);
  });
});
