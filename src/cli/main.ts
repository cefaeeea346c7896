/** The command line: one command a file, loaded only when asked for; every ending has its exit code. */
import { existsSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { ProjectRefused } from "../project/refused.ts";
import { TrackingError } from "../tracking/tracking.ts";
import { CommandFailed, exitCodes, exitMeanings } from "./exit.ts";
import { spreadParams } from "./param-words.ts";
import { complain, lostOutput, watchOutput } from "./terminal.ts";
import { refuseBefore, refuseCommand, rewordUsage } from "./usage.ts";
import { version } from "../run/version.ts";

/** Runs the command that `argv` (without node and script) names; resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  watchOutput();
  let exitCode: number = exitCodes.done;
  const program = commands((code) => (exitCode = code));
  try {
    await program.parseAsync(argv.length > 0 ? [...spreadParams(argv)] : ["help"], {
      from: "user",
    });
  } catch (error) {
    exitCode = explainFailure(error);
  }
  return lostOutput() && exitCode === exitCodes.done ? exitCodes.failed : exitCode;
}

/** The seam: what a user did, a tracker or the operating system refused, or a bug. */
function explainFailure(error: unknown): number {
  // Help or the version was asked for and is printed; all else of commander is reworded where it is thrown.
  if (error instanceof CommanderError) return exitCodes.done;
  if (error instanceof CommandFailed) {
    complain(error.message, error.fix);
    return error.exitCode;
  }
  if (error instanceof ProjectRefused) {
    complain(error.message, error.fix);
    return exitCodes.usage;
  }
  if (error instanceof TrackingError) {
    complain(error.message, error.fix);
    return exitCodes.failed;
  }
  if (error instanceof Error && "syscall" in error) {
    complain(
      `the operating system refused: ${error.message}`,
      "see that the folder can be written and the disk has room",
    );
    return exitCodes.failed;
  }
  complain(
    `internal error, please report: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return exitCodes.failed;
}

type Ended = (exitCode: number) => void;

function commands(ended: Ended): Command {
  const program = new Command("mlpipe")
    .description(
      "Machine-learning pipelines: checked before they start, logged to MLflow, reproducible.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .addHelpText("after", exitCodesText())
    .showSuggestionAfterError(false)
    // The --version of `run` is its own.
    .enablePositionalOptions()
    .configureOutput({ outputError: () => {} });
  addFileCommands(program, ended);
  addPlanCommand(program, ended);
  addRunCommand(program, ended);
  addCacheCommands(program, ended);
  addLookCommands(program, ended);
  addVerifyCommand(program, ended);
  addTraceCommand(program, ended);
  addReplayCommand(program, ended);
  addServerCommand(program, ended);
  addTransferCommands(program, ended);
  addHelpCommands(program, ended);
  rewordAll(program);
  return program;
}

function rewordAll(command: Command): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : rewordUsage(error, command);
  });
  command.commands.forEach(rewordAll);
}

function exitCodesText(): string {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  const lines = names.map(
    (name) => `  ${String(exitCodes[name]).padEnd(3)}  ${exitMeanings[name]}`,
  );
  return `\nExit codes:\n${lines.join("\n")}`;
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

function addFileCommands(program: Command, ended: Ended): void {
  program
    .command("init [folder]")
    .description("make a project that runs at once")
    .option("--r", "with a step in R (the default)")
    .option("--node", "with a step in JavaScript")
    .action(async (folder: string | undefined, options) =>
      ended((await import("./commands/init.ts")).init(folder ?? ".", options)),
    );
  program
    .command("check <file>")
    .description("say everything that is wrong with a file")
    .option("--strict", "warnings count as errors")
    .option("--fix", "apply the fixes that need no thought")
    .option("--json", "print the findings as JSON")
    .action(async (file: string, options) =>
      ended((await import("./commands/check.ts")).check(file, options)),
    );
  program
    .command("fmt <files...>")
    .description("lay files out in the one way")
    .option("--check", "write nothing; exit 3 if a file is laid out otherwise")
    .option("--json", "print what was found as JSON")
    .action(async (files: string[], options) =>
      ended((await import("./commands/fmt.ts")).format(files, options)),
    );
  program
    .command("compile <file>")
    .description("write the MLproject file that MLflow runs")
    .option("--check", "write nothing; exit 3 if the file on disk is another")
    .option("--stdout", "print it instead")
    .option("--json", "print what was found as JSON")
    .option(
      "--mlproject-types <kind>",
      "`written` as in the file, or `documented`: only the types that MLflow documents",
      "written",
    )
    .action(async (file: string, options) =>
      ended((await import("./commands/compile.ts")).compileFile(file, options)),
    );
  program
    .command("eject <file> <run> <folder>")
    .description("write plain files that need no mlpipe")
    .action(async (file: string, run: string, folder: string) =>
      ended((await import("./commands/eject.ts")).eject(file, run, folder)),
    );
}

function addPlanCommand(program: Command, ended: Ended): void {
  program
    .command("plan <file> [name]")
    .description("print what a run will do, call by call, and do nothing")
    .option("-P, --param <name=value>", "a param's value; may be given again", collect)
    .option("--json", "print the plan as JSON")
    .option("--curl", "print the tracking calls as a shell script")
    .action(async (file: string, name: string | undefined, options) =>
      ended(await (await import("./commands/plan.ts")).plan(file, name, options)),
    );
}

/** What no file is called stands for a run. */
function isRunName(word: string): boolean {
  return !word.includes(".") && !existsSync(word);
}

function addCacheCommands(program: Command, ended: Ended): void {
  program
    .command("why <file> [name]")
    .description(
      "say why each step of a run, or one (run.step), ran or did not, and would now; of two recorded runs (why <a> <b>): why they differ",
    )
    .option("-P, --param <name=value>", "a param's value; may be given again", collect)
    .option("--r <path>", "the Rscript to use")
    .option("--tracking-uri <uri>", "of this tracker, where two runs are named")
    .option("--json", "print it as JSON")
    .action(async (file: string, name: string | undefined, options) =>
      ended(
        name !== undefined && isRunName(file)
          ? await (await import("./commands/why-runs.ts")).whyRuns(file, name, options)
          : await (await import("./commands/why.ts")).why(file, name, options),
      ),
    );
  const cache = program
    .command("cache")
    .description("what is kept of steps in this folder, so that they need not run again")
    .helpCommand(false);
  cache
    .command("ls", { isDefault: true })
    .description("list it, what was used last first")
    .option("--json", "print it as JSON")
    .action(async (options) => ended((await import("./commands/cache.ts")).listCache(options)));
  cache
    .command("gc")
    .description("remove what was not used for longest, until the rest fits")
    .option("--max-size <size>", "such as 2GB; without it MLPIPE_CACHE_SIZE, else 10GB")
    .action(async (options) => ended((await import("./commands/cache.ts")).cleanCache(options)));
  cache
    .command("clear")
    .description("remove all of it")
    .action(async () => ended((await import("./commands/cache.ts")).clearCache()));
}

/** A `.mlpipe` file, or a project of MLflow's; either refuses the options that are the other's. */
function addRunCommand(program: Command, ended: Ended): void {
  program
    .command("run <file> [name]")
    .description("run a file or an MLproject, and log it to MLflow")
    .option("-P, --param <name=value>", "a param's value; may be given again", collect)
    .option("--experiment-name <name>", "log to this experiment instead of the file's")
    .option("--experiment-id <id>", "the same, by its id")
    .option(
      "--tracking-uri <uri>",
      "log there: sqlite:///mlflow.db (the default), http://…, databricks",
    )
    .option("--json", "print each event as a line of JSON")
    .option("-j, --jobs <number>", "of a file: how many steps may run at once: 1 (the default)")
    .option("--with-deps", "of a file: first run what its inputs need and was never finished")
    .option("--keep-going", "of a file: after a failure, do all that does not need its results")
    .option("--resume", "of a run: go on with the one that was left unfinished")
    .option("--failed-only", "of a sweep: run the trials that failed again, and no others")
    .option("--r <path>", "of a file: the Rscript to use")
    .option("--no-cache", "of a file: run every step, whatever the cache has")
    .option("-e, --entry-point <name>", "of a project: the entry point or script, if not main")
    .option("-v, --version <ref>", "of a project in git: the commit, tag or branch")
    .option("--run-name <name>", "of a project: how to call the run")
    .option("--env-manager <kind>", "of a project: local, virtualenv, uv or conda")
    .option("--no-strict", "of a project: pass on params that it does not declare")
    .option("--storage-dir <folder>", "of a project: where params of type path are fetched to")
    .option("-A, --docker-args <name=value>", "of a project: for docker run", collect)
    .option("-b, --backend <name>", "of a project: local, which is the only one")
    .action(async (file: string, name: string | undefined, options) =>
      ended(await (await import("./commands/run.ts")).run(file, name, options)),
    );
}

function addLookCommands(program: Command, ended: Ended): void {
  program
    .command("compare <file> [name]")
    .description("lay runs side by side and say which is the best, and why")
    .option("--html <file>", "write a report that a browser shows: table, scatter, curves")
    .option("--csv <file>", "write all of it as CSV; - prints it")
    .option("--json", "print it as JSON")
    .option("--experiment-name <name>", "of this experiment instead of the file's")
    .option("--experiment-id <id>", "the same, by its id")
    .option("--tracking-uri <uri>", "of this tracker")
    .action(async (file: string, name: string | undefined, options) =>
      ended(await (await import("./commands/compare.ts")).compareRuns(file, name, options)),
    );
  program
    .command("runs")
    .description("list the newest runs, or those that a filter finds")
    .option("-n, --number <count>", "how many", "20")
    .option("--filter <text>", "that match, such as \"metrics.rmse < 0.3 and params.cp = '0.05'\"")
    .option("--order-by <text>", 'sorted by, such as "metrics.rmse"; may be given again', collect)
    .option("--experiment-name <name>", "of this experiment only; may be given again", collect)
    .option("--view <view>", "active, deleted or all", "active")
    .option("--tracking-uri <uri>", "of this tracker")
    .option("--json", "print them as JSON")
    .usage("[options]")
    .helpCommand(false)
    .enablePositionalOptions()
    .action(async (options) => ended(await (await import("./commands/runs.ts")).listRuns(options)))
    .command("show <run>")
    .description("show all of one run: an id or its begin, a name, or latest")
    .option("--tracking-uri <uri>", "of this tracker")
    .option("--json", "print it as JSON")
    .action(async (word: string, options, command: Command) => {
      refuseBefore(command);
      ended(await (await import("./commands/runs-show.ts")).showRun(word, options));
    });
  program
    .command("diff <a> <b>")
    .description("say what differs between two runs")
    .option("--all", "also names, times, ids and tags that always differ")
    .option("--tracking-uri <uri>", "of this tracker")
    .option("--json", "print it as JSON")
    .action(async (a: string, b: string, options) =>
      ended(await (await import("./commands/diff.ts")).diff(a, b, options)),
    );
}

function addVerifyCommand(program: Command, ended: Ended): void {
  program
    .command("verify [file] [run]")
    .description(
      "try whether a run keeps the laws of reproducibility, over the values of its params",
    )
    .option("-P, --param <name=value>", "a param keeps this value; may be given again", collect)
    .option("--law <laws>", "these laws only, with commas: L1,L2")
    .option("--skip <laws>", "all but these")
    .option("--budget <time>", "such as 2min, for all laws together", "60s")
    .option("--cases <number>", "how many values of the params are tried at most", "20")
    .option("--seed <number>", "what the values are drawn from; a new one each time without it")
    .option("--replay <seed:path>", "the one case that a failure names")
    .option("--tracking-uri <uri>", "where the runs are that inputs come from")
    .option("--r <path>", "the Rscript to use")
    .option("--diagnose", "and find out why, by executing it in changed surroundings")
    .option("--explain <law>", "say what a law means, how it is checked and what to do")
    .option("--html <file>", "write a report for the browser")
    .option("--json", "print it as JSON")
    .action(async (file: string | undefined, run: string | undefined, options) =>
      ended(await (await import("./commands/verify.ts")).verifyFile(file, run, options)),
    );
}

function addTraceCommand(program: Command, ended: Ended): void {
  program
    .command("trace <file> [run]")
    .description("say what each step of a run really reads, writes, draws and asks the machine for")
    .option("-P, --param <name=value>", "a param's value; may be given again", collect)
    .option("--tracking-uri <uri>", "where the runs are that inputs come from")
    .option("--r <path>", "the Rscript to use")
    .option("--json", "print it as JSON")
    .action(async (file: string, run: string | undefined, options) =>
      ended(await (await import("./commands/trace.ts")).trace(file, run, options)),
    );
}

/** What a recorded run gives when it is performed again. */
function addReplayCommand(program: Command, ended: Ended): void {
  program
    .command("replay <run>")
    .description("perform a recorded run again and say whether it gives the same")
    .option("--step <name>", "this step only, given what was recorded of those before it")
    .option("--tracking-uri <uri>", "of this tracker, which gets the new run too")
    .option(
      "--diagnose",
      "where it does not: find out why, by executing it in changed surroundings",
    )
    .option("--html <file>", "write a report for the browser")
    .option("--json", "print the verdict, and all that it rests on, as JSON")
    .action(async (word: string, options) =>
      ended(await (await import("./commands/replay.ts")).replay(word, options)),
    );
}

function addServerCommand(program: Command, ended: Ended): void {
  program
    .command("server")
    .description("serve a store to MLflow's clients")
    .option(
      "--host <address>",
      "listen there: 127.0.0.1 (the default); other machines need a token",
    )
    .option("-p, --port <number>", "listen at this port: 5000 (the default), 0 for a free one")
    .option("--backend-store-uri <uri>", "keep the runs there: sqlite:///mlflow.db (the default)")
    .option("--default-artifact-root <uri>", "where artifacts of new experiments go")
    .option("--artifacts-destination <folder>", "keep artifacts there: ./mlartifacts (the default)")
    .option("--serve-artifacts", "pass artifacts through the server (the default)")
    .option("--no-serve-artifacts", "clients read and write artifacts themselves")
    .option("--allowed-hosts <names>", "names under which the server may be asked for, with commas")
    .option("--cors-allowed-origins <origins>", "origins whose pages may write, with commas")
    .option("--artifact-size-limit <bytes>", "for each file that is sent: 100G (the default)")
    .option("--token-file <file>", "ask for one of the tokens in this file, one a line")
    .action(async (options) => ended(await (await import("./commands/server.ts")).serve(options)));
}

function addTransferCommands(program: Command, ended: Ended): void {
  program
    .command("push [address]")
    .description(
      "bring what was logged here to a server; without an address, what waits for its server",
    )
    .option("--experiment-name <name>", "runs of this experiment only")
    .option(
      "--run <id>",
      "this run only, with its parents and children; may be given again",
      collect,
    )
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--tracking-uri <uri>", "from this store: sqlite:///mlflow.db (the default)")
    .option("--json", "print each event as a line of JSON")
    .action(async (address: string | undefined, options) =>
      ended(await (await import("./commands/push.ts")).push(address, options)),
    );
  program
    .command("import <place>")
    .description("bring runs here from mlruns, a database or a server")
    .option("--experiment-name <name>", "runs of this experiment only")
    .option(
      "--run <id>",
      "this run only, with its parents and children; may be given again",
      collect,
    )
    .option(
      "--artifacts-from <folder>",
      "read artifacts from there too; may be given again",
      collect,
    )
    .option("--dry-run", "say what would be done, and do nothing")
    .option("--tracking-uri <uri>", "into this store: sqlite:///mlflow.db (the default)")
    .option("--json", "print each event as a line of JSON")
    .action(async (place: string, options) =>
      ended(await (await import("./commands/import.ts")).importRuns(place, options)),
    );
}

function addHelpCommands(program: Command, ended: Ended): void {
  program
    .command("doctor")
    .description("say what this machine lacks, and the command that mends it")
    .option("--tracking-uri <uri>", "look at this tracker")
    .option("--json", "print the findings as JSON")
    .action(async (options) => ended(await (await import("./commands/doctor.ts")).doctor(options)));
  program
    .command("explain [code]")
    .description("explain a finding, such as E0203; without a code, list them")
    .option("--json", "print the page, or the list, as JSON")
    .action(async (code: string | undefined, options) =>
      ended((await import("./commands/explain.ts")).explainCode(code, options)),
    );
  program
    .command("docs [name]")
    .description("document the standard library: its modules, one such as std/metrics, or rmse")
    .option("--json", "print it as JSON")
    .action(async (name: string | undefined, options) =>
      ended((await import("./commands/docs.ts")).showDocs(name, options)),
    );
  program
    .command("completion <shell>")
    .description("print the completion script for bash, zsh or fish")
    .action(async (shell: string) =>
      ended((await import("./commands/completion.ts")).complete(shell, program)),
    );
  program
    .command("help [command...]")
    .description("print the help of a command")
    .action((names: readonly string[]) => names.reduce(findCommand, program).outputHelp());
}

function findCommand(parent: Command, name: string): Command {
  const command = parent.commands.find((one) => one.name() === name);
  if (!command) throw refuseCommand(name, parent);
  return command;
}
