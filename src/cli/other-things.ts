/** What people hand to a command in place of a `.mlpipe` file, and what to write instead. */
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { suggest } from "../source/suggest.ts";
import { withoutLogin } from "../project/address.ts";
import { CommandFailed } from "./exit.ts";

const ending = ".mlpipe";

/** Throws for a word that names no `.mlpipe` file: a project of MLflow's, a script. */
export function refuseOtherThings(word: string): void {
  if (isAddress(word)) throw refuseProject(word);
  if (word.endsWith(ending)) return;
  if (!existsSync(word)) throw refuseMissing(word);
  throw statSync(word).isDirectory() ? refuseFolder(word) : refuseFile(word);
}

/** Whether the word names what holds a project of MLflow's: a folder, a zip file, a git address. */
export function namesProject(word: string): boolean {
  if (isAddress(word)) return true;
  if (word.endsWith(ending)) return false;
  const [place = ""] = word.split("#");
  const plain = place.replace(/@[^@]*$/, "");
  return /\.zip$/i.test(place) || [word, place, plain].some(isFolder);
}

function isAddress(word: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\/|^[^/\\]*::|^[^@/\\\s]+@[^/\\\s]+:|\.git(#|@|$)/i.test(word);
}

function isFolder(place: string): boolean {
  return place !== "" && existsSync(place) && statSync(place).isDirectory();
}

function refuseProject(word: string): CommandFailed {
  return new CommandFailed(
    `\`${withoutLogin(word)}\` is a project, not a ${ending} file`,
    `it can be run: mlpipe run ${withoutLogin(word)}`,
  );
}

/** For a folder where a `.mlpipe` file is needed, or a project of MLflow's. */
export function refuseFolder(word: string): CommandFailed {
  const names = readdirSync(word).toSorted();
  const own = names.find((name) => name.endsWith(ending));
  const message = `\`${word}\` is a folder, not a ${ending} file`;
  if (own) return new CommandFailed(message, `name the file: ${path.join(word, own)}`);
  if (names.some((name) => name.toLowerCase() === "mlproject")) return refuseProject(word);
  return new CommandFailed(message, `make one in it: mlpipe init ${word}`);
}

function refuseFile(word: string): CommandFailed {
  const script = /\.(r|js|mjs|ts|mts)$/i.test(word);
  return new CommandFailed(
    `\`${word}\` is no ${ending} file`,
    script
      ? `name it in a run of one: script "${path.basename(word)}"`
      : `the name of a pipeline ends in ${ending}`,
  );
}

function refuseMissing(word: string): CommandFailed {
  const folder = path.dirname(word);
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith(ending))
    : [];
  const near =
    suggest(`${path.basename(word)}${ending}`, names) ?? suggest(path.basename(word), names);
  const hint = near ? `; did you mean \`${path.join(folder, near)}\`?` : "";
  return new CommandFailed(
    `there is no file \`${word}\`${hint}`,
    near ? "" : `name a ${ending} file, or make one: mlpipe init`,
  );
}
