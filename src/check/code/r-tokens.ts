/** Tokens of R code. */
import { type Token, type TokenKind, matchToken } from "./token.ts";

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /#[^\n]*/y],
  ["text", /"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?/y],
  ["name", /`(?:[^`\\]|\\[^])*`?/y],
  ["number", /0[xX][\da-fA-F]+(?:\.[\da-fA-F]*)?(?:[pP][+-]?\d+)?[Li]?/y],
  ["number", /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[Li]?/y],
  ["name", /(?:\p{L}|\.(?!\d))[\p{L}\p{M}\p{N}._]*/uy],
  ["symbol", /%[^%\n]*%|<<-|->>|:::|<-|->|<=|>=|==|!=|\|>|::|:=|&&|\|\|/y],
];

/** Never fails: what is no R is a symbol of one character; an open text goes to the end. */
export function tokenizeR(code: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < code.length;) {
    const token = rawText(code, at) ?? matchToken(code, at, patterns);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

const rawStart = /[rR](["'])(-*)([([{])/y;
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** A raw text such as `r"(…)"` or `R"---[…]---"`, which has no escapes. */
function rawText(code: string, at: number): Token | undefined {
  rawStart.lastIndex = at;
  const [start, quote = "", dashes = "", open = ""] = rawStart.exec(code) ?? [];
  if (start === undefined) return undefined;
  const end = `${closing[open] ?? ""}${dashes}${quote}`;
  const found = code.indexOf(end, at + start.length);
  return { kind: "text", start: at, end: found < 0 ? code.length : found + end.length };
}
