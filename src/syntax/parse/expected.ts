/** A list of what the grammar would have taken, as a phrase after "expected". */
import type { Context } from "./context.ts";
import type { Expected } from "./match.ts";

/** Parts that together are one thing. The first set that is there as a whole is replaced. */
const wholes: readonly (readonly [parts: readonly string[], whole: string])[] = [
  [["a number", "a text in quotes", "true or false", "null", "["], "a value"],
  [["a number", "..", "["], "a range such as 0..1, or a list"],
  [["a number", ".."], "a range such as 0..1"],
];
const valueParts = new Set(
  "a name|a number|a text in quotes|true or false|null|[|a percentage|a duration such as 30s, 10min or 2h|a size such as 512MiB or 4GiB".split(
    "|",
  ),
);

/** Always possible where they are, and never what was meant. */
const unhelpful = ["end of input", "mlpipe", ".", "("];

/** Words that are named one by one; more are summed up. */
const few = 6;

export function describeExpected(expected: readonly Expected[], context: Context): string {
  const all = new Map(expected.map((one) => [one.text, one]));
  for (const text of unhelpful) if (all.size > 1) all.delete(text);
  if (all.has("a number")) all.delete("a whole number");
  const phrases = summarize(all);
  const words = [...all.values()].filter(isWord);
  const isItem = words.length > few || isNextItem(all, context);
  const rest = [...all.values()].filter((one) => !isItem || !isItemWord(one, context));
  const named = rest.map((one) => (one.kind === "word" ? `\`${one.text}\`` : one.text));
  const item = isItem ? [phrases.length + named.length > 0 ? "another item" : context.phrase] : [];
  return list([...phrases, ...named.filter((it) => !isItem || it !== "`}`"), ...item]);
}

/** Takes the parts of a whole out of `all`. */
function summarize(all: Map<string, Expected>): readonly string[] {
  for (const [parts, whole] of wholes) {
    if (!parts.every((part) => all.has(part))) continue;
    const used = whole === "a value" ? valueParts : parts;
    for (const part of used) all.delete(part);
    return [whole];
  }
  return [];
}

/** Whether all words that begin an item are possible. */
function isNextItem(all: ReadonlyMap<string, Expected>, { words }: Context): boolean {
  return words.length > 0 && words.every((word) => all.has(word));
}

function isWord({ kind, text }: Expected): boolean {
  return kind === "word" && /^\p{L}/u.test(text);
}

function isItemWord({ text }: Expected, { words }: Context): boolean {
  return words.includes(text) || text === "a code block" || text === "}";
}

/** "a, b or c". */
export function list(phrases: readonly string[]): string {
  if (phrases.length < 2) return phrases[0] ?? "nothing more";
  return `${phrases.slice(0, -1).join(", ")} or ${phrases.at(-1)}`;
}
