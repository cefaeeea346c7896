/** Reads JavaScript and TypeScript code: declarations and assignments, names whose value is used, calls, texts. */
import { type Bindings, markBindings } from "./js-bindings.ts";
import { tokenizeJs } from "./js-tokens.ts";
import {
  type Notes,
  finishNotes,
  firstArgument,
  noteAssigned,
  startNotes,
  textAt,
  unquote,
} from "./notes.ts";
import type { Reading } from "./reading.ts";
import { reservedWords } from "./reserved.ts";
import { piecesOf } from "./token.ts";

export function readJs(code: string): Reading {
  const notes = startNotes(piecesOf(code, tokenizeJs(code)));
  const bindings = markBindings(notes);
  notes.pieces.forEach(({ kind, text, start, end }, index) => {
    const role = bindings.get(index);
    if (role === "assigned") noteAssigned(notes, text, start);
    else if (kind === "name" && role === undefined && !isType(notes, bindings, index))
      readName(notes, index);
    else if (kind === "text" || kind === "template") {
      // A hole stands for some text.
      const hole = kind === "template" && text.endsWith("${") ? "…" : "";
      notes.texts.push({ value: unquote(text) + hole, start, end });
      if (textAt(notes, index - 1) === "[" && textAt(notes, index - 2) === "params")
        notes.params.add(unquote(text));
    }
  });
  return finishNotes(notes);
}

/** `number` in `const x: number = 1`. */
function isType(notes: Notes, bindings: Bindings, index: number): boolean {
  return textAt(notes, index - 1) === ":" && bindings.get(index - 2) === "assigned";
}

function readName(notes: Notes, index: number): void {
  const name = textAt(notes, index);
  const [before, after] = [textAt(notes, index - 1), textAt(notes, index + 1)];
  if (isDot(before)) return readMember(notes, index, name);
  if (reservedWords.js.has(name) && name !== "this" && name !== "eval" && name !== "super") return;
  if (isObjectKey(notes, index)) return;
  if (after === "(" || (after === "?." && textAt(notes, index + 2) === "(")) readCall(notes, index);
  if (isAssignment(after) || isStep(before) || isStep(after))
    noteAssigned(notes, name, notes.pieces[index]?.start ?? 0);
  if (after === "=") return;
  notes.read.add(name);
  if (name === "params" && !isDot(after) && after !== "[") notes.computed = true;
  if (name === "globalThis" && !isDot(after)) notes.computed = true;
}

function isDot(text: string): boolean {
  return text === "." || text === "?.";
}

function isStep(text: string): boolean {
  return text === "++" || text === "--";
}

function isAssignment(text: string): boolean {
  return /^(?:=|[-+*/%&|^]=|\*\*=|<<=|>>=|>>>=|&&=|\|\|=|\?\?=)$/u.test(text);
}

/** `params.cp` reads the param, `globalThis.x = 1` makes a variable; of other objects a member says nothing. */
function readMember(notes: Notes, index: number, name: string): void {
  const owner = textAt(notes, index - 2);
  const after = textAt(notes, index + 1);
  if (owner === "params") notes.params.add(name);
  if (owner === "globalThis") notes.read.add(name);
  if (owner === "globalThis" && isAssignment(after))
    noteAssigned(notes, name, notes.pieces[index]?.start ?? 0);
  if (after === "(" || (after === "?." && textAt(notes, index + 2) === "(")) readCall(notes, index);
}

/** `{ name: value }` and `case name:` apart: a name with a colon after `{` or `,` inside braces. */
function isObjectKey(notes: Notes, index: number): boolean {
  const open = notes.pieces[index]?.around ?? -1;
  const isFirst = /^[{,]$/u.test(textAt(notes, index - 1));
  return textAt(notes, index + 1) === ":" && isFirst && textAt(notes, open) === "{";
}

function readCall(notes: Notes, index: number): void {
  const { end = 0 } = notes.pieces[index] ?? {};
  const first = chainStart(notes, index);
  const parts = notes.pieces.slice(first, index + 1).filter(({ kind }) => kind === "name");
  const name = parts.map(({ text }) => text).join(".");
  const open = textAt(notes, index + 1) === "(" ? index + 1 : index + 2;
  const start = notes.pieces[first]?.start ?? 0;
  notes.calls.push({ name, start, end, ...firstArgument(notes, open) });
  if (/^(?:eval|Function|with)$/u.test(name)) notes.computed = true;
}

/** Index at which the dotted name that ends at `index` begins; of `a().b`, that is `b`. */
function chainStart(notes: Notes, index: number): number {
  let at = index;
  while (isDot(textAt(notes, at - 1)) && notes.pieces[at - 2]?.kind === "name") at -= 2;
  return at;
}
