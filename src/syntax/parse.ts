/** Text → Module. No text makes it throw: what cannot be read becomes `broken` and has its diagnostic beside the module. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceText } from "../source/text.ts";
import type { Broken, Declaration, Module } from "./ast.ts";
import { contexts } from "./parse/context.ts";
import { cut } from "./parse/cut.ts";
import { readOtherEdition } from "./parse/edition.ts";
import { wordAt } from "./parse/lines.ts";
import { type Memory, createMemory } from "./parse/memory.ts";
import { type Part, addPart, gather } from "./parse/part.ts";
import { place } from "./parse/place.ts";
import { giveUp } from "./parse/recover.ts";

export interface Parsed {
  readonly module: Module;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses one text after another and remembers what it has read. */
export type Parse = (source: SourceText) => Parsed;

/** Of one file; what follows is not read. */
const mostFindings = 1000;

/** Parses a file once. */
export function parse(source: SourceText): Parsed {
  return createParser()(source);
}

/** A parser for a text that changes: what did not change is not read again. The result is the same as that of `parse`. */
export function createParser(): Parse {
  const memory = createMemory();
  return (source) => {
    const part = readOtherEdition(source.text) ?? readPieces(source.text, memory);
    memory.forget();
    return finish(source, part);
  };
}

function readPieces(text: string, { readPart }: Memory): Part {
  const found = gather();
  for (const { start, end } of cut(text)) {
    if (found.findings.length >= mostFindings) {
      addPart(found, giveUp(text.slice(start), mostFindings), start);
      break;
    }
    const part = readPart(text.slice(start, end), contexts.File);
    addPart(found, part, start, part.findings.length > 0 ? wordAt(text, end) : undefined);
  }
  return { ...found, isOpenEnded: false };
}

function finish(source: SourceText, part: Part): Parsed {
  const next = { offset: source.text.length, word: undefined };
  const diagnostics = part.findings.map((finding) => finding({ source, base: 0, next }));
  const module: Module = {
    source,
    edition: part.edition,
    declarations: place(part, 0) as readonly (Declaration | Broken)[],
    dangling: part.dangling,
  };
  return {
    module,
    diagnostics: diagnostics.toSorted((a, b) => a.place.span.start - b.place.span.start),
  };
}
