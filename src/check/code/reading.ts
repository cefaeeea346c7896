/** What can be seen in code without running it: which names it makes and reads, what it calls, which texts it holds. */
import type { Language } from "../program.ts";
import { readJs } from "./js.ts";
import { readR } from "./r.ts";

/** A call by name: `rnorm`, `Math.random`; of `stats::rnorm` the name is `rnorm`. Offsets are those of the name. */
export interface Call {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** The first argument, where it is a plain text. */
  readonly text: string | undefined;
  /** Whether there is a first argument that is something else. */
  readonly computed: boolean;
}

/** A text in the code, without its quotes and most escapes. */
export interface CodeText {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export interface Reading {
  /** Names that are given a value anywhere in the code (params of functions do not count), with the first place. */
  readonly assigned: ReadonlyMap<string, number>;
  /** Names whose value is used anywhere. */
  readonly read: ReadonlySet<string>;
  /** Names read from `params`, as in `params$cp`. */
  readonly params: ReadonlySet<string>;
  readonly calls: readonly Call[];
  readonly texts: readonly CodeText[];
  /** Names are made or read in a way that cannot be seen here: `eval`, `assign` with a computed name, `source`. */
  readonly computed: boolean;
}

/** The latest readings by their code, and those before them; what is asked for again moves to the latest. */
interface Memory {
  latest: Map<string, Reading>;
  earlier: Map<string, Reading>;
}
const ofR: Memory = { latest: new Map(), earlier: new Map() };
const ofJs: Memory = { latest: new Map(), earlier: new Map() };
/** More than the fences of a large file, so that a file that is checked again and again is read once. */
const mostReadings = 4000;

/** Reads `code`; never fails. The latest answers are remembered, for several rules and for editors. */
export function readingOf(code: string, language: Language): Reading {
  const memory = language === "r" ? ofR : ofJs;
  const known = memory.latest.get(code);
  if (known) return known;
  const reading = memory.earlier.get(code) ?? (language === "r" ? readR(code) : readJs(code));
  if (memory.latest.size >= mostReadings) {
    memory.earlier = memory.latest;
    memory.latest = new Map();
  }
  memory.latest.set(code, reading);
  return reading;
}

/** Whether a text of the code holds `word` as a word: `"{cp}"` and `"cp"` hold `cp`, `"cpu"` does not. */
export function mentions({ texts }: Reading, word: string): boolean {
  const isWord = /^[\p{L}\p{N}_.]$/u;
  return texts.some(({ value }) => {
    for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + 1))
      if (!isWord.test(value[at - 1] ?? "") && !isWord.test(value[at + word.length] ?? ""))
        return true;
    return false;
  });
}
