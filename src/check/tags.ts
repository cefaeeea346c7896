/** Tags of runs, models and experiments. */
import type { Module, TagItem } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { checkLength, checkTagKey } from "./keys.ts";
import type { Tag } from "./program.ts";
import { type HoleNames, readTextual } from "./texts.ts";

/** MLflow's longest value of a tag that all its versions keep. */
export const longestValue = 5000;

/** A tag; its value may have the holes of `holes`. */
function readTag(context: CheckContext, module: Module, item: TagItem, holes: HoleNames): Tag {
  checkTagKey(context, module, item.key);
  const value = readTextual(context, module, item.value, holes);
  const text = value.filter((part) => typeof part === "string").join("");
  checkLength(context, module, item.value, { kind: "tag's value", text, limit: longestValue });
  return { key: item.key.text, value };
}

/** The tags among `items`; a second one of the same key is E0202. */
export function readTags(
  context: CheckContext,
  module: Module,
  items: readonly ({ readonly kind: string } | TagItem)[],
  holes: HoleNames,
): readonly Tag[] {
  const first = new Map<string, TagItem>();
  for (const item of items) {
    if (!isTag(item)) continue;
    const earlier = first.get(item.key.text);
    if (earlier) sayTwice(context, module, earlier, item);
    else first.set(item.key.text, item);
  }
  return [...first.values()].map((item) => readTag(context, module, item, holes));
}

function isTag(item: { readonly kind: string } | TagItem): item is TagItem {
  return item.kind === "tag";
}

function sayTwice(context: CheckContext, module: Module, first: TagItem, second: TagItem): void {
  const related = [{ place: placeIn(module, first.key.span), note: "it is first declared here" }];
  const place = placeIn(module, second.key.span);
  say(context, "E0202", place, { kind: "tag", name: second.key.text }, { related });
}
