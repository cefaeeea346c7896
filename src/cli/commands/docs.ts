/** `mlpipe docs`: the standard library, one of its modules, or one thing in it. */
import { diskFiles } from "../../source/disk.ts";
import { suggest } from "../../source/suggest.ts";
import { wrap } from "../../source/wrap.ts";
import { CommandFailed, exitCodes } from "../exit.ts";
import { stdlib } from "../open.ts";
import { type EntryDocs, type ModuleDocs, documentStandard } from "../std-docs.ts";
import { printTable } from "../table.ts";
import { write } from "../terminal.ts";

/** `name` is `std/metrics`, `metrics` or `rmse`; without it the modules are listed. */
export function showDocs(
  name: string | undefined,
  { json = false }: { readonly json?: boolean },
): number {
  const all = documentStandard(diskFiles(stdlib, stdlib));
  if (name === undefined) {
    write(json ? printJson(all) : printTable(all.flatMap(listModule)));
    return exitCodes.done;
  }
  const module = all.find(({ path }) => path === name || path === `std/${name}`);
  if (module) {
    write(json ? printJson(module) : printModule(module));
    return exitCodes.done;
  }
  const entry = all.flatMap(({ entries }) => entries).find((it) => it.name === name);
  if (!entry) throw unknown(name, all);
  write(json ? printJson(entry) : printEntry(entry));
  return exitCodes.done;
}

function unknown(name: string, all: readonly ModuleDocs[]): CommandFailed {
  const names = all.flatMap(({ path, entries }) => [path, ...entries.map((it) => it.name)]);
  const nearest = suggest(name, names);
  const question = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  return new CommandFailed(
    `there is no \`${name}\` in the standard library${question}`,
    "list its modules: mlpipe docs",
  );
}

function printJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function listModule({ path, what, entries }: ModuleDocs): readonly (readonly string[])[] {
  return [
    [path, what],
    ["", entries.map(({ name }) => name).join(", ")],
  ];
}

function printModule({ path, what, use, entries }: ModuleDocs): string {
  return [`${path}: ${what}\n\n${lines(use)}`, ...entries.map(printEntry)].join("\n");
}

function printEntry(entry: EntryDocs): string {
  const { signatures, what, details, goal, domain, source, licence, sha256 } = entry;
  const [first = "", ...others] = signatures;
  return lines([
    [first, goal, domain].filter((it) => it !== undefined).join("  "),
    ...others,
    ...indent(prose(what), 2),
    ...indent(details, 4),
    ...indent(prose(source && `source: ${source}`), 2),
    ...indent(prose(licence && `licence: ${licence}`), 2),
    ...indent(prose(sha256 && `sha256: ${sha256}`), 2),
  ]);
}

function prose(text: string | undefined): readonly string[] {
  return text === undefined ? [] : wrap(text).split("\n");
}

function indent(texts: readonly string[], by: number): readonly string[] {
  return texts.map((text) => " ".repeat(by) + text);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
