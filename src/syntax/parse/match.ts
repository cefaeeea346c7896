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
const grammar = (ohm as unknown as RecipeMaker).makeRecipe(recipe);

type Place = (offset: number) => number;
type Copy = (this: ohm.Node, ...parts: ohm.Node[]) => Cst;

function copyAs(rule: Cst["rule"], node: ohm.Node, parts: readonly ohm.Node[]): Cst {
  const place = node["args"].place as Place;
  const { startIdx, endIdx } = node.source;
  const children = parts.map((part) => part["copy"](place) as Cst);
  return { rule, start: place(startIdx), end: place(endIdx), children };
}

const copyRule: Copy = function (...parts) {
  const rule = this.ctorName as Rule;
  return copyAs(rule, this, isToken(rule) ? [] : parts);
};

const semantics = grammar.createSemantics().addOperation<Cst>("copy(place)", {
  _terminal() {
    return copyAs("literal", this, []);
  },
  _iter(...parts: ohm.Node[]) {
    return copyAs("iter", this, parts);
  },
  _nonterminal: copyRule,
  Block(_open, items, _close) {
    return copyAs("Block", this, items.children);
  },
  ListOf(list) {
    return list["copy"](this["args"].place) as Cst;
  },
  NonemptyListOf(first, _separators, rest) {
    return copyAs("list", this, [first, ...rest.children]);
  },
  EmptyListOf() {
    return copyAs("list", this, []);
  },
});

function isToken(rule: string): boolean {
  const first = rule.charAt(0);
  return first === first.toLowerCase();
}

interface Copyable {
  copy(place: Place): Cst;
}

/** Whether all of `compact` is a `rule`. */
export function match(compact: Compact, rule: Rule): Cst | Failure {
  const result = grammar.match(compact.text, rule);
  if (!result.failed()) return (semantics(result) as unknown as Copyable).copy(compact.place);
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
