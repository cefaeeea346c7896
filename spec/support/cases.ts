/**
 * The golden cases: `<code>-<what>.mlpipe` with `<code>-<what>.expected.txt` beside it, or a folder `<code>-<what>` with
 * `main.mlpipe`, the files around it, and `expected.txt`. `fine-<what>` is a near miss: it gives no finding.
 * What ends in `-on-databricks` is checked for runs that are tracked there.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

export interface Case {
  readonly name: string;
  /** The project's files by path, as bytes: some cases are not UTF-8. */
  readonly contents: Readonly<Record<string, Uint8Array>>;
  readonly entry: string;
  /** Path of the golden file. */
  readonly expected: string;
}

export const root = join(import.meta.dirname, "../cases");

export function findCases(): readonly Case[] {
  return readdirSync(root, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? folderCase(entry.name) : fileCase(entry.name)));
}

function fileCase(file: string): readonly Case[] {
  if (!file.endsWith(".mlpipe")) return [];
  const name = file.slice(0, -".mlpipe".length);
  const contents = { [file]: readFileSync(join(root, file)) };
  return [{ name, contents, entry: file, expected: join(root, `${name}.expected.txt`) }];
}

function folderCase(name: string): readonly Case[] {
  if (name === "explain") return [];
  const folder = join(root, name);
  const contents: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && entry.name !== "expected.txt")
      contents[relative(folder, path).replaceAll(sep, "/")] = readFileSync(path);
  }
  return [{ name, contents, entry: "main.mlpipe", expected: join(folder, "expected.txt") }];
}
