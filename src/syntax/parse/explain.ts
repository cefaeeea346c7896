/** From what the grammar would have taken to what a person wants to hear. */
import type { Edit } from "../../source/diagnostic.ts";
import { diagnose } from "../../source/messages.ts";
import { suggest } from "../../source/suggest.ts";
import type { Span } from "../../source/text.ts";
import type { Mismatch } from "./attempt.ts";
import { closest, formats, languages, types } from "./closed-sets.ts";
import { type Context, contexts } from "./context.ts";
import { describeExpected, list } from "./expected.ts";
import { explainNumber } from "./explain-number.ts";
import { adviseAgainst } from "./habits.ts";
import { type Expected, match } from "./match.ts";
import { type Finding, type Placing, placeAt } from "./reader.ts";
import { type Token, endOfLine, startOfLine, tokensBetween } from "./tokens.ts";

interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
}

/** What is wrong at the first place of `range` that does not match. */
export function explain({ text, tokens }: Source, failed: Mismatch, range: Span): Finding {
  const at = Math.min(failed.compact.place(failed.failure.at), range.end);
  const [token] = tokensBetween(tokens, at, at + 1);
  return (
    (token && explainToken(text, token)) ??
    explainWords(text, failed, { start: at, end: range.end })
  );
}

/** A text or code that is not closed, or code in a language that mlpipe does not know. */
function explainToken(text: string, token: Token): Finding | undefined {
  if (token.kind === "text" && !token.closed) return unclosedText(text, token);
  if (token.kind !== "fence") return undefined;
  return token.closed ? explainFence(text, token) : unclosedCode(text, token);
}

function unclosedText(text: string, { start, end }: Span): Finding {
  const last = start + text.slice(start, end).trimEnd().length;
  return (placing) => {
    const edit = { place: placeAt(placing, { start: last, end: last }), replacement: '"' };
    return diagnose("E0103", placeAt(placing, { start, end: last }), {}, { edits: [edit] });
  };
}

function unclosedCode(text: string, fence: Token & { readonly kind: "fence" }): Finding {
  const { start, ticks } = fence;
  const last = start + text.slice(start, fence.end).trimEnd().length;
  const lead = text.slice(startOfLine(text, start), start);
  const replacement = `\n${lead.trimStart() === "" ? lead : ""}${"`".repeat(ticks)}`;
  return (placing) => {
    const edit = { place: placeAt(placing, { start: last, end: last }), replacement };
    const place = placeAt(placing, { start, end: start + ticks });
    return diagnose("E0104", place, { ticks }, { edits: [edit] });
  };
}

function explainFence(text: string, { start, ticks }: Token & { readonly kind: "fence" }) {
  const from = start + ticks;
  const line = text.slice(from, endOfLine(text, from));
  const word = /^[\p{L}\d_+-]*/u.exec(line)?.[0] ?? "";
  const span = { start: from, end: from + word.length };
  if (!languages.names.includes(word) && word !== "R")
    return unknownOf("language", word, closest(word, languages), span);
  const rest = { start: span.end, end: from + line.trimEnd().length };
  return (placing: Placing) =>
    diagnose("E0100", placeAt(placing, rest.start < rest.end ? rest : { start, end: from }), {
      expected: rest.start < rest.end ? "the line to end after the language" : "no code here",
      advice:
        rest.start < rest.end ? "code begins on the next line" : "code stands in a run or a step",
    });
}

function unknownOf(
  kind: "type" | "format" | "language",
  word: string,
  suggestion: string | undefined,
  span: Span,
): Finding {
  const known = { type: types, format: formats, language: languages }[kind].names;
  return (placing) => {
    const place = placeAt(placing, span);
    const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
    return diagnose("E0106", place, { kind, word, suggestion, known }, { edits });
  };
}

const wordBefore = /[\p{L}\d_]*$/u;
const wordAfter = /^[\p{L}\d_]*/u;

function explainWords(text: string, failed: Mismatch, { start: at, end }: Span): Finding {
  const before = wordBefore.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? "";
  const after = wordAfter.exec(text.slice(at, Math.min(end, at + 200)))?.[0] ?? "";
  const isInside = before !== "" && after !== "";
  const start = isInside ? at - before.length : at;
  const word = isInside ? before + after : after;
  const expected = isInside
    ? expectedBefore(failed, before.length, word.length)
    : failed.failure.expected();
  const span = { start, end: start + word.length };
  return (
    explainNumber(text, { start, end }, expected) ??
    explainWord(failed.context, word, span, expected) ??
    explainRest(failed.context, text, { start, end: Math.max(span.end, start) }, end, expected)
  );
}

/** What would have been taken where the word begins whose inside failed. */
function expectedBefore(failed: Mismatch, back: number, length: number): readonly Expected[] {
  const { compact, failure, context } = failed;
  const start = failure.at - back;
  const masked = compact.text.slice(0, start) + "\u0001".repeat(length);
  const text = masked + compact.text.slice(start + length);
  const again = match({ text, place: compact.place }, context.rule);
  return "rule" in again || again.at !== start ? failure.expected() : again.expected();
}

function explainWord(
  context: Context,
  word: string,
  span: Span,
  expected: readonly Expected[],
): Finding | undefined {
  if (!/^[\p{L}_]/u.test(word)) return undefined;
  const descriptions = expected.filter(({ kind }) => kind === "description");
  if (descriptions.some(({ text }) => text.startsWith("a type:")))
    return unknownOf("type", word, closest(word, types), span);
  if (descriptions.some(({ text }) => text.startsWith("a format:")))
    return unknownOf("format", word, closest(word, formats), span);
  const words = expected.flatMap(({ kind, text }) =>
    kind === "word" && /^[\p{L}]/u.test(text) ? [text] : [],
  );
  const suggestion = suggest(word, words);
  if (words.length === 0 || (suggestion === undefined && words.length <= 3)) return undefined;
  const advice = suggestion === undefined ? placeOf(word, context) : "";
  return (placing) => {
    const place = placeAt(placing, span);
    const edits = suggestion === undefined ? [] : [{ place, replacement: suggestion }];
    return diagnose("E0101", place, { word, suggestion, advice }, { edits });
  };
}

/** Where `word` may stand, if the language has it elsewhere; else what may stand here. */
function placeOf(word: string, context: Context): string {
  if (word === "or") return "comparisons are joined by `and` only";
  const places = Object.values(contexts).filter(({ words }) => words.includes(word));
  const [first] = places;
  if (!first || places.includes(context)) return `here stands ${context.phrase}`;
  return `\`${word}\` stands ${list(places.map(({ where }) => where))}`;
}

function explainRest(
  context: Context,
  text: string,
  span: Span,
  end: number,
  expected: readonly Expected[],
): Finding {
  const habit = adviseAgainst(text.slice(span.start, end), text[span.start - 1], context);
  const wide = habit ? { start: span.start, end: span.start + habit.length } : span;
  const what = describeExpected(expected, context);
  return (placing) => {
    const place = placeAt(placing, wide);
    const edits: Edit[] =
      habit?.replacement === undefined ? [] : [{ place, replacement: habit.replacement }];
    return diagnose("E0100", place, { expected: what, advice: habit?.advice ?? "" }, { edits });
  };
}
