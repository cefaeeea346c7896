/** What people hand to a command in place of a `.mlpipe` file, and what to write instead. */
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { suggest } from "../source/suggest.ts";
import { CommandFailed } from "./exit.ts";

const ending = ".mlpipe";

/** Throws for a word that names no `.mlpipe` file: an address, a folder, a script. */
export function refuseOtherThings(word: string): void {
  if (/^[a-z][a-z+]+:\/\/|^git@|\.git(#|@|$)/i.test(word)) throw refuseAddress(word);
  if (word.endsWith(ending)) return;
  if (!existsSync(word)) throw refuseMissing(word);
  throw statSync(word).isDirectory() ? refuseFolder(word) : refuseFile(word);
}

function refuseAddress(word: string): CommandFailed {
  return new CommandFailed(
    `\`${word}\`: projects from git come in a later version`,
    "clone it and name its .mlpipe file; MLflow runs an MLproject by itself: mlflow run <address>",
  );
}

function refuseFolder(word: string): CommandFailed {
  const names = readdirSync(word).toSorted();
  const own = names.find((name) => name.endsWith(ending));
  const message = `\`${word}\` is a folder, not a ${ending} file`;
  if (own) return new CommandFailed(message, `name the file: ${path.join(word, own)}`);
  if (names.some((name) => name.toLowerCase() === "mlproject"))
    return new CommandFailed(
      `\`${word}\` holds an MLproject and no ${ending} file; such folders come in a later version`,
      `MLflow runs it by itself: mlflow run ${word}`,
    );
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
