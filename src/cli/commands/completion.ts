/** `mlpipe completion`: scripts that make a shell complete commands, flags and files. */
import type { Command, Option } from "commander";
import { stdModules } from "../../check/std/modules.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { write } from "../terminal.ts";

/** What may follow a command. */
interface Word {
  readonly name: string;
  readonly description: string;
}

interface Completable extends Word {
  readonly flags: readonly string[];
  readonly options: readonly Option[];
  /** Commands of its own, or modules of the standard library. */
  readonly words: readonly Word[];
}

const printers: Readonly<Record<string, (commands: readonly Completable[]) => string>> = {
  bash: printBash,
  zsh: printZsh,
  fish: printFish,
};

/** Prints the script of `shell`; the commands and flags are those that `program` really has. */
export function complete(shell: string, program: Command): number {
  const print = printers[shell];
  if (!print)
    throw new CommandFailed(
      `there is no completion for \`${shell}\``,
      "write: mlpipe completion bash, or zsh, or fish",
    );
  write(print(program.commands.map(describe)));
  return exitCodes.done;
}

function describe(command: Command): Completable {
  const flags = command.options.flatMap(({ short, long }) =>
    [short, long].filter((flag) => flag !== undefined),
  );
  return {
    name: command.name(),
    description: command.description(),
    flags: [...flags, "--help"],
    options: command.options,
    words: wordsOf(command),
  };
}

function wordsOf(command: Command): readonly Word[] {
  if (command.name() === "docs")
    return stdModules.map(({ path, what }) => ({ name: path, description: what }));
  return command.commands.map((child) => ({
    name: child.name(),
    description: child.description(),
  }));
}

function namesOf(commands: readonly Word[]): string {
  return commands.map(({ name }) => name).join(" ");
}

function printBash(commands: readonly Completable[]): string {
  const cases = commands
    .map(({ name, flags }) => `    ${name}) words="${flags.join(" ")}" ;;`)
    .join("\n");
  const places = [
    `completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")) ;;`,
    `help) COMPREPLY=($(compgen -W "${namesOf(commands)}" -- "$word")) ;;`,
    ...commands
      .filter(({ words }) => words.length > 0)
      .map(
        ({ name, words }) => `${name}) COMPREPLY=($(compgen -W "${namesOf(words)}" -- "$word")) ;;`,
      ),
    "*) compopt -o default; COMPREPLY=() ;;",
  ];
  return `# bash completion for mlpipe; load it with: source <(mlpipe completion bash)
_mlpipe() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${namesOf(commands)}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
    *)
      case "\${COMP_WORDS[1]}" in
${places.map((line) => `        ${line}`).join("\n")}
      esac ;;
  esac
}
complete -F _mlpipe mlpipe
`;
}

/** For single quotes of any shell, and for zsh, which parts a name from its description at the colon. */
function quote(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", "");
}

function printZsh(commands: readonly Completable[]): string {
  const names = commands
    .map(({ name, description }) => `    '${name}:${quote(description)}'`)
    .join("\n");
  const cases = commands
    .map(({ name, flags }) => `    ${name}) compadd -- ${flags.join(" ")} ;;`)
    .join("\n");
  const children = commands
    .filter((command) => command.words.length > 0)
    .map((command) => `      ${command.name}) compadd -- ${namesOf(command.words)}; return ;;`)
    .join("\n");
  return `#compdef mlpipe
# zsh completion for mlpipe; load it with: source <(mlpipe completion zsh)
_mlpipe() {
  local -a commands
  commands=(
${names}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  if [[ "$PREFIX" != -* ]]; then
    case "$words[2]" in
${children}
    esac
    _files
    return
  fi
  case "$words[2]" in
${cases}
  esac
}
if [[ "$funcstack[1]" = _mlpipe ]]; then _mlpipe "$@"; else compdef _mlpipe mlpipe; fi
`;
}

/** A flag that takes a value is `-r`: what follows it is its value. */
function fishFlag(name: string, { short, long, description, required }: Option): string {
  const spellings = [
    short && `-s ${short.slice(1)}`,
    long && `-l ${long.slice(2)}`,
    required && "-r",
  ];
  return `complete -c mlpipe -n '__fish_seen_subcommand_from ${name}' ${spellings.filter(Boolean).join(" ")} -d '${quote(description)}'`;
}

function printFish(commands: readonly Completable[]): string {
  const lines = commands.flatMap(({ name, description, options, words }) => [
    `complete -c mlpipe -n __fish_use_subcommand -f -a ${name} -d '${quote(description)}'`,
    ...options.map((option) => fishFlag(name, option)),
    ...words.map(
      (word) =>
        `complete -c mlpipe -n '__fish_seen_subcommand_from ${name}' -f -a ${word.name} -d '${quote(word.description)}'`,
    ),
  ]);
  return `# fish completion for mlpipe; load it with: mlpipe completion fish | source\n${lines.join("\n")}\n`;
}
