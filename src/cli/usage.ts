/** What commander refuses, in the words of mlpipe: one line that names it, one that mends it. */
import type { Command, CommanderError } from "commander";
import { suggest } from "../source/suggest.ts";
import { CommandFailed } from "./exit.ts";

/** Commands of the language's page that this version does not have. */
const later = new Set(["replay", "verify", "why", "diff", "push", "import"]);

/** `command` is the one that refused, the program itself where no command was found. */
export function rewordUsage(error: CommanderError, command: Command): CommandFailed {
  const subject = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownCommand":
      return refuseCommand(command.args[0] ?? subject, command);
    case "commander.unknownOption":
      return refuseFlag(subject, command);
    case "commander.missingArgument":
      return new CommandFailed(
        `\`${callOf(command)}\` lacks its <${subject}>`,
        writeUsage(command),
      );
    case "commander.optionMissingArgument":
      return new CommandFailed(
        `nothing follows ${subject.replace(/ <.*/, "")}`,
        `write ${subject}`,
      );
    case "commander.excessArguments":
      return refuseSurplus(command);
    default:
      return new CommandFailed(error.message.replace(/^error: /, ""), writeUsage(command));
  }
}

/** For a word that stands where a command does. */
export function refuseCommand(word: string, program: Command): CommandFailed {
  if (later.has(word)) return new CommandFailed(`\`mlpipe ${word}\` comes in a later version`);
  if (word.endsWith(".mlpipe"))
    return new CommandFailed(`\`${word}\` is a file, not a command`, `write: mlpipe run ${word}`);
  const near = suggest(
    word,
    program.commands.map((command) => command.name()),
  );
  return new CommandFailed(
    `there is no command \`${word}\`${didYouMean(near)}`,
    "list them: mlpipe help",
  );
}

function refuseFlag(written: string, command: Command): CommandFailed {
  const flag = written.replace(/=.*/s, "");
  const long = flagsOf(command).filter((one) => one.startsWith("--"));
  const near = flag.startsWith("--") ? suggest(flag, long) : undefined;
  const message = `\`${callOf(command)}\` has no ${flag}${didYouMean(near)}`;
  if (!command.parent) return new CommandFailed(message, placeOfFlag(flag, command));
  const isParam = !near && long.includes("--param") && /^--\p{L}/u.test(flag);
  const fix = isParam
    ? `a param is written -P ${flag.slice(2)}=…`
    : `list its flags: mlpipe help ${command.name()}`;
  return new CommandFailed(message, fix);
}

/** A flag of a command that stands before the command. */
function placeOfFlag(flag: string, program: Command): string {
  const owner = program.commands.find(
    (command) => program.args.includes(command.name()) && flagsOf(command).includes(flag),
  );
  return owner
    ? `write it behind the command: mlpipe ${owner.name()} ${flag}`
    : "list them: mlpipe help";
}

function flagsOf(command: Command): readonly string[] {
  const own = command.options.flatMap(({ short, long }) => [short, long]);
  return [...own, "-h", "--help"].filter((flag) => flag !== undefined);
}

function refuseSurplus(command: Command): CommandFailed {
  const surplus = command.args.slice(command.registeredArguments.length);
  const message = `\`${callOf(command)}\` takes no \`${surplus.join(" ")}\``;
  const isParam = surplus[0]?.includes("=") && flagsOf(command).includes("--param");
  return new CommandFailed(
    message,
    isParam ? `a param is written -P ${surplus[0]}` : writeUsage(command),
  );
}

function callOf(command: Command): string {
  return command.parent ? `mlpipe ${command.name()}` : "mlpipe";
}

function writeUsage(command: Command): string {
  return `write: ${callOf(command)} ${command.usage().replace(/\[options\] ?/, "")}`.trimEnd();
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? "" : `; did you mean \`${near}\`?`;
}
