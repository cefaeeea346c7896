/** The command line of an entry point with its values filled in, each as one word that no shell reads as more. */
import type { Diagnostic } from "../source/diagnostic.ts";
import { diagnose } from "../source/messages.ts";
import { isPlainWord, quoteForShell } from "../source/shell-quote.ts";
import { suggest } from "../source/suggest.ts";
import type { EntryPoint } from "./project.ts";
import { type FormatField, formatField, parseFormat } from "./python-format.ts";
import { ProjectRefused } from "./refused.ts";
import { type Filled, type ShellContext, contextsOf } from "./shell-context.ts";

/** A value on its way into a command. */
export interface CommandValue {
  readonly name: string;
  readonly text: string;
  readonly isDeclared: boolean;
}

/** What is wrong with the command itself, whatever the values; undefined: nothing. */
export function checkCommand({ command, parameters, place }: EntryPoint): Diagnostic | undefined {
  if (!place) return undefined;
  const parts = parseFormat(command);
  if ("problem" in parts) return diagnose("M0907", place, parts);
  const names = parameters.map(({ name }) => name);
  for (const part of parts)
    if (typeof part !== "string" && !names.includes(part.name))
      return diagnose("M0908", place, { name: part.name, near: suggest(part.name, names) });
  return undefined;
}

interface Insertion extends Filled {
  /** As an error names it. */
  readonly shown: string;
  readonly quoted: string;
}

/**
 * MLflow's command byte for byte: `str.format` with quoted values, then ` --name value` for what is not declared. Throws
 * ProjectRefused where a value would be read by the shell as more than a word, which MLflow lets happen. The entry point
 * has passed `checkCommand`.
 */
export function fillCommand(entry: EntryPoint, values: readonly CommandValue[]): string {
  const parts = parseFormat(entry.command);
  if ("problem" in parts) throw new Error(`unchecked command: ${parts.problem}`);
  let command = "";
  const insertions: Insertion[] = [];
  for (const part of parts) {
    if (typeof part === "string") command += part;
    else command += insert(part, valueOf(part.name, values), command.length, insertions);
  }
  for (const { name, text } of values.filter(({ isDeclared }) => !isDeclared)) {
    command += " ";
    command += append(name, text, command.length, insertions);
  }
  const contexts = contextsOf(command, insertions);
  insertions.forEach((insertion, index) => refuseLoose(insertion, contexts[index] ?? "other"));
  return command;
}

function valueOf(name: string, values: readonly CommandValue[]): string {
  const value = values.find((one) => one.name === name);
  if (!value) throw new Error(`unchecked command: no value for ${name}`);
  return value.text;
}

/** The text for one field; a value that needs its quotes keeps them whole. */
function insert(field: FormatField, text: string, start: number, insertions: Insertion[]): string {
  const quoted = quoteForShell(text);
  const filled = formatField(field, quoted);
  if (isPlainWord(text)) return filled;
  if (filled !== quoted)
    throw new ProjectRefused(
      `the layout of {${field.name}} in the command would tear the quotes of its value apart`,
      `write {${field.name}} alone in the MLproject, or give a value of letters, digits and @%+=:,./-_`,
    );
  insertions.push({ start, end: start + quoted.length, shown: `{${field.name}}`, quoted });
  return quoted;
}

function append(name: string, text: string, start: number, insertions: Insertion[]): string {
  const words = `--${quoteForShell(name)} ${quoteForShell(text)}`;
  if (!isPlainWord(name) || !isPlainWord(text))
    insertions.push({ start, end: start + words.length, shown: `--${name}`, quoted: words });
  return words;
}

/** Between double quotes a quoted text is harmless as long as nothing in it speaks there. */
function refuseLoose({ shown, quoted }: Insertion, context: ShellContext): void {
  if (context === "bare" || (context === "double" && !/[$`"\\]/.test(quoted))) return;
  const where = context === "other" ? "in a part that the shell reads in its own way" : "in quotes";
  throw new ProjectRefused(
    `the value for ${shown} holds signs that a shell acts on, and stands ${where} in the command`,
    `write ${shown} outside of quotes in the MLproject (a value is quoted by itself), or give a value of letters, digits and @%+=:,./-_`,
  );
}
