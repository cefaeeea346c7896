/** The formatter: one way to write a file, which changes neither its meaning, nor a comment, nor a byte of its code. */
import type { Broken, Comment, Doc, EditionNode, ItemNode, Module, Trivia } from "./ast.ts";
import { type AnyBlock, type AnyItem, type Printed, isWhole, printItem } from "./print-item.ts";
import { type Line, layOut } from "./print-layout.ts";
import { orderItems } from "./print-order.ts";
import type { Written } from "./print-value.ts";

/**
 * The file formatted, with `\n` for line breaks except inside code. Formatting the result again changes nothing. The
 * module must have been read without syntax errors; something broken in it is a bug of the caller and throws.
 */
export function print(module: Module): string {
  const written = module.source.text;
  const declarations = module.declarations.map(whole);
  const { first, rest } = splitInterpreterLine(module.edition ? undefined : declarations[0]);
  const all = rest ? [rest, ...declarations.slice(1)] : declarations;
  const lines: Line[] = [
    ...first,
    ...printEdition(module.edition, written),
    ...(declarations.length + module.dangling.length > 0 ? [blank] : []),
    ...printItems(all, all, true, 0, written),
    ...printDangling(module.dangling, declarations.length > 0, 0, written),
  ];
  return layOut(lines);
}

const blank: Line = { kind: "blank" };

function whole<Item extends ItemNode & { readonly kind: string }>(item: Item | Broken): Item {
  if (!isWhole(item)) throw new Error("a file with syntax errors cannot be formatted");
  return item;
}

/** `#!/usr/bin/env mlpipe` has to stay the first line also where the edition is added. */
function splitInterpreterLine(item: AnyItem | undefined): {
  readonly first: readonly Line[];
  readonly rest: AnyItem | undefined;
} {
  const comment = item?.trivia.before[0];
  if (!item || !comment?.text.startsWith("#!") || comment.span.start !== 0)
    return { first: [], rest: item };
  const trivia: Trivia = { ...item.trivia, before: item.trivia.before.slice(1) };
  return { first: [plain(0, trimmed(comment))], rest: { ...item, trivia } };
}

function printEdition(edition: EditionNode | undefined, written: Written): readonly Line[] {
  if (!edition) return [plain(0, "mlpipe 1")];
  const text = `mlpipe ${edition.version.raw}`;
  const after = edition.trivia.after ? `  ${trimmed(edition.trivia.after)}` : "";
  return [...printAbove(edition, 0, written), plain(0, text + after)];
}

/** Items in the order given, with a blank line wherever one was written or two items need it between them. */
function printItems(
  items: readonly AnyItem[],
  ordered: readonly AnyItem[],
  atTop: boolean,
  depth: number,
  written: Written,
): readonly Line[] {
  return [...ordered.entries()].flatMap(([index, item]) => {
    const previous = ordered[index - 1];
    // The item that was first has no blank line of its own: it takes over that of the item which is first now.
    const blankSource = item === items[0] ? ordered[0] : item;
    const apart =
      blankSource?.trivia.blankBefore || (previous && standApart(previous, item, atTop));
    return [...(previous && apart ? [blank] : []), ...printOne(item, depth, written)];
  });
}

/** Whether a blank line stands between the two in any case: around code and blocks of weight. */
function standApart(above: AnyItem, below: AnyItem, atTop: boolean): boolean {
  if (atTop) return above.kind !== below.kind || !isOneLine(above) || !isOneLine(below);
  return [above, below].some(({ kind }) => kind === "code" || kind === "step");
}

function isOneLine(declaration: AnyItem): boolean {
  return declaration.kind === "import" || declaration.kind === "param";
}

function printOne(item: AnyItem, depth: number, written: Written): readonly Line[] {
  const printed = printItem(item, written);
  const after = item.trivia.after ? trimmed(item.trivia.after) : "";
  // A comment behind the closing ticks reads like code: it goes above.
  return printed.fence
    ? [...printAbove(item, depth, written, demoted(after)), ...printFence(printed, depth)]
    : [...printAbove(item, depth, written), ...printBody(item, printed, after, depth, written)];
}

