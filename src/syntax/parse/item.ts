/** Items and blocks with their comments: every comment of a piece goes to exactly one node. */
import type { Span } from "../../source/text.ts";
import type { Block, Broken, Comment, Doc, ItemNode } from "../ast.ts";
import type { Cst } from "./match.ts";
import { part } from "./node.ts";
import { type Reader, takeComments } from "./reader.ts";

/** The item at `span`; `build` reads the rest of it. Items must be read in the order of the text. */
export function readItem<Rest extends object>(
  { start, end }: Span,
  reader: Reader,
  build: () => Rest,
): Rest & ItemNode {
  const above = takeComments(reader, start);
  const blankBefore = followsBlankLine(reader.text, above[0]?.span.start ?? start);
  const doc = takeDoc(reader.text, above, start);
  reader.owners.push(above);
  const rest = build();
  reader.owners.pop();
  const before = [...above, ...takeComments(reader, end)];
  const trivia = { blankBefore, before, after: takeTrailing(reader, end) };
  return { span: { start, end }, trivia, doc, ...rest };
}

/** What could not be read; whoever calls gives a finding for it. */
export function readBroken(span: Span, reader: Reader): Broken {
  return readItem(span, reader, () => ({ kind: "broken" as const }));
}

/** The block that is the only child of `node`, or what `reader.bodies` has for it. */
export function readBlock<Item extends ItemNode>(
  node: Cst,
  reader: Reader,
  convert: (node: Cst, reader: Reader) => Item,
): Block<Item> {
  const { start, end } = node;
  for (const comment of takeComments(reader, start)) reader.owners.at(-1)?.push(comment);
  if (reader.hollow.has(start)) {
    takeComments(reader, end);
    return { span: { start, end }, items: [], dangling: [] };
  }
  const items = part(node, 0).children.map((item) => convert(item, reader));
  return { span: { start, end }, items, dangling: takeComments(reader, end) };
}

/** Removes the doc comment from the end of `above`, if one stands directly above `start`. */
function takeDoc(text: string, above: Comment[], start: number): Doc | undefined {
  let first = above.length;
  let below = start;
  while (first > 0) {
    const comment = above[first - 1];
    if (!comment?.text.startsWith("#'") || !isLineAbove(text, comment.span, below)) break;
    below = comment.span.start;
    first--;
  }
  const lines = above.splice(first);
  const last = lines.at(-1);
  if (!last) return undefined;
  return { span: { start: below, end: last.span.end }, text: lines.map(docLine).join("\n") };
}

function docLine({ text }: Comment): string {
  return text.slice(text.charAt(2) === " " ? 3 : 2);
}

/** Whether `span` fills a line and the line below it begins, after blanks, at `below`. */
function isLineAbove(text: string, span: Span, below: number): boolean {
  if (!/^\r?\n[ \t]*$/.test(text.slice(span.end, below))) return false;
  return isBlank(text.slice(text.lastIndexOf("\n", span.start) + 1, span.start));
}

function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}

/** Whether a blank line stands above `at`; a piece begins at the start of a line. */
function followsBlankLine(text: string, at: number): boolean {
  let breaks = 0;
  for (let i = at - 1; ; i--) {
    const character = text.charCodeAt(i);
    if (i < 0 || character === 10) breaks++;
    else if (character !== 32 && character !== 9 && character !== 13) return false;
    if (breaks === 2) return true;
    if (i < 0) return false;
  }
}

function takeTrailing(reader: Reader, end: number): Comment | undefined {
  const next = reader.comments.all[reader.comments.next];
  if (!next || !isBlank(reader.text.slice(end, next.span.start))) return undefined;
  reader.comments.next++;
  return { ...next, blankAfter: false };
}

/** One way to read a node for each rule that an alternative may choose. */
export type Readers<Item> = Readonly<Record<string, (node: Cst, reader: Reader) => Item>>;

/** Reads `node`, a rule that only chooses among those of `readers`, perhaps through another that only chooses. */
export function readChosen<Item>(node: Cst, reader: Reader, readers: Readers<Item>): Item {
  for (let one: Cst | undefined = node; one; one = one.children[0]) {
    const read = readers[one.rule];
    if (read) return read(one, reader);
  }
  throw new Error(`there is no reader for ${node.rule}`);
}
