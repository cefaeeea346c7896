/** Cuts a file into its declarations without reading them, so that each can be parsed, cached and mended alone. */
import type { Span } from "../../source/text.ts";
import { createFenceReader } from "./fence.ts";
import { endOfLine, includeComments, readText } from "./tokens.ts";

/** Begins a declaration wherever it stands at the start of a line. */
const hard = "mlpipe|import|project|run|sweep|compare|launch";
/** Also begins an item, so inside a closed block it is one. */
const soft = "param|step|experiment";
const header = new RegExp(
  `(?:(${hard})|${soft})(?:[ \\t]+[\\p{L}\\d_]|[ \\t]*(?:["{\\r\\n]|$))`,
  "uy",
);
const interesting = new RegExp(`["#{}]|\`{3,}|\\n(?=${hard}|${soft})`, "g");

/**
 * The pieces of `text`, in order and without gaps. Each begins at the start of a line, with the comments above its
 * declaration; the first also holds what stands before any declaration.
 */
export function cut(text: string): readonly Span[] {
  const starts = new Set([0]);
  for (const word of headers(text)) starts.add(includeComments(text, word));
  const sorted = [...starts];
  return sorted.map((start, i) => ({ start, end: sorted[i + 1] ?? text.length }));
}

/** Offsets of the words that begin a declaration, ascending. */
function headers(text: string): readonly number[] {
  const found: number[] = [];
  /** Soft words inside the blocks that are open now: declarations if those are never closed. */
  let inside: number[] = [];
  let depth = 0;
  const closeAll = (): void => {
    if (depth > 0) found.push(...inside);
    depth = 0;
    inside = [];
  };
  const begin = (at: number): void => {
    header.lastIndex = at;
    const word = header.exec(text);
    if (!word) return;
    if (word[1]) closeAll();
    (depth > 0 ? inside : found).push(at);
  };
  begin(0);
  walk(text, (mark, at) => {
    if (mark === "\n") begin(at + 1);
    else if (mark === "{") depth++;
    else if (depth > 0 && --depth === 0) inside = [];
  });
  closeAll();
  return found;
}

/** Visits braces and line breaks before a header word, outside comments, texts and code. */
function walk(text: string, visit: (mark: "{" | "}" | "\n", at: number) => void): void {
  const readFence = createFenceReader(text);
  interesting.lastIndex = 0;
  for (let found = interesting.exec(text); found; found = interesting.exec(text)) {
    const mark = found[0];
    if (mark === "{" || mark === "}" || mark === "\n") visit(mark, found.index);
    else if (mark === "#") interesting.lastIndex = endOfLine(text, found.index);
    else if (mark === '"') interesting.lastIndex = readText(text, found.index).end;
    else if (mark.length <= 4)
      interesting.lastIndex = beforeBreak(text, readFence(found.index, mark.length).end);
  }
}

/** An unclosed fence ends at the start of a line; its line break must be seen. */
function beforeBreak(text: string, at: number): number {
  return text.charCodeAt(at - 1) === 10 ? at - 1 : at;
}
