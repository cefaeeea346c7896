/** Items of a block: those that could be read, and those that may stand there once. */
import type { Block, Broken, ItemNode, Module } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";

/** The items of `block` that could be read. */
export function readable<Item extends ItemNode>(
  block: Block<Item> | undefined,
): readonly Exclude<Item, Broken>[] {
  return (block?.items ?? []).filter((item): item is Exclude<Item, Broken> => !isBroken(item));
}

/** Whether all of `block` could be read. */
export function isWhole<Item extends ItemNode>(block: Block<Item> | undefined): boolean {
  return !block?.items.some(isBroken);
}

function isBroken(item: ItemNode): item is Broken {
  return "kind" in item && item.kind === "broken";
}

/** The items of one kind, in order. */
export function ofKind<Item extends { readonly kind: string }, Kind extends Item["kind"]>(
  items: readonly Item[],
  kind: Kind,
): readonly Extract<Item, { readonly kind: Kind }>[] {
  let found: Extract<Item, { readonly kind: Kind }>[] | undefined;
  for (const item of items) if (isOfKind(item, kind)) (found ??= []).push(item);
  return found ?? none;
}

/** Most kinds are in no block: their list is not made anew. */
const none: readonly never[] = [];

function isOfKind<Item extends { readonly kind: string }, Kind extends Item["kind"]>(
  item: Item,
  kind: Kind,
): item is Extract<Item, { readonly kind: Kind }> {
  return item.kind === kind;
}

/** The only item of `kind`; E0202 for each further one. */
export function only<Item extends ItemNode & { readonly kind: string }, Kind extends Item["kind"]>(
  context: CheckContext,
  module: Module,
  items: readonly Item[],
  kind: Kind,
): Extract<Item, { readonly kind: Kind }> | undefined {
  const found = ofKind(items, kind);
  const [first] = found;
  for (const other of found) if (first && other !== first) sayTwice(context, module, first, other);
  return first;
}

function sayTwice(
  context: CheckContext,
  module: Module,
  first: ItemNode & { readonly kind: string },
  second: ItemNode & { readonly kind: string },
): void {
  const word = wordOf(second.kind);
  const related = [{ place: placeIn(module, first.span), note: "it is first given here" }];
  say(context, "E0202", placeIn(module, second.span), { kind: word, name: word }, { related });
}

/** What an item begins with in the text. */
function wordOf(kind: string): string {
  const words: Readonly<Record<string, string>> = {
    "cache-off": "cache",
    "run-experiment": "experiment",
    "project-env": "env",
  };
  return words[kind] ?? kind;
}
