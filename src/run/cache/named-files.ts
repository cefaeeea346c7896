/** The files that code names in its texts and that are there: what it reads by itself, code of the project's included. */
import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { scriptLanguages } from "../../check/code-item.ts";
import type { Language } from "../../check/program.ts";
import { type CodeFacts, factsOfCode, joinFacts } from "./code-facts.ts";
import { statOf } from "./digest.ts";

export interface NamedFiles {
  /** What may be read. Absolute, in order. Of folders those of the project alone, of files any. */
  readonly files: readonly string[];
  /** What is only written, as far as it is there; files alone, and none of `files`. */
  readonly written: readonly string[];
  /** Of the code and of all code files that it names, those that these name, and so on. */
  readonly facts: CodeFacts;
}

/** A script may require what is no script by itself. */
const languages: Readonly<Record<string, Language>> = { ...scriptLanguages, ".cts": "ts" };

/** By its ending. */
export function isCode(file: string): boolean {
  return path.extname(file).toLowerCase() in languages;
}

/** `folder` is the project's, `home` the one that holds the code. */
export function namedFiles(
  code: string,
  language: Language,
  { folder, home }: { readonly folder: string; readonly home: string },
): NamedFiles {
  const files = new Set<string>();
  const own = factsOfCode(code, language);
  const all = [own];
  const open = [{ facts: own, home }];
  for (const { facts, home: from } of open)
    for (const file of [...facts.texts].flatMap((text) => filesOf(text, from, folder))) {
      if (files.has(file)) continue;
      files.add(file);
      const its = languages[path.extname(file).toLowerCase()];
      if (its === undefined || !statOf(file)?.isFile()) continue;
      const below = factsOfCode(readFileSync(file, "utf8"), its);
      all.push(below);
      open.push({ facts: below, home: path.dirname(file) });
    }
  const facts = joinFacts(all);
  const written = [...facts.written]
    .flatMap((text) => filesOf(text, home, folder))
    .filter((file) => !files.has(file) && statOf(file)?.isFile());
  return { files: [...files].toSorted(), written: [...new Set(written)].toSorted(), facts };
}

/** What a text may mean: from the project's folder, where code runs, and from beside the code, as imports do. */
function filesOf(text: string, home: string, folder: string): readonly string[] {
  const plain = text.startsWith("file://") ? text.slice("file://".length) : text;
  const places = new Set([path.resolve(folder, plain), path.resolve(home, plain)]);
  const spelled = [...places].flatMap((place) =>
    /^\.{0,2}\//u.test(plain) ? [place, `${place}.js`, `${place}.json`, `${place}.cjs`] : [place],
  );
  return spelled.filter((place) => isData(place, folder));
}

function isData(place: string, folder: string): boolean {
  const found = statOf(place);
  if (found?.isFile()) return !below(place, path.join(folder, ".mlpipe"));
  return found?.isDirectory() === true && below(realpathSync(place), realpathSync(folder));
}

/** Whether `place` is within `folder` and not `folder` itself. */
function below(place: string, folder: string): boolean {
  const way = path.relative(folder, place);
  return way !== "" && !path.isAbsolute(way) && way.split(path.sep)[0] !== "..";
}
