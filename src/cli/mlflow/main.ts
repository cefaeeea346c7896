/** The part of Python's command line that clients call, with its arguments, outputs and exit codes: 0, 1 for a failure, 2 for usage. */
import { Command, CommanderError } from "commander";
import { ProjectRefused } from "../../project/refused.ts";
import { TrackingError } from "../../tracking/tracking.ts";
import { CommandFailed } from "../exit.ts";
import { spreadParams } from "../param-words.ts";
import { watchOutput } from "../terminal.ts";
import { version } from "../../run/version.ts";

/** Resolves to the exit code. */
export async function mlflowMain(argv: readonly string[]): Promise<number> {
  watchOutput();
  try {
    await commands().parseAsync([...spreadParams(argv)], { from: "user" });
    return 0;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  // Commander has printed what it refuses, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (
    error instanceof CommandFailed ||
    error instanceof TrackingError ||
    error instanceof ProjectRefused
  ) {
    process.stderr.write(`${nameOf(error)}: ${error.message}\n${error.fix && `  ${error.fix}\n`}`);
    return error instanceof CommandFailed ? error.exitCode : 1;
  }
  if (error instanceof Error && "syscall" in error) {
    process.stderr.write(`mlflow: the operating system refused: ${error.message}\n`);
    return 1;
  }
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`internal error, please report: ${said}\n`);
  return 1;
}

/** {mlflow} shows its user what stands behind this name. */
function nameOf(error: Error): string {
  const missing = error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST";
  return missing ? "FileNotFoundError" : "mlflow";
}

function commands(): Command {
  const program = new Command("mlpipe-mlflow")
    .description("Stands in for Python's `mlflow` where clients of other languages call it.")
    .version(`mlflow, answered by mlpipe ${version}`, "--version")
    .exitOverride();
  addArtifactCommands(program);
  addRunCommand(program);
  addServerCommand(program);
  return program;
}

const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

function addRunCommand(program: Command): void {
  program
    .command("run <uri>")
    .description("run an MLproject")
    .option("-e, --entry-point <name>", "the entry point or script, if not main")
    .option("-v, --version <ref>", "the commit, tag or branch")
    .option("-P, --param-list <name=value>", "a param's value; may be given again", collect)
    .option("-A, --docker-args <name=value>", "for docker run", collect)
    .option("--experiment-name <name>", "log to this experiment")
    .option("--experiment-id <id>", "the same, by its id")
    .option("-b, --backend <name>", "local, which is the only one")
    .option("-c, --backend-config <config>", "does nothing for local")
    .option("--no-conda", "the same as --env-manager local, as older clients say it")
    .option("--env-manager <kind>", "local, virtualenv, uv or conda")
    .option("--storage-dir <folder>", "where params of type path are fetched to")
    .option("--run-name <name>", "how to call the run")
    .exitOverride()
    .action(async (uri: string, options) => {
      const code = await (await import("./run.ts")).runProjectFor(uri, options);
      if (code !== 0) throw new CommandFailed(`the run of ${uri} failed`, "", code);
    });
}

/** Flags that mean nothing to a server without workers are taken and do nothing. */
function addServerCommand(program: Command): void {
  program
    .command("server")
    .description("serve a store to MLflow's clients")
    .option("-h, --host <address>", "listen there")
    .option("-p, --port <number>", "listen at this port")
    .option("--backend-store-uri <uri>", "keep the runs there: sqlite:///mlflow.db, or a folder")
    .option("--default-artifact-root <uri>", "where artifacts of new experiments go")
    .option("--artifacts-destination <folder>", "keep artifacts there")
    .option("--serve-artifacts", "pass artifacts through the server")
    .option("--no-serve-artifacts", "clients read and write artifacts themselves")
    .option("--allowed-hosts <names>", "names under which the server may be asked for")
    .option("--cors-allowed-origins <origins>", "origins whose pages may write")
    .option("--token-file <file>", "ask for one of the tokens in this file, one a line")
    .option("-w, --workers <number>", "does nothing here")
    .helpOption("--help")
    .exitOverride()
    .action(async (options) => (await import("./server.ts")).serveFolder(options));
}

function addArtifactCommands(program: Command): void {
  const artifacts = program.command("artifacts").description("artifacts of runs").exitOverride();
  artifacts
    .command("log-artifact")
    .requiredOption("-l, --local-file <file>", "the file to log")
    .requiredOption("-r, --run-id <id>", "the run to log it to")
    .option("-a, --artifact-path <folder>", "the folder of the run to log it in")
    .exitOverride()
    .action(async (options) => (await import("./artifacts.ts")).logArtifact(options));
  artifacts
    .command("log-artifacts")
    .requiredOption("-l, --local-dir <folder>", "the folder whose files to log")
    .requiredOption("-r, --run-id <id>", "the run to log them to")
    .option("-a, --artifact-path <folder>", "the folder of the run to log them in")
    .exitOverride()
    .action(async (options) => (await import("./artifacts.ts")).logArtifacts(options));
  artifacts
    .command("list")
    .requiredOption("-r, --run-id <id>", "the run")
    .option("-a, --artifact-path <folder>", "a folder of the run")
    .exitOverride()
    .action(async (options) => (await import("./artifacts.ts")).listArtifacts(options));
  artifacts
    .command("download")
    .option("-r, --run-id <id>", "the run")
    .option("-a, --artifact-path <path>", "what to fetch from the run; absent: everything")
    .option("-u, --artifact-uri <uri>", "what to fetch: runs:/…, models:/…, or a path")
    .option("-d, --dst-path <folder>", "where to put it; absent: a new folder")
    .exitOverride()
    .action(async (options) => (await import("./artifacts.ts")).downloadArtifact(options));
}
