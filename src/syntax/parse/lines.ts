/** Where items may begin: the lines of a text, where a block, a list or a code block with all its lines is one. */
import type { Closings } from "./brackets.ts";
import type { Context } from "./context.ts";
import { isSpace } from "./reader.ts";
import { type Token, includeComments } from "./tokens.ts";

/** Offsets of the first characters of the lines, without lines that are blank or a comment. */
export function linesOf(
  text: string,
  tokens: readonly Token[],
  closings: Closings,
): readonly number[] {
  const lines: number[] = [];
  const cursor = { token: 0, lineBreak: -1 };
  for (let at = skipQuiet(text, 0); at < text.length; at = skipQuiet(text, at)) {
    lines.push(at);
    at = endOfLine(text, at, tokens, cursor, closings);
  }
  return lines;
}

/** The first offset from `at` on that is neither blank nor in a comment. */
function skipQuiet(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (at < text.length && isSpace(text.charCodeAt(at))) at++;
    if (text[at] !== "#") return at;
    const end = text.indexOf("\n", at);
    at = end < 0 ? text.length : end;
  }
}

/** An item ends with its block; only a note may follow that on the same line. */
const afterBlock = /[ \t]*(?=[^\s"#])/y;

function endOfLine(
  text: string,
  start: number,
  tokens: readonly Token[],
  cursor: { token: number; lineBreak: number },
  closings: Closings,
): number {
  if (cursor.lineBreak < start) cursor.lineBreak = lineBreak(text, start);
  let end = cursor.lineBreak;
  let inside = start;
  for (
    let token = tokens[cursor.token];
    token && token.start < end;
    token = tokens[++cursor.token]
  ) {
    if (token.start < inside) continue;
    const closing = token.kind === "bracket" ? closings.get(token.start) : undefined;
    inside = closing ? closing.at + (closing.missing ? 0 : 1) : token.end;
    if (inside > end) end = text[inside - 1] === "\n" ? inside - 1 : lineBreak(text, inside);
    afterBlock.lastIndex = inside;
    if (closing && text[token.start] === "{" && afterBlock.test(text)) return inside;
  }
  return end;
}

function lineBreak(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}

/** Where the text of the line at `start` begins, with the comments above it. */
export function boundaryOf(text: string, start: number): number {
  let at = start;
  while (at > 0 && isSpace(text.charCodeAt(at - 1)) && text.charCodeAt(at - 1) !== 10) at--;
  const isFirst = at === 0 || text.charCodeAt(at - 1) === 10;
  return isFirst ? includeComments(text, at) : start;
}

/** Those of `lines` that begin an item of `context` for sure, and the first. */
export function itemLines(
  text: string,
  lines: readonly number[],
  context: Context,
): readonly number[] {
  return lines.filter((line, i) => i === 0 || beginsItem(text, line, context));
}

const firstWord = /[\p{L}\d_]+|```/uy;

function beginsItem(text: string, at: number, { words }: Context): boolean {
  firstWord.lastIndex = at;
  const word = firstWord.exec(text)?.[0];
  return words.length === 0 || word === "```" || (word !== undefined && words.includes(word));
}

/** The first word or character from `from` on that is not in a comment; undefined at the end of the text. */
export function wordAt(
  text: string,
  from: number,
): { readonly offset: number; readonly word: string | undefined } {
  const offset = skipQuiet(text, from);
  firstWord.lastIndex = offset;
  return { offset, word: firstWord.exec(text)?.[0] ?? text[offset] };
}
