/** Where a difference in an output comes from: from the output back, over what each expression reads, to where it begins. */
import type { StepAction } from "../../plan/plan.ts";
import type { StepTrace } from "../trace/read-trace.ts";
import type { Call, Expression } from "../trace/trace-line.ts";

/** How the state of R's generator is called among variables. */
export const generator = ".Random.seed";

export interface Root {
  /** The first expression that differs of those that lead to the output. */
  readonly expression: Expression;
  /** What differs behind it, by name. */
  readonly variables: readonly string[];
  readonly calls: readonly Call[];
  /** The expressions that lead from it to the output, it itself first. */
  readonly path: readonly Expression[];
  /** Those that define what it uses, functions among them. */
  readonly uses: readonly Expression[];
}

export interface Pair {
  readonly one: StepTrace;
  readonly other: StepTrace;
  readonly step: StepAction;
  /** Lines of a file of the project, or of the `.mlpipe` file; empty where it cannot be read. */
  readonly linesOf: (file: string) => readonly string[];
}

/** Of the outputs with these keys; empty where the traces hold the same. */
export function rootsOf(pair: Pair, keys: readonly string[]): readonly Root[] {
  const differing = differences(pair);
  if (differing.size === 0) return [];
  const wanted = wantedNames(pair.step, keys);
  const start = [...differing].filter(([, names]) => names.some((name) => wanted.has(name)));
  const from = start.length > 0 ? start.map(([at]) => at) : [...differing.keys()].slice(0, 1);
  const relevant = backFrom(from, differing, pair);
  const first = [...relevant].filter(([, inputs]) => inputs.length === 0).map(([at]) => at);
  return first
    .toSorted((a, b) => a - b)
    .map((at) => rootAt(at, [...relevant.keys()], differing.get(at) ?? [], pair));
}

function rootAt(
  at: number,
  relevant: readonly number[],
  variables: readonly string[],
  pair: Pair,
): Root {
  const { one, other } = pair;
  const expression = (one.expressions[at] ?? other.expressions[at]) as Expression;
  const path = relevant
    .filter((index) => index >= at)
    .toSorted((a, b) => a - b)
    .flatMap((index) => one.expressions[index] ?? other.expressions[index] ?? []);
  const uses = readingOf(at, pair).expressions.filter((used) => used !== expression);
  return { expression, variables, calls: callsIn([expression], one, other), path, uses };
}

/** Of either execution, within these expressions. */
export function callsIn(
  expressions: readonly Expression[],
  ...traces: readonly StepTrace[]
): readonly Call[] {
  const indexes = new Set(expressions.map(({ index }) => index));
  const calls = traces.flatMap((trace) =>
    trace.calls.filter((call) => indexes.has(call.expression)),
  );
  const unique = new Map(calls.map((call) => [JSON.stringify({ ...call, count: 0 }), call]));
  return [...unique.values()];
}

/** Position of an expression → names that differ behind it. Where the executions part, all behind it is of no use. */
function differences({ one, other }: Pair): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  const count = Math.max(one.expressions.length, other.expressions.length);
  for (let at = 0; at < count; at++) {
    const [here, there] = [one.expressions[at], other.expressions[at]];
    if (!here || !there || here.file !== there.file || here.line !== there.line) {
      found.set(at, []);
      break;
    }
    const names = differingNames(here, there);
    if (names.length > 0) found.set(at, names);
  }
  return found;
}

function differingNames(one: Expression, other: Expression): readonly string[] {
  const names = new Set([one, other].flatMap(touchedBy));
  const differing = [...names].filter((name) => leftOf(one, name) !== leftOf(other, name));
  return one.state === other.state ? differing : [...differing, generator];
}

function touchedBy({ changed, removed }: Expression): readonly string[] {
  return [...Object.keys(changed), ...removed];
}

/** The digest of what `name` holds from here on; null: there is none of that name; undefined: as before. */
function leftOf({ changed, removed }: Expression, name: string): string | null | undefined {
  return removed.includes(name) ? null : changed[name];
}

/** Variables that hold the outputs, or what standard metrics are computed from. */
function wantedNames(
  { metrics, artifacts, models }: StepAction,
  keys: readonly string[],
): ReadonlySet<string> {
  const names = [...metrics, ...artifacts, ...models]
    .filter(({ key }) => keys.includes(key))
    .flatMap((output) => {
      const call = "call" in output && output.call ? argumentNames(output.call) : [];
      return [output.key, ...(output.variable === undefined ? [] : [output.variable]), ...call];
    });
  return new Set(names);
}

function argumentNames(call: unknown): readonly string[] {
  return [...JSON.stringify(call).matchAll(/"([A-Za-z.][\w.]*)"/gu)].map(([, name = ""]) => name);
}

/** Position of a relevant expression → positions of the differing ones that it reads from. */
function backFrom(
  from: readonly number[],
  differing: ReadonlyMap<number, readonly string[]>,
  pair: Pair,
): ReadonlyMap<number, readonly number[]> {
  const relevant = new Map<number, readonly number[]>();
  const waiting = [...from];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    if (relevant.has(at)) continue;
    const { words } = readingOf(at, pair);
    const index = at;
    const inputs = [...differing]
      .filter(([earlier, names]) => earlier < index && names.some((name) => words.has(name)))
      .map(([earlier]) => earlier);
    relevant.set(at, inputs);
    waiting.push(...inputs);
  }
  return relevant;
}

const name = /[\p{L}_.$][\p{L}\p{N}_.$]*/gu;

interface Reading {
  readonly words: ReadonlySet<string>;
  readonly expressions: readonly Expression[];
}

/** Names in an expression, and in what has defined those: the functions that it calls. */
function readingOf(at: number, pair: Pair): Reading {
  const words = new Set<string>();
  const waiting = [at];
  const seen = new Map<number, Expression>();
  for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
    const expression = pair.one.expressions[index] ?? pair.other.expressions[index];
    if (!expression || seen.has(index)) continue;
    seen.set(index, expression);
    for (const word of wordsIn(textOf(expression, pair))) {
      if (words.has(word)) continue;
      words.add(word);
      waiting.push(...definitionsOf(word, at, pair));
    }
    if (drawsIn(expression, pair)) words.add(generator);
  }
  return { words, expressions: [...seen.values()] };
}

/** Whole, and in their parts: `table` of `table.push`, and `a.b` of R. */
function wordsIn(text: string): ReadonlySet<string> {
  const words = text.match(name) ?? [];
  return new Set(words.flatMap((word) => [word, ...word.split(/[.$]/u)]));
}

/** Where a name that is the same in both executions got its value last: a function has others in it. */
function definitionsOf(word: string, before: number, { one, other }: Pair): readonly number[] {
  for (let at = before - 1; at >= 0; at--) {
    const value = one.expressions[at]?.changed[word];
    if (value !== undefined) return value === other.expressions[at]?.changed[word] ? [at] : [];
  }
  return [];
}

export function textOf(
  { file, line, end }: Expression,
  { linesOf }: Pick<Pair, "linesOf">,
): string {
  return linesOf(file)
    .slice(line - 1, end)
    .join("\n");
}

function drawsIn({ index, random }: Expression, { one }: Pair): boolean {
  return (
    random.includes("drawn") ||
    one.calls.some(({ about, expression }) => about === "random" && expression === index)
  );
}
