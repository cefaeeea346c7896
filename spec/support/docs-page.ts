/** A documentation page as its fenced blocks, each with what the HTML comment on the line above it says. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./mlpipe.ts";

export interface Block {
  /** The word after the fence's ticks; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** Line of the page, from 1, on which the fence opens. */
  readonly line: number;
  /** Text of the level-two heading above it. */
  readonly section: string;
  /** From `<!-- file NAME -->`. */
  readonly file: string | undefined;
  /** From `<!-- finds CODE … -->`; empty: nothing may be found. */
  readonly finds: readonly string[];
  /** From `<!-- needs … -->`: `Rscript`, `MLflow` or `webr`. */
  readonly needs: readonly string[];
}

export interface Page {
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const opening = /^(?<ticks>`{3,})(?<language>[a-z]*)$/;
const marks = /^<!-- (?<word>file|finds|needs) (?<rest>.*?) -->$/;

/** The page at `name`, relative to the repository. */
export function readPage(name: string): Page {
  const text = readFileSync(path.join(root, name), "utf8");
  return { name, text, blocks: readBlocks(text.split("\n")) };
}

function readBlocks(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  let section = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.startsWith("## ")) section = line.slice(3).trim();
    const { ticks, language = "" } = opening.exec(line)?.groups ?? {};
    if (ticks === undefined) continue;
    const end = lines.indexOf(ticks, at + 1);
    if (end < 0) throw new Error(`the block of line ${at + 1} is not closed`);
    const text = lines.slice(at + 1, end).map((one) => `${one}\n`);
    blocks.push({ language, text: text.join(""), line: at + 1, section, ...readMarks(lines, at) });
    at = end;
  }
  return blocks;
}

function readMarks(
  lines: readonly string[],
  fence: number,
): Pick<Block, "file" | "finds" | "needs"> {
  const found = { file: [] as string[], finds: [] as string[], needs: [] as string[] };
  for (let at = fence - 1; at >= 0; at--) {
    const { word, rest = "" } = marks.exec(lines[at] ?? "")?.groups ?? {};
    if (word !== "file" && word !== "finds" && word !== "needs") break;
    found[word].push(...rest.split(" "));
  }
  return { file: found.file[0], finds: found.finds, needs: found.needs };
}

/** The named files of a page as they stand just before `block`: a later one replaces an earlier one of its name. */
export function filesBefore(page: Page, block: Block): Readonly<Record<string, string>> {
  const named = page.blocks.filter(({ file, line }) => file !== undefined && line < block.line);
  return Object.fromEntries(named.map(({ file, text }) => [String(file), text]));
}

/** The rows of the table below the comment `<!-- table NAME -->`, without its head: cells as written, trimmed. */
export function readTable(page: Page, name: string): readonly (readonly string[])[] {
  const lines = page.text.split("\n");
  const start = lines.indexOf(`<!-- table ${name} -->`);
  if (start < 0) throw new Error(`${page.name} has no table ${name}`);
  const rows: string[][] = [];
  for (const line of lines.slice(start + 1)) {
    if (!line.startsWith("|")) break;
    rows.push(
      line
        .slice(1, line.lastIndexOf("|"))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  }
  return rows.slice(2);
}

/** Puts `now` in place of `before`, where that stands first in the page at `name`. */
export function rewrite(name: string, before: string, now: string): void {
  const file = path.join(root, name);
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(before, () => now),
  );
}

/** Replaces the rows of a table, and keeps its head. */
export function rewriteTable(
  { name: page }: Page,
  table: string,
  rows: readonly (readonly string[])[],
): void {
  const file = path.join(root, page);
  const lines = readFileSync(file, "utf8").split("\n");
  const first = lines.indexOf(`<!-- table ${table} -->`) + 3;
  const end = lines.findIndex((line, at) => at >= first && !line.startsWith("|"));
  const now = rows.map((cells) => `| ${cells.join(" | ")} |`);
  writeFileSync(file, lines.toSpliced(first, end - first, ...now).join("\n"));
}
