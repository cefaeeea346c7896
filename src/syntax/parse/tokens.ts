/** The few tokens that decide what the rest of a text means: comments, texts, code and brackets. */
import { type Fence, createFenceReader } from "./fence.ts";

export interface CommentToken {
  readonly kind: "comment";
  readonly start: number;
  readonly end: number;
}
/** A text in quotes; one that is not closed ends with its line. */
export interface TextToken {
  readonly kind: "text";
  readonly start: number;
  readonly end: number;
  readonly closed: boolean;
}
export interface BracketToken {
  readonly kind: "bracket";
  readonly start: number;
  readonly end: number;
  readonly bracket: "{" | "}" | "(" | ")" | "[" | "]";
}
export type Token = CommentToken | TextToken | BracketToken | Fence;

const interesting = /["#{}()[\]]|`{3,}/g;

/** All tokens of `text` in order; what lies between them holds no quote, `#` or bracket. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const readFence = createFenceReader(text);
  interesting.lastIndex = 0;
  for (let found = interesting.exec(text); found; found = interesting.exec(text)) {
    const token = tokenAt(text, found.index, found[0], readFence);
    if (!token) continue;
    tokens.push(token);
    interesting.lastIndex = token.end;
  }
  return tokens;
}

function tokenAt(
  text: string,
  start: number,
  opening: string,
  readFence: (start: number, ticks: number) => Fence,
): Token | undefined {
  switch (opening) {
    case '"':
      return readText(text, start);
    case "#":
      return { kind: "comment", start, end: endOfLine(text, start) };
    case "{":
    case "}":
    case "(":
    case ")":
    case "[":
    case "]":
      return { kind: "bracket", start, end: start + 1, bracket: opening };
    default:
      return opening.length > 4 ? undefined : readFence(start, opening.length);
  }
}

/** The text whose quote stands at `start`. By hand: a regular expression runs out of stack in a text of megabytes. */
export function readText(text: string, start: number): TextToken {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34) return { kind: "text", start, end: at + 1, closed: true };
    if (code === 10) break;
    if (code === 92 && text.charCodeAt(at + 1) !== 10) at++;
  }
  return { kind: "text", start, end: endOfLine(text, start), closed: false };
}

/** Offset of the line break that ends the line of `at` (of `\r\n`: the `\r`), or the text's end. */
export function endOfLine(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  if (found < 0) return text.length;
  return found > at && text.charCodeAt(found - 1) === 13 ? found - 1 : found;
}

const quiet = /[ \t]*(?:#|\r?\n)/y;

/** Moves `start`, where a line begins, up over the lines above that are blank or a comment. */
export function includeComments(text: string, start: number): number {
  for (let at = start; at > 0;) {
    const above = at < 2 ? 0 : text.lastIndexOf("\n", at - 2) + 1;
    quiet.lastIndex = above;
    if (!quiet.test(text)) return at;
    at = above;
  }
  return 0;
}

/** Where the line of `at` begins. */
export function startOfLine(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

/** The tokens that begin at `start` or later, and before `end`. */
export function tokensBetween(
  tokens: readonly Token[],
  start: number,
  end: number,
): readonly Token[] {
  return tokens.slice(firstFrom(tokens, start), firstFrom(tokens, end));
}

function firstFrom(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
