/** Reads R code: assignments in all their forms, names whose value is used, calls, texts. */
import {
  type Notes,
  finishNotes,
  firstArgument,
  noteAssigned,
  startNotes,
  textAt,
  unquote,
} from "./notes.ts";
import { tokenizeR } from "./r-tokens.ts";
import type { Reading } from "./reading.ts";
import { reservedWords } from "./reserved.ts";
import { piecesOf } from "./token.ts";

export function readR(code: string): Reading {
  const notes = startNotes(piecesOf(code, tokenizeR(code)));
  notes.pieces.forEach(({ kind, text }, index) => {
    if (kind === "name") readName(notes, index);
    else if (kind === "text") readText(notes, index);
    else if (/^%(?:<-|->)%$/u.test(text)) notes.computed = true;
  });
  return finishNotes(notes);
}

function readName(notes: Notes, index: number): void {
  const name = nameAt(notes, index);
  const [before, after] = [textAt(notes, index - 1), textAt(notes, index + 1)];
  if (before === "$" || before === "@") return readMember(notes, index, name);
  if (after === "::" || after === ":::" || reservedWords.r.has(textAt(notes, index))) return;
  if (after === "(") readCall(notes, index, name);
  if (before === "::" || before === ":::") return;
  if (isParameter(notes, index) || isNamedArgument(notes, index)) return;
  const role = roleOf(notes, index);
  if (role !== "read") noteAssigned(notes, name, startOf(notes, index));
  if (role === "assigned") return;
  notes.read.add(name);
  if (name === "params" && after !== "$" && after !== "[") notes.computed = true;
}

function startOf({ pieces }: Notes, index: number): number {
  return pieces[index]?.start ?? 0;
}

/** The name at `index`, without backticks. */
function nameAt(notes: Notes, index: number): string {
  return textAt(notes, index).replace(/^`([^]*?)`?$/u, "$1");
}

/** `params$cp` reads the param; of other objects a member says nothing. */
function readMember(notes: Notes, index: number, name: string): void {
  if (textAt(notes, index - 2) === "params") notes.params.add(name);
  if (textAt(notes, index + 1) === "(")
    readCall(notes, index, `${textAt(notes, index - 2)}$${name}`);
}

/** Of what assigns to its first argument as a text. */
const assigners = new Set(["assign", "delayedAssign", "makeActiveBinding"]);
/** What makes or reads variables that cannot be seen in the code. */
const unseen = new Set(
  "eval evalq source sys.source load attach list2env mget environment parent.frame globalenv ls".split(
    " ",
  ),
);
/** What reads the variable that its first argument names. */
const getters = new Set(["get", "get0", "exists"]);

function readCall(notes: Notes, index: number, name: string): void {
  const { start = 0, end = 0 } = notes.pieces[index] ?? {};
  const argument = firstArgument(notes, index + 1);
  notes.calls.push({ name, start, end, ...argument });
  if (unseen.has(name)) notes.computed = true;
  if (assigners.has(name) || getters.has(name)) {
    if (argument.text === undefined) notes.computed = true;
    else if (assigners.has(name)) noteAssigned(notes, argument.text, start);
  }
  if (name === "data")
    for (const loaded of argumentsOf(notes, index + 1)) noteAssigned(notes, loaded, start);
}

/** Names and texts that stand alone as arguments of the call whose `(` is at `open`: of `data(iris)`, iris. */
function argumentsOf(notes: Notes, open: number): readonly string[] {
  return notes.pieces.flatMap(({ kind, text, around }, index) => {
    if (around !== open || !/^[,(]$/u.test(textAt(notes, index - 1))) return [];
    if (textAt(notes, index + 1) === "=") return [];
    return kind === "name" || kind === "text" ? [unquote(text)] : [];
  });
}

function readText(notes: Notes, index: number): void {
  const { text, start, end } = notes.pieces[index] ?? { text: "", start: 0, end: 0 };
  const value = unquote(text);
  notes.texts.push({ value, start, end });
  if (textAt(notes, index - 1) === "[" && textAt(notes, index - 3) === "params")
    notes.params.add(value);
  const after = textAt(notes, index + 1);
  const assigns = isArrow(after) || (after === "=" && !isInCall(notes, index));
  if (assigns || isRightArrow(textAt(notes, index - 1))) noteAssigned(notes, value, start);
}

function isArrow(text: string): boolean {
  return text === "<-" || text === "<<-" || text === ":=";
}

function isRightArrow(text: string): boolean {
  return text === "->" || text === "->>";
}

/** Whether the bracket that holds `index` belongs to a call, an index or a function's head: there `=` names an argument. */
function isInCall(notes: Notes, index: number): boolean {
  const open = notes.pieces[index]?.around ?? -1;
  const bracket = textAt(notes, open);
  if (bracket !== "(" && bracket !== "[") return false;
  const before = notes.pieces[open - 1];
  if (!before) return false;
  if (before.kind === "name") return !/^(?:if|while|for|in|else|repeat)$/u.test(before.text);
  return before.kind === "text" || /^[)\]}\\]$/u.test(before.text);
}

/** Whether the name is a parameter in the head of a `function`; its default value is not. */
function isParameter(notes: Notes, index: number): boolean {
  const open = notes.pieces[index]?.around ?? -1;
  const head = textAt(notes, open - 1);
  const isHead = textAt(notes, open) === "(" && (head === "function" || head === "\\");
  return isHead && /^[(,]$/u.test(textAt(notes, index - 1));
}

function isNamedArgument(notes: Notes, index: number): boolean {
  return textAt(notes, index + 1) === "=" && isInCall(notes, index);
}

/** `changed` is `x[i] <- …` or `names(x) <- …`: its old value is read, and it gets a new one. */
function roleOf(notes: Notes, index: number): "assigned" | "changed" | "read" {
  const before = textAt(notes, index - 1);
  const after = textAt(notes, index + 1);
  if (isArrow(after) || after === "=" || isRightArrow(before)) return "assigned";
  if (before === "(" && textAt(notes, index - 2) === "for") return "assigned";
  return isArrow(textAt(notes, targetEnd(notes, index))) ||
    isEqualsAfter(notes, targetEnd(notes, index)) ||
    isReplaced(notes, index)
    ? "changed"
    : "read";
}

/** Index after a name with its indices and members: after `x[1]$y`. The name itself: the index after it. */
function targetEnd(notes: Notes, index: number): number {
  let at = index + 1;
  for (;;) {
    const text = textAt(notes, at);
    const partner = notes.pieces[at]?.partner ?? -1;
    if (text === "[" && partner > at) at = partner + 1;
    else if (text === "$" || text === "@") at += 2;
    else return at;
  }
}

function isEqualsAfter(notes: Notes, at: number): boolean {
  return textAt(notes, at) === "=" && !isInCall(notes, at);
}

/** More calls around one another than anybody writes. */
const deepest = 20;

/** Whether the name is the first argument of calls that are assigned to, as in `names(x)[2] <- "b"`. */
function isReplaced(notes: Notes, index: number): boolean {
  let at = index;
  for (let depth = 0; depth < deepest; depth++) {
    const open = notes.pieces[at]?.around ?? -1;
    const close = notes.pieces[open]?.partner ?? -1;
    const isFirst = open === at - 1 && close > open && textAt(notes, open) === "(";
    if (!isFirst || !isInCall(notes, at)) return false;
    const end = targetEnd(notes, close);
    if (isArrow(textAt(notes, end)) || isEqualsAfter(notes, end)) return true;
    at = open - 1;
  }
  return false;
}
