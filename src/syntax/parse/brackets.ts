/** Which bracket closes which, and where a block ends whose `}` is missing. */
import type { BracketToken, Token } from "./tokens.ts";
import { includeComments } from "./tokens.ts";

export interface Closing {
  /** Offset of the closing bracket; where that is missing, of what cannot belong to the block any more. */
  readonly at: number;
  readonly missing: boolean;
}

/** By the offset of an opening bracket. `(` and `[` that are never closed are not in it. */
export type Closings = ReadonlyMap<number, Closing>;

/** Brackets inside each other that are read at most; Ohm recurses for each. */
export const deepest = 64;

const pairs: Readonly<Record<string, string>> = { "}": "{", ")": "(", "]": "[" };

/** Pairs the brackets of `text`. Only where that leaves a block open does the indentation decide. */
export function pairBrackets(text: string, tokens: readonly Token[]): Closings {
  const closings = new Map<number, Closing>();
  const open: BracketToken[] = [];
  for (const token of tokens) if (token.kind === "bracket") pairOne(token, open, closings);
  if (!open.some(({ bracket }) => bracket === "{")) return closings;
  return open.length > deepest ? closings : pairByIndent(text, tokens);
}

function pairOne(token: BracketToken, open: BracketToken[], into: Map<number, Closing>): void {
  const opening = pairs[token.bracket];
  if (!opening) {
    open.push(token);
    return;
  }
  if (opening === "{") while (open.length > 0 && open.at(-1)?.bracket !== "{") open.pop();
  if (open.at(-1)?.bracket !== opening) return;
  into.set(open.pop()?.start ?? 0, { at: token.start, missing: false });
}

interface OpenBlock {
  readonly start: number;
  /** Of the line that opens it. */
  readonly indent: number;
  /** Whether its first line stands further to the right; undefined until that is seen. */
  indented: boolean | undefined;
}

/** In a block that is indented, a line that is not indented more than the block's first ends it. */
function pairByIndent(text: string, tokens: readonly Token[]): Closings {
  const closings = new Map<number, Closing>();
  const open: OpenBlock[] = [];
  const endBlocks = (at: number, indent: number, allowed: (block: OpenBlock) => boolean): void => {
    for (let top = open.at(-1); top?.indented && allowed(top); top = open.at(-1)) {
      closings.set(top.start, { at: includeComments(text, at - indent), missing: true });
      open.pop();
    }
  };
  const visitLine = (at: number, indent: number): void => {
    const top = open.at(-1);
    if (top) top.indented ??= indent > top.indent;
    if (text[at] !== "}") endBlocks(at, indent, (block) => indent <= block.indent);
    else if (open.some((block) => block.indent === indent))
      endBlocks(at, indent, (block) => indent < block.indent);
  };
  let line = { start: 0, indent: 0 };
  let from = 0;
  for (const token of tokens) {
    for (const start of linesIn(text, from, token.start, token.kind === "comment")) {
      line = start;
      visitLine(line.start, line.indent);
    }
    from = token.end;
    if (token.kind !== "bracket") continue;
    if (token.bracket === "{")
      open.push({ start: token.start, indent: line.indent, indented: undefined });
    else if (token.bracket === "}" && open.length > 0)
      closings.set(open.pop()?.start ?? 0, { at: token.start, missing: false });
  }
  for (const line of linesIn(text, from, text.length, true)) visitLine(line.start, line.indent);
  for (const { start } of open) closings.set(start, { at: text.length, missing: true });
  return withRound(closings, tokens);
}

const lineStart = /(?:^|\n)([ \t]*)(?=[^\s])/g;

/** First characters of the lines that begin between `from` and `to`; at `to` itself stands a token. */
function linesIn(
  text: string,
  from: number,
  to: number,
  toIsQuiet: boolean,
): readonly { readonly start: number; readonly indent: number }[] {
  const found: { start: number; indent: number }[] = [];
  const gap = text.slice(from, toIsQuiet ? to : to + 1);
  for (const match of gap.matchAll(lineStart)) {
    if (match.index === 0 && from > 0 && gap[0] !== "\n" && text[from - 1] !== "\n") continue;
    const start = from + match.index + match[0].length;
    found.push({ start, indent: match[1]?.length ?? 0 });
  }
  return found;
}

/** Adds the pairs of `(` and `[`. */
function withRound(closings: Map<number, Closing>, tokens: readonly Token[]): Closings {
  const open: BracketToken[] = [];
  for (const token of tokens) {
    if (token.kind !== "bracket") continue;
    if (token.bracket === "{") open.length = 0;
    else if (token.bracket === "}") open.length = 0;
    else pairOne(token, open, closings);
  }
  return closings;
}

/** How many brackets stand inside each other at most. */
export function depthOf(tokens: readonly Token[]): number {
  let depth = 0;
  let most = 0;
  for (const token of tokens) {
    if (token.kind !== "bracket") continue;
    depth = pairs[token.bracket] ? Math.max(0, depth - 1) : depth + 1;
    most = Math.max(most, depth);
  }
  return most;
}
