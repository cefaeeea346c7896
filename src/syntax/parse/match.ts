/** The one place that knows Ohm: text and a start rule become a plain tree, or the place and the expectations of a failure. */
import * as ohm from "ohm-js";

import type { Compact } from "./compact.ts";
import { type Rule, recipe } from "./grammar.ts";

/**
 * A matched rule. `start` and `end` are offsets in the piece that was compacted. Tokens (rules with a small letter) and
 * literals have no children; an optional or repeated part is an `iter`; the items of a comma list are the children of
 * one `list`, those of a block the children of one `Block`.
 */
export interface Cst {
  readonly rule: Rule | "iter" | "list" | "literal";
  readonly start: number;
  readonly end: number;
  readonly children: readonly Cst[];
}

/** Something the grammar would have taken where the text failed. */
export interface Expected {
  /** `word`: a literal of the grammar; `description`: the phrase of a token. */
  readonly kind: "word" | "description";
  readonly text: string;
}

export interface Failure {
  readonly kind: "failure";
  /** Offset in the compact text. */
  readonly at: number;
  /** Matches once more to find out; ask once. */
  readonly expected: () => readonly Expected[];
}

interface RecipeMaker {
  makeRecipe(recipe: unknown): ohm.Grammar;
}

interface Ready {
  readonly grammar: ohm.Grammar;
  readonly semantics: ohm.Semantics;
}
let ready: Ready | undefined;

/** Made when first needed: what was read before is not matched. */
function prepare(): Ready {
  const grammar = (ohm as unknown as RecipeMaker).makeRecipe(recipe);
  return { grammar, semantics: grammar.createSemantics().addOperation<Draft>("copy", copies) };
}

/** A tree that is not yet placed: its offsets are those of the compact text. */
interface Draft {
  readonly rule: Cst["rule"];
  start: number;
  end: number;
  readonly children: readonly Draft[];
}

function copyAs(rule: Cst["rule"], node: ohm.Node, parts: readonly ohm.Node[]): Draft {
  const { startIdx: start, endIdx: end } = node.source;
  return { rule, start, end, children: parts.map(copy) };
}

function copy(node: ohm.Node): Draft {
  return node["copy"]() as Draft;
}

// An operation without parameters: Ohm makes an object of them for each node.
const copies: ohm.ActionDict<Draft> = {
  _terminal() {
    return copyAs("literal", this, []);
  },
  _iter(...parts: ohm.Node[]) {
    return copyAs("iter", this, parts);
  },
  _nonterminal(...parts: ohm.Node[]) {
    const rule = this.ctorName as Rule;
    return copyAs(rule, this, isToken(rule) ? [] : parts);
  },
  Block(_open, items, _close) {
    return copyAs("Block", this, items.children);
  },
  ListOf(list) {
    return copy(list);
  },
  NonemptyListOf(first, _separators, rest) {
    return copyAs("list", this, [first, ...rest.children]);
  },
  EmptyListOf() {
    return copyAs("list", this, []);
  },
};

function isToken(rule: string): boolean {
  const first = rule.charAt(0);
  return first === first.toLowerCase();
}

function place(draft: Draft, to: Compact["place"]): Cst {
  draft.start = to(draft.start);
  draft.end = to(draft.end);
  for (const child of draft.children) place(child, to);
  return draft;
}

/** Whether all of `compact` is a `rule`. */
export function match(compact: Compact, rule: Rule): Cst | Failure {
  ready ??= prepare();
  const { grammar, semantics } = ready;
  const result = grammar.match(compact.text, rule);
  if (!result.failed()) return place(copy(semantics(result) as unknown as ohm.Node), compact.place);
  return {
    kind: "failure",
    at: result.getRightmostFailurePosition(),
    expected: () => expectations(result),
  };
}

interface OhmFailure {
  getText(): string;
  isStringTerminal(): boolean;
  isDescription(): boolean;
}

function expectations(result: ohm.MatchResult): readonly Expected[] {
  const failures = (
    result as unknown as { getRightmostFailures(): OhmFailure[] }
  ).getRightmostFailures();
  return failures.flatMap((failure): Expected[] => {
    if (failure.isDescription()) return [{ kind: "description", text: failure.getText() }];
    return failure.isStringTerminal() ? [{ kind: "word", text: failure.getText() }] : [];
  });
}
