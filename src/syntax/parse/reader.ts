/** What the conversion of one piece carries: its text, the comments not yet given to a node, and what was found wrong. */
import type { Diagnostic } from "../../source/diagnostic.ts";
import type { Place, SourceText, Span } from "../../source/text.ts";
import type {
  Binding,
  Broken,
  CompareItem,
  Comment,
  Declaration,
  LaunchItem,
  ModelOption,
  ProjectOption,
  ResourceOption,
  RunItem,
  SweepItem,
  ToleranceNode,
} from "../ast.ts";
import type { Fence } from "./fence.ts";
import type { Token } from "./tokens.ts";

/** An item of any block, or a declaration. */
export type AnyItem =
  | Declaration
  | RunItem
  | ProjectOption
  | ModelOption
  | ResourceOption
  | ToleranceNode
  | SweepItem
  | CompareItem
  | LaunchItem
  | Binding
  | Broken;

/** Where a piece lies, once that is known: a piece is parsed without knowing it, so that it can move. */
export interface Placing {
  readonly source: SourceText;
  /** Offset of the piece. */
  readonly base: number;
  /** What follows the piece: the word that begins the next declaration, or the end of the file. */
  readonly next: { readonly offset: number; readonly word: string | undefined };
}

/** A diagnostic of a piece that is yet to be placed. */
export type Finding = (placing: Placing) => Diagnostic;

export interface Reader {
  readonly text: string;
  /** By their start. */
  readonly fences: ReadonlyMap<number, Fence>;
  readonly findings: Finding[];
  /** Comments in order; those before `comments.next` have been given to a node. */
  readonly comments: { readonly all: readonly Comment[]; next: number };
  /** For each item that is being read, outermost first: the comments that stand before or inside it. */
  readonly owners: Comment[][];
  /** Starts of the blocks that are read apart: here they stay empty, and their comments go to nobody. */
  readonly hollow: Set<number>;
}

export function createReader(text: string, tokens: readonly Token[]): Reader {
  const all = tokens
    .filter((token) => token.kind === "comment")
    .map(({ start, end }) => readComment(text, start, end));
  const fences = tokens.filter((token) => token.kind === "fence");
  return {
    text,
    fences: new Map(fences.map((fence) => [fence.start, fence])),
    findings: [],
    comments: { all, next: 0 },
    owners: [],
    hollow: new Set(),
  };
}

function readComment(text: string, start: number, end: number): Comment {
  const blankAfter = breaksAfter(text, end) > 1;
  return { span: { start, end }, text: text.slice(start, end), blankAfter };
}

/** Line breaks before the next character that is not blank; 2 stands for more. */
function breaksAfter(text: string, end: number): number {
  let breaks = 0;
  for (let at = end; breaks < 2 && at < text.length && isSpace(text.charCodeAt(at)); at++)
    if (text.charCodeAt(at) === 10) breaks++;
  return breaks;
}

export function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}

/** Findings of one reader that are kept: whoever has more of them does not read on. */
const mostFindings = 100;

export function report({ findings }: Reader, finding: Finding): void {
  if (findings.length < mostFindings) findings.push(finding);
}

/** `written` as a message shows it. */
export function abridge(written: string): string {
  return written.length > 40 ? `${written.slice(0, 39)}…` : written;
}

export function placeAt({ source, base }: Placing, { start, end }: Span): Place {
  return { source, span: { start: base + start, end: base + end } };
}

/** The comments that begin before `offset` and belong to no node yet. */
export function takeComments({ comments }: Reader, offset: number): Comment[] {
  const from = comments.next;
  while ((comments.all[comments.next]?.span.start ?? Infinity) < offset) comments.next++;
  return comments.all.slice(from, comments.next);
}
