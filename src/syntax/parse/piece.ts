/** Reads one piece of a file, as if it stood at offset 0. */
import type { Broken, Comment, Declaration, EditionNode } from "../ast.ts";
import { compact } from "./compact.ts";
import { readDeclaration, readEdition } from "./declaration.ts";
import { readBroken } from "./item.ts";
import { type Cst, match } from "./match.ts";
import { part } from "./node.ts";
import { type Finding, type Reader, createReader, takeComments } from "./reader.ts";
import { tokenize } from "./tokens.ts";

export interface Piece {
  readonly edition: EditionNode | undefined;
  readonly declarations: readonly (Declaration | Broken)[];
  /** Comments after the last declaration. */
  readonly dangling: readonly Comment[];
  readonly findings: readonly Finding[];
}

export function readPiece(text: string): Piece {
  const tokens = tokenize(text);
  const reader = createReader(text, tokens);
  const found = match(compact(text, tokens), "File");
  if ("kind" in found)
    return { ...finish(reader, undefined, [readBroken({ start: 0, end: text.length }, reader)]) };
  return readFile(found, reader);
}

function readFile(node: Cst, reader: Reader): Piece {
  const [edition] = part(node, 0).children.map((one) => readEdition(one, reader));
  const declarations = part(node, 1).children.map((one) => readDeclaration(one, reader));
  return finish(reader, edition, declarations);
}

function finish(
  reader: Reader,
  edition: EditionNode | undefined,
  declarations: readonly (Declaration | Broken)[],
): Piece {
  const dangling = takeComments(reader, Infinity);
  return { edition, declarations, dangling, findings: reader.findings };
}
