/** Findings for people, as text with the places underlined, and for programs, as plain data. */
import type { Diagnostic } from "./diagnostic.ts";
import { type ExcerptLine, type Mark, excerpt } from "./excerpt.ts";
import { type Paint, paintWith } from "./paint.ts";
import { compareByCodePoint } from "./path.ts";
import { type Place, type SourceText, positionAt } from "./text.ts";
import { harmless } from "./width.ts";

export interface ReportOptions {
  /** Whether to colour; the caller knows the terminal and NO_COLOR. */
  readonly color: boolean;
  /** Columns that an excerpt's line may take before it is cut; 100 where absent. */
  readonly width?: number;
}

/** All findings by file and place, and how many there are; empty where there is none. Ends with a line break. */
export function report(diagnostics: readonly Diagnostic[], options: ReportOptions): string {
  if (diagnostics.length === 0) return "";
  const paint = paintWith(options.color);
  const blocks = sortByPlace(diagnostics).map((one) => block(one, paint, options.width ?? 100));
  return `${blocks.join("\n\n")}\n\n${summarise(diagnostics)}\n`;
}

/** "2 errors, 1 warning"; what there is none of is left out. */
function summarise(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const parts = [count(errors, "error"), count(warnings, "warning")];
  return parts.filter((part) => part !== "").join(", ");
}

/** By file, then place, then code; what is found at one place twice keeps its order. */
function sortByPlace(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted(
    (a, b) =>
      compareByCodePoint(a.place.source.path, b.place.source.path) ||
      a.place.span.start - b.place.span.start ||
      a.place.span.end - b.place.span.end ||
      compareByCodePoint(a.code, b.code),
  );
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** One finding: where and what, the excerpt, what to do. */
function block(diagnostic: Diagnostic, paint: Paint, width: number): string {
  const { severity, code, message, place } = diagnostic;
  const label = paint(severity, `${severity} ${code}`);
  const lines = [
    `${paint("strong", where(place))}  ${label}  ${paint("strong", harmless(message))}`,
  ];
  const groups = marksBySource(diagnostic);
  const excerpts = groups.map(({ source, marks }) => excerpt(source, marks, width));
  const gutter = Math.max(...excerpts.flat().map(numberWidth));
  for (const [index, { source, marks }] of groups.entries()) {
    const first = marks[0];
    if (index > 0 && first) lines.push(`  ${paint("strong", where({ source, span: first.span }))}`);
    for (const line of excerpts[index] ?? []) lines.push(drawn(line, gutter, severity, paint));
  }
  if (diagnostic.fix !== "") lines.push(`  ${paint("fix", "fix:")} ${harmless(diagnostic.fix)}`);
  return lines.join("\n");
}

function where({ source, span }: Place): string {
  const { line, column } = positionAt(source, span.start);
  return `${harmless(source.path)}:${line}:${column}`;
}

/** The finding's own file first. A text that could not be read is empty and has nothing to show. */
function marksBySource(
  diagnostic: Diagnostic,
): readonly { readonly source: SourceText; readonly marks: readonly Mark[] }[] {
  const places = [
    { place: diagnostic.place, sign: "^" as const, note: "" },
    ...diagnostic.related.map(({ place, note }) => ({ place, sign: "-" as const, note })),
  ];
  const groups = new Map<string, { source: SourceText; marks: Mark[] }>();
  for (const { place, sign, note } of places) {
    const known = groups.get(place.source.path) ?? { source: place.source, marks: [] };
    known.marks.push({ span: place.span, sign, note: harmless(note) });
    groups.set(place.source.path, known);
  }
  return [...groups.values()].filter(({ source }) => source.text !== "");
}

function numberWidth(line: ExcerptLine): number {
  return line.kind === "text" ? line.number.length : 0;
}

function drawn(
  line: ExcerptLine,
  gutter: number,
  severity: Diagnostic["severity"],
  paint: Paint,
): string {
  switch (line.kind) {
    case "gap":
      return `  ${paint("gutter", "...")}`;
    case "text":
      return `  ${paint("gutter", `${line.number.padStart(gutter)} |`)} ${line.text}`.trimEnd();
    case "mark": {
      const stroke = paint(line.sign === "^" ? severity : "gutter", line.line);
      return `  ${paint("gutter", `${" ".repeat(gutter)} |`)} ${line.before}${stroke}`;
    }
  }
}

/** Lines and columns count from 1, columns in UTF-16 units; the end is exclusive. */
interface JsonPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A finding as `--json` prints it. Fields may be added within an edition of the language; none is renamed or removed. */
export interface JsonDiagnostic extends JsonPlace {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** What to do; empty where the message says it. */
  readonly fix: string;
  readonly related: readonly (JsonPlace & { readonly note: string })[];
  /** Replacements that mend the finding when all are applied; empty where there is no mechanical fix. */
  readonly edits: readonly (JsonPlace & { readonly replacement: string })[];
}

/** The findings as plain data, in the order in which `report` prints them. */
export function toJson(diagnostics: readonly Diagnostic[]): readonly JsonDiagnostic[] {
  return sortByPlace(diagnostics).map((diagnostic) => ({
    ...jsonPlace(diagnostic.place),
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    fix: diagnostic.fix,
    related: diagnostic.related.map(({ place, note }) => ({ ...jsonPlace(place), note })),
    edits: diagnostic.edits.map(({ place, replacement }) => ({ ...jsonPlace(place), replacement })),
  }));
}

function jsonPlace({ source, span }: Place): JsonPlace {
  const start = positionAt(source, span.start);
  const end = positionAt(source, span.end);
  return {
    file: source.path,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
  };
}
