/** What commander refuses, in the words of mlpipe: one line that names it, one that mends it. */
import type { Command, CommanderError } from "commander";
import { suggest } from "../source/suggest.ts";
import { CommandFailed } from "./exit.ts";

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
  if (word.endsWith(".mlpipe"))
    return new CommandFailed(`\`${word}\` is a file, not a command`, `write: mlpipe run ${word}`);
  const near = suggest(
    word,
    program.commands.map((command) => command.name()),
  );
  return new CommandFailed(
    `there is no command \`${word}\`${didYouMean(near)}`,
    `list them: mlpipe ${["help", ...pathOf(program)].join(" ")}`,
  );
}

/** For flags that stand before a command's own command, where they would mean nothing. */
export function refuseBefore(command: Command): void {
  const { parent } = command;
  const given = parent?.options.find(
    (option) => parent.getOptionValueSource(option.attributeName()) === "cli",
  );
  if (given)
    throw new CommandFailed(
      `${given.long} stands before \`${command.name()}\``,
      `write it behind, if it has that: ${callOf(command)} ${given.long}`,
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
    : `list its flags: mlpipe help ${pathOf(command).join(" ")}`;
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
  const near = suggest(
    surplus[0] ?? "",
    command.commands.map((one) => one.name()),
  );
  const message = `\`${callOf(command)}\` takes no \`${surplus.join(" ")}\`${didYouMean(near)}`;
  const isParam = surplus[0]?.includes("=") && flagsOf(command).includes("--param");
  return new CommandFailed(
    message,
    isParam ? `a param is written -P ${surplus[0]}` : writeUsage(command),
  );
}

/** Names from below `mlpipe` down to the command. */
function pathOf(command: Command): readonly string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

function callOf(command: Command): string {
  return ["mlpipe", ...pathOf(command)].join(" ");
}

function writeUsage(command: Command): string {
  return `write: ${callOf(command)} ${command.usage().replace(/\[options\] ?/, "")}`.trimEnd();
}

function didYouMean(near: string | undefined): string {
  return near === undefined ? "" : `; did you mean \`${near}\`?`;
}