function printBody(
  item: AnyItem,
  printed: Printed,
  after: string,
  depth: number,
  written: Written,
): readonly Line[] {
  const { row, block } = printed;
  if (!block) return [{ kind: "row", depth, row, comment: after }];
  const order = item.kind === "run" || item.kind === "step" ? orderItems : asWritten;
  const end = [row.note, after && ` ${after}`].filter((part) => part !== "").join(" ");
  const close = `}${end === "" ? "" : ` ${end}`}`;
  const inside = printBlock(block, order, depth + 1, written);
  const open = `${row.head}${row.head === "" ? "" : " "}{`;
  return inside.length === 0
    ? [plain(depth, open + close)]
    : [plain(depth, open), ...inside, plain(depth, close)];
}

function printBlock(
  block: AnyBlock,
  order: (items: readonly AnyItem[]) => readonly AnyItem[],
  depth: number,
  written: Written,
): readonly Line[] {
  const items = block.items.map(whole);
  return [
    ...printItems(items, order(items), false, depth, written),
    ...printDangling(block.dangling, items.length > 0, depth, written),
  ];
}

function asWritten(items: readonly AnyItem[]): readonly AnyItem[] {
  return items;
}

/** The code is left as it is, indentation too: columns in R's and Node's messages stay those of the file. */
function printFence({ row, fence }: Printed, depth: number): readonly Line[] {
  const body = fence?.text ?? "";
  return [
    plain(depth, row.head),
    ...(body === "" ? [] : [{ kind: "verbatim", text: body.replace(/\n$/, "") } as const]),
    plain(depth, "`".repeat(fence?.ticks ?? 3)),
  ];
}

/** The comments of an item and one `moved` here, then its doc, which stays next to what it describes. */
function printAbove(
  item: { readonly trivia: Trivia; readonly doc: Doc | undefined } & Pick<ItemNode, "span">,
  depth: number,
  written: Written,
  moved = "",
): readonly Line[] {
  const comments = item.trivia.before.toSorted((a, b) => a.span.start - b.span.start);
  const lines: Line[] = [];
  for (const [index, comment] of comments.entries()) {
    const inside = comment.span.start > item.span.start;
    lines.push(plain(depth, inside ? demoted(trimmed(comment)) : trimmed(comment)));
    const next = comments[index + 1] ?? item.doc ?? item;
    if (hasBlankLine(written.slice(comment.span.end, next.span.start))) lines.push(blank);
  }
  if (moved !== "") lines.push(plain(depth, moved));
  const doc = item.doc?.text.split("\n") ?? [];
  return [...lines, ...doc.map((text) => plain(depth, text === "" ? "#'" : `#' ${text}`))];
}

function printDangling(
  comments: readonly Comment[],
  afterItems: boolean,
  depth: number,
  written: Written,
): readonly Line[] {
  const lines: Line[] = [];
  for (const [index, comment] of comments.entries()) {
    const above = written.slice(0, comment.span.start);
    const isFirst = index === 0 && !afterItems;
    if (!isFirst && hasBlankLine(above.slice(above.trimEnd().length))) lines.push(blank);
    lines.push(plain(depth, trimmed(comment)));
  }
  return lines;
}

/** Whether nothing but space lies in `between`, and at least one empty line. */
function hasBlankLine(between: string): boolean {
  return /^\s*$/.test(between) && between.split("\n").length > 2;
}

function trimmed(comment: Comment): string {
  return comment.text.trimEnd();
}

/** A comment that moves above its item must not become the item's doc. */
function demoted(comment: string): string {
  return comment.startsWith("#'") ? `#${comment.slice(2)}` : comment;
}

function plain(depth: number, text: string): Line {
  return { kind: "plain", depth, text };
}
