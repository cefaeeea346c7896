/** The commands of the command line, as its own help tells them. */
import { mlpipe, root } from "./mlpipe.ts";

export interface CommandHelp {
  readonly name: string;
  /** `run <file> [name]` */
  readonly usage: string;
  readonly description: string;
  /** `-P, --param <name=value>` */
  readonly options: readonly string[];
}

/** Every command in the order of the help, without `help` itself. */
export async function readCommands(): Promise<readonly CommandHelp[]> {
  const { stdout } = await mlpipe(["help"], { cwd: root });
  const listed = stdout.slice(stdout.indexOf("\nCommands:\n")).matchAll(/^ {2}(?<name>[a-z]+)/gm);
  const names = [...listed].map(({ groups }) => groups?.["name"] ?? "");
  return Promise.all(names.filter((name) => name !== "help").map(readCommand));
}

async function readCommand(name: string): Promise<CommandHelp> {
  const { stdout } = await mlpipe(["help", name], { cwd: root });
  const [usage = "", description = ""] = stdout.split("\n\n");
  const options = [...stdout.matchAll(/^ {2}(?<flags>(?:-\w, )?--[\w-]+(?: <[^>]+>)?)/gm)];
  return {
    name,
    usage: usage.replace("Usage: mlpipe ", "").replace(" [options]", ""),
    description: description.replaceAll(/\s+/g, " "),
    options: options
      .map(({ groups }) => groups?.["flags"] ?? "")
      .filter((flags) => !flags.endsWith("--help")),
  };
}
