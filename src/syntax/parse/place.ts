/** Puts the items of a part where they stand in the file. */
import type { Block, ItemNode } from "../ast.ts";
import type { Entry, HollowItem, Part } from "./part.ts";
import type { AnyItem } from "./reader.ts";
import { shift } from "./shift.ts";

interface Placed {
  readonly base: number;
  readonly items: readonly AnyItem[];
}

const placed = new WeakMap<Part, Placed>();

/** The items of `part` at `base`: the same objects as last time, where it has not moved. */
export function place(part: Part, base: number): readonly AnyItem[] {
  const last = placed.get(part);
  if (last?.base === base) return last.items;
  const items: AnyItem[] = [];
  for (const entry of part.items) placeEntry(entry, base, items);
  placed.set(part, { base, items });
  return items;
}

function placeEntry(entry: Entry, base: number, into: AnyItem[]): void {
  switch (entry.kind) {
    case "part":
      for (const item of place(entry.part, base + entry.at)) into.push(item);
      return;
    case "hollow":
      into.push(fill(entry, base));
      return;
    default:
      into.push(shift(entry, base));
  }
}

function fill({ item, part, at }: HollowItem, base: number): AnyItem {
  const items = place(part, base + at);
  const dangling = shift(part.dangling, base + at);
  const moved = shift(item, base);
  const block = { ...blockOf(moved), items, dangling };
  if (moved.kind === "step") return { ...moved, body: { ...moved.body, block } } as AnyItem;
  return { ...moved, block } as AnyItem;
}

/** The block of an item, if it has one. */
export function blockOf(item: AnyItem): Block<ItemNode> | undefined {
  if (item.kind === "step") return item.body.block;
  return "block" in item ? item.block : undefined;
}
