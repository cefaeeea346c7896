/** Looking into syntax trees without knowing their kinds. */
import type { Comment, Doc, Module } from "../../src/syntax/ast.ts";
import type { Parsed } from "../../src/syntax/parse.ts";
import { positionAt } from "../../src/source/text.ts";

/** Every object in `node`, itself included. */
export function* nodesIn(node: unknown): Generator<object> {
  if (typeof node !== "object" || node === null) return;
  yield node;
  for (const part of Object.values(node)) yield* nodesIn(part);
}

/** Offsets of all comments in the tree, those of docs too, ascending and with repetitions. */
export function commentOffsets({ source, ...module }: Module): readonly number[] {
  const offsets: number[] = [];
  for (const node of nodesIn(module)) {
    if ("blankAfter" in node) offsets.push((node as Comment).span.start);
    if ("doc" in node && node.doc) offsets.push(...linesOfDoc(source.text, node.doc as Doc));
  }
  return offsets.toSorted((a, b) => a - b);
}

function linesOfDoc(text: string, { span }: Doc): readonly number[] {
  const found = text.slice(span.start, span.end).matchAll(/#'[^\n]*/g);
  return [...found].map(({ index }) => span.start + index);
}

/** `2:13 E0106 there is no type … | what to do | → replacement`, one a finding. */
export function findingsOf({ diagnostics }: Parsed): readonly string[] {
  return diagnostics.map(({ code, message, fix, place, edits }) => {
    const { line, column } = positionAt(place.source, place.span.start);
    const more = [fix, ...edits.map(({ replacement }) => `→ ${JSON.stringify(replacement)}`)];
    return [`${line}:${column} ${code} ${message}`, ...more.filter(Boolean)].join(" | ");
  });
}
