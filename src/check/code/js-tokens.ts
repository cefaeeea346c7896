/** Tokens of JavaScript and TypeScript code. */
import { type Token, type TokenKind, matchToken } from "./token.ts";

const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /\s+/y],
  ["comment", /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/y],
  ["text", /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?/y],
  ["number", /0[xX][\da-fA-F_]+n?|0[bB][01_]+n?|0[oO][0-7_]+n?/y],
  ["number", /(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?n?/y],
  ["name", /#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy],
  ["symbol", />>>=|\*\*=|<<=|>>=|>>>|===|!==|&&=|\|\|=|\?\?=|\.\.\./y],
  ["symbol", /=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\*\*|<<|>>|[-+*/%&|^]=/y],
];
const hashbang: readonly (readonly [TokenKind, RegExp])[] = [["comment", /#![^\n]*/y]];
// A class of characters is bounded, so that a line of open brackets is not searched to its end from each of them.
const regexPatterns: readonly (readonly [TokenKind, RegExp])[] = [
  [
    "regex",
    /\/(?![*/])(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n]){0,500}\])+\/\p{ID_Continue}*/uy,
  ],
  ["comment", /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/y],
];
const templatePatterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["template", /[`}](?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)?/y],
];

/** What stands before decides what `/` is: the start of a regular expression, or a division. */
interface State {
  readonly code: string;
  /** Before the next token; undefined at the start. */
  previous: Token | undefined;
  /** A regular expression may follow the bracket that was closed last. */
  regexAfterClosed: boolean;
  readonly open: { readonly text: string; readonly regexAfter: boolean }[];
}

/** Never fails: what is no JavaScript is a symbol of one character; an open template or comment goes to the end. */
export function tokenizeJs(code: string): readonly Token[] {
  const state: State = { code, previous: undefined, regexAfterClosed: true, open: [] };
  const tokens: Token[] = [];
  for (let at = 0; at < code.length;) {
    const token = matchToken(code, at, patternsFor(state, at));
    if (token.kind !== "space" && token.kind !== "comment") advance(state, token);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function patternsFor(state: State, at: number): readonly (readonly [TokenKind, RegExp])[] {
  const next = state.code[at];
  if (next === "`" || (next === "}" && state.open.at(-1)?.text === "${")) return templatePatterns;
  if (next === "/" && isRegexNext(state)) return regexPatterns;
  return at === 0 && next === "#" ? [...hashbang, ...patterns] : patterns;
}

function advance(state: State, token: Token): void {
  const text = state.code.slice(token.start, token.end);
  if (token.kind === "template") {
    if (text.startsWith("}")) state.open.pop();
    if (text.endsWith("${")) state.open.push({ text: "${", regexAfter: false });
  } else if (token.kind === "symbol") {
    if (text === "(") state.open.push({ text, regexAfter: isHead(state) });
    else if (text === "[") state.open.push({ text, regexAfter: false });
    else if (text === "{") state.open.push({ text, regexAfter: isBlock(state) });
    else if (text === ")" || text === "]" || text === "}") closeBracket(state);
  }
  state.previous = token;
}

/** A hole of a template is closed by a piece of that template only. */
function closeBracket(state: State): void {
  if (state.open.at(-1)?.text === "${") return;
  state.regexAfterClosed = state.open.pop()?.regexAfter ?? false;
}

function previousText({ code, previous }: State): string {
  return previous ? code.slice(previous.start, previous.end) : "";
}

/** Whether the round bracket that comes now belongs to `if (…)` and the like. */
function isHead(state: State): boolean {
  return /^(?:if|while|for|with)$/u.test(previousText(state));
}

/** Whether the brace that comes now opens statements, not an object. */
function isBlock(state: State): boolean {
  const text = previousText(state);
  return text === "" || /^(?:[;{})]|=>|else|do|try|finally)$/u.test(text);
}

const beforeRegex = new Set(
  "return typeof case in of delete void throw new instanceof do else yield await".split(" "),
);

function isRegexNext(state: State): boolean {
  const text = previousText(state);
  switch (state.previous?.kind) {
    case undefined:
    case "space":
    case "comment":
      return true;
    case "number":
    case "text":
    case "regex":
      return false;
    case "template":
      return text.endsWith("${");
    case "name":
      return beforeRegex.has(text);
    case "symbol":
      if (text === ")" || text === "}") return state.regexAfterClosed;
      return text !== "]" && text !== "++" && text !== "--";
  }
}
