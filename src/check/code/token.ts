/** Pieces of R or JavaScript: enough to know what is code and what is text, comment or space; no grammar. */

/** `template` is a piece of a JavaScript template literal, from a backtick or `}` up to `${` or a backtick. */
export type TokenKind =
  | "space"
  | "comment"
  | "text"
  | "template"
  | "regex"
  | "number"
  | "name"
  | "symbol";

/** Offsets in the code. The tokens of a code follow one another without gap or overlap, and cover it. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** A token that is neither space nor comment, with its text, and where the brackets around it are. */
export interface Piece extends Token {
  readonly text: string;
  /** Index of the innermost bracket that is open here; for a bracket, the one around it. -1: none. */
  readonly around: number;
  /** For a bracket, the index of its partner; -1 for what is no bracket, or has no partner. */
  readonly partner: number;
}

/** The tokens of `code` that matter, with their brackets. A closing bracket without a fitting open one is ignored. */
export function piecesOf(code: string, tokens: readonly Token[]): readonly Piece[] {
  const pieces: Mutable<Piece>[] = [];
  const open: number[] = [];
  for (const token of tokens) {
    if (token.kind === "space" || token.kind === "comment") continue;
    const text = code.slice(token.start, token.end);
    const piece = { ...token, text, around: open.at(-1) ?? -1, partner: -1 };
    const index = pieces.push(piece) - 1;
    const before = pieces[open.at(-1) ?? -1];
    if (before && closes(before, piece)) {
      before.partner = index;
      piece.partner = open.pop() ?? -1;
      piece.around = before.around;
    }
    if (opens(piece)) open.push(index);
  }
  return pieces;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function opens({ kind, text }: Piece): boolean {
  if (kind === "template") return text.endsWith("${");
  return kind === "symbol" && (text === "(" || text === "[" || text === "{");
}

function closes(open: Piece, { kind, text }: Piece): boolean {
  if (open.kind === "template") return kind === "template" && text.startsWith("}");
  return kind === "symbol" && `${open.text}${text}`.match(/^(?:\(\)|\[\]|\{\})$/u) !== null;
}

/** The first of `patterns` (sticky) that matches at `at`, with the token's kind; `symbol` of one character otherwise. */
export function matchToken(
  code: string,
  at: number,
  patterns: readonly (readonly [TokenKind, RegExp])[],
): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(code)?.[0];
    if (found) return { kind, start: at, end: at + found.length };
  }
  return { kind: "symbol", start: at, end: at + ((code.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) };
}
