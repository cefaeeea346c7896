/** The difference of two runs as people read it: who they are, then each thing that differs, left and right. */
import type { Role } from "../../source/paint.ts";
import { harmless } from "../../source/width.ts";
import { type Column, fitColumns, printColumns } from "../../source/columns.ts";
import { changeText, shortNumber, sizeText, tellApart } from "../../source/figures.ts";
import type { RunContents, SourceFile } from "./run-contents.ts";
import {
  type Difference,
  type FileDifference,
  type Row,
  type SectionName,
  isSame,
  sectionNames,
} from "./run-difference.ts";
import { aboutRuns } from "./runs-table.ts";
import type { Screen } from "./screen.ts";

const titles: Readonly<Record<SectionName, string>> = {
  run: "run",
  params: "params",
  metrics: "metrics",
  tags: "tags",
  inputs: "inputs",
  packages: "packages",
  environment: "environment",
  plan: "plan",
  code: "code",
  artifacts: "artifacts, by size",
};

/** `experiments`: names by id. `now` in milliseconds since 1970. */
export function printDifference(
  difference: Difference,
  [a, b]: readonly [RunContents, RunContents],
  experiments: ReadonlyMap<string, string>,
  screen: Screen & { readonly now: number },
): string {
  const sections = [
    printWho([a, b], experiments, screen),
    ...sectionNames.map((name) => printSection(name, difference.rows[name], screen)),
    printCommits(difference.rows.code, screen),
    ...difference.files.map((file) => printFile(file, screen)),
    printGaps([a, b], screen),
    isSame(difference) ? "no difference\n" : "",
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function printWho(
  runs: readonly RunContents[],
  experiments: ReadonlyMap<string, string>,
  screen: Screen & { readonly now: number },
): string {
  const placed = runs.map(({ run }) => ({ run, depth: 0 }));
  const columns = [{ title: "", cells: ["A", "B"] }, ...aboutRuns(placed, experiments, screen)];
  return printColumns(fitColumns(columns, screen.width, screen.signs.cut).columns, screen.paint);
}

function printSection(name: SectionName, rows: readonly Row[], screen: Screen): string {
  if (rows.length === 0) return "";
  const { width, signs, paint } = screen;
  const pairs = rows.map((row) => valueTexts(name, row, signs.none));
  const columns: readonly Column[] = [
    { title: titles[name], cells: rows.map((row) => `  ${harmless(row.name)}`), least: 14 },
    { title: "A", cells: pairs.map(([a]) => a), least: 12 },
    { title: "B", cells: pairs.map(([, b]) => b), least: 12 },
  ];
  const changes = rows.map(({ a, b }) =>
    name === "metrics" && typeof a === "number" && typeof b === "number" ? changeText(a, b) : "",
  );
  const all = changes.some((change) => change !== "")
    ? [...columns, { title: "change", cells: changes }]
    : columns;
  return printColumns(fitColumns(all, width, signs.cut).columns, paint);
}

function valueTexts(name: SectionName, { a, b }: Row, none: string): readonly [string, string] {
  const areNumbers = typeof a === "number" && typeof b === "number";
  if (name === "metrics" && areNumbers) return tellApart(a, b);
  if (name === "artifacts" && typeof a !== "string" && typeof b !== "string")
    return sizeTexts(a, b, none);
  const text = (value: Row["a"]): string => {
    if (value === undefined) return none;
    return typeof value === "string" ? harmless(value) : shortNumber(value);
  };
  return [text(a), text(b)];
}

/** Sizes that would be told alike are told in bytes. */
function sizeTexts(
  a: number | undefined,
  b: number | undefined,
  none: string,
): readonly [string, string] {
  const texts = [a, b].map((size) => (size === undefined ? none : sizeText(size)));
  return texts[0] === texts[1] ? [`${a} B`, `${b} B`] : [texts[0] ?? "", texts[1] ?? ""];
}

/** Of code that is in git alone, how to see its patch. */
function printCommits(rows: readonly Row[], { paint }: Screen): string {
  const commit = rows.find(({ name }) => name === "commit");
  if (typeof commit?.a !== "string" || typeof commit.b !== "string") return "";
  return `${paint("faint", `the patch: git diff ${harmless(commit.a)} ${harmless(commit.b)}`)}\n`;
}

const roles: Readonly<Record<string, Role>> = { "+": "added", "-": "removed", "@": "gutter" };

function printFile({ path, a, b, patch }: FileDifference, { paint, signs }: Screen): string {
  const title = paint("strong", `code  ${harmless(path)}`);
  if (patch === undefined) {
    const [left, right] = sizeTexts(bytesOf(a), bytesOf(b), signs.none);
    return `${title}\n  ${left} in A, ${right} in B; compared by size only\n`;
  }
  const lines = patch
    .trimEnd()
    .split("\n")
    .map((line, at) => {
      const role = at < 2 ? "strong" : roles[line[0] ?? ""];
      const safe = line.split("\t").map(harmless).join("\t");
      return role ? paint(role, safe) : safe;
    });
  return `${title}\n${lines.join("\n")}\n`;
}

function bytesOf(file: SourceFile | undefined): number | undefined {
  if (file === undefined) return undefined;
  return file.kind === "bytes" ? file.bytes : Buffer.byteLength(file.text);
}

function printGaps(runs: readonly RunContents[], { paint }: Screen): string {
  const lines = runs.flatMap(({ trouble, unopened }, at) => {
    const of = at === 0 ? "A" : "B";
    return [
      ...(trouble === undefined ? [] : [`the artifacts of ${of}: ${trouble}`]),
      ...unopened.map((folder) => `${folder}/ of ${of}: too many folders`),
    ];
  });
  return lines.map((line) => `${paint("warning", "not compared:")} ${harmless(line)}\n`).join("");
}
