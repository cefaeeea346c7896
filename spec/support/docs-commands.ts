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

/** Every command in the order of the help, each before its own commands, without `help` itself. */
export async function readCommands(): Promise<readonly CommandHelp[]> {
  const { stdout } = await mlpipe(["help"], { cwd: root });
  return readListed(stdout, []);
}

async function readListed(
  help: string,
  parents: readonly string[],
): Promise<readonly CommandHelp[]> {
  const [, list = ""] = help.split("\nCommands:\n");
  const names = [...list.matchAll(/^ {2}(?<name>[a-z]+)/gm)].map(({ groups }) => groups?.["name"]);
  const own = names.filter((name) => name !== undefined && name !== "help") as readonly string[];
  return (await Promise.all(own.map((name) => readCommand([...parents, name])))).flat();
}

async function readCommand(names: readonly string[]): Promise<readonly CommandHelp[]> {
  const { stdout } = await mlpipe(["help", ...names], { cwd: root });
  const children = await readListed(stdout, names);
  return [describeCommand(names.join(" "), stdout), ...children];
}

function describeCommand(name: string, stdout: string): CommandHelp {
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
