/** What the conversion of one piece carries: its text, the comments not yet given to a node, and what was found wrong. */
import type { Diagnostic } from "../../source/diagnostic.ts";
import type { Place, SourceText, Span } from "../../source/text.ts";
import type { Comment, ItemNode } from "../ast.ts";
import type { Token } from "./tokens.ts";

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
  readonly tokens: readonly Token[];
  readonly findings: Finding[];
  /** Comments in order; those before `comments.next` have been given to a node. */
  readonly comments: { readonly all: readonly Comment[]; next: number };
  /** For each item that is being read, outermost first: the comments that stand before or inside it. */
  readonly owners: Comment[][];
  /** By the start of a block: reads its items, where the grammar did not. */
  readonly bodies: Map<number, () => readonly ItemNode[]>;
}

export function createReader(text: string, tokens: readonly Token[]): Reader {
  const all = tokens
    .filter((token) => token.kind === "comment")
    .map(({ start, end }) => readComment(text, start, end));
  return {
    text,
    tokens,
    findings: [],
    comments: { all, next: 0 },
    owners: [],
    bodies: new Map(),
  };
}

function readComment(text: string, start: number, end: number): Comment {
  const blankAfter = /^\s*\n[ \t]*\r?\n/.test(text.slice(end, end + 200));
  return { span: { start, end }, text: text.slice(start, end), blankAfter };
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
