/** One try to read a range of a text as the items of a context. */
import type { Span } from "../../source/text.ts";
import { deepest, depthOf } from "./brackets.ts";
import { type Compact, type Frame, compact, gapsIn } from "./compact.ts";
import type { Context } from "./context.ts";
import { readEdition } from "./declaration.ts";
import { type Cst, type Failure, match } from "./match.ts";
import { part } from "./node.ts";
import { type Gathering, addEdition } from "./part.ts";
import type { Reader } from "./reader.ts";
import type { Token } from "./tokens.ts";

/** Ohm needs about a kilobyte of memory for each character; nobody writes an item of this length by hand. */
const longest = 1 << 18;
/** Longer parts are read item by item even if they are well-formed, so that an edit costs one item. */
export const shortPart = 1 << 14;

export interface Success {
  readonly kind: "success";
  readonly tree: Cst;
}
/** Not tried, because of its size. */
export interface Refusal {
  readonly kind: "refusal";
  readonly why: string;
  readonly advice: string;
}
export interface Mismatch {
  readonly kind: "mismatch";
  readonly compact: Compact;
  readonly context: Context;
  readonly failure: Failure;
}
export type Attempt = Success | Refusal | Mismatch;

/** Tries all of `range`, then `ending`; `tokens` are those in it. */
export function attempt(
  text: string,
  tokens: readonly Token[],
  range: Span,
  context: Context,
  { gaps = gapsIn(tokens), limit = longest, ending = "" } = {},
): Attempt {
  if (depthOf(tokens) > deepest) return refuseDepth();
  const small = compact(text, gaps, range, frameOf(context, ending));
  if (small.text.length > limit) return refuseLength(small.text.length);
  const found = match(small, context.rule);
  return "rule" in found
    ? { kind: "success", tree: found }
    : { kind: "mismatch", compact: small, context, failure: found };
}

function frameOf({ rule }: Context, ending: string): Frame {
  if (rule === "File") return { before: "", after: ending };
  return { before: "{", after: `${ending}\n}` };
}

function refuseDepth(): Refusal {
  return {
    kind: "refusal",
    why: `at most ${deepest} brackets inside each other`,
    advice: "write the value in a file, and read that in code",
  };
}

function refuseLength(length: number): Refusal {
  return {
    kind: "refusal",
    why: `an item of at most ${longest} characters, not ${length}`,
    advice: "write the value in a file, and read that in code",
  };
}

/** Reads the items that matched. */
export function readItems(
  { tree }: Success,
  context: Context,
  reader: Reader,
  into: Gathering,
): void {
  const isFile = context.rule === "File";
  const edition = isFile ? part(tree, 0).children[0] : undefined;
  if (edition) addEdition(into, readEdition(edition, reader));
  const items: readonly Cst[] = isFile ? part(tree, 1).children : part(tree, 0).children;
  for (const item of items) into.items.push(context.read(item, reader));
}
