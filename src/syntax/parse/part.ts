/** What was read from a part of a file, as if it stood at offset 0, and how it moves to where it does stand. */
import { diagnose } from "../../source/messages.ts";
import type { Broken, Comment, EditionNode } from "../ast.ts";
import type { Context } from "./context.ts";
import {
  type AnyItem,
  type Finding,
  type Placing,
  type Reader,
  placeAt,
  takeComments,
} from "./reader.ts";
import { shift } from "./shift.ts";

/** The items of a part of this part, which stands at `at`. */
export interface SubPart {
  readonly kind: "part";
  readonly at: number;
  readonly part: Part;
}
/** An item whose block, opened at `open`, is still empty: its items are those of `part`, which stands at `at`. */
export interface HollowItem {
  readonly kind: "hollow";
  readonly item: AnyItem;
  readonly open: number;
  readonly at: number;
  readonly part: Part;
}
/** Parts of parts stay what they are until all is placed, so that what did not move is not copied. */
export type Entry = AnyItem | SubPart | HollowItem;

export interface Part {
  readonly edition: EditionNode | undefined;
  readonly items: readonly Entry[];
  /** Comments after the last item. */
  readonly dangling: readonly Comment[];
  readonly findings: readonly Finding[];
  /** Whether the last item fails where the text ends: with more text it may be well. */
  readonly isOpenEnded: boolean;
}

/** Reads the part of a file that `text` is, or remembers it. */
export type ReadPart = (text: string, context: Context) => Part;

/** A part that grows. */
export interface Gathering {
  edition: EditionNode | undefined;
  readonly items: Entry[];
  readonly dangling: Comment[];
  readonly findings: Finding[];
}

export function gather(): Gathering {
  return { edition: undefined, items: [], dangling: [], findings: [] };
}

/** The part that has grown, with the comments that are left. */
export function finish(found: Gathering, reader: Reader, isOpenEnded = false): Part {
  const dangling = takeComments(reader, Infinity);
  return { ...found, dangling, findings: [...reader.findings, ...found.findings], isOpenEnded };
}

/** Adds `part`, which stands at `base`; `next` is what follows it, where that is known. */
export function addPart(to: Gathering, part: Part, base: number, next?: Placing["next"]): void {
  if (part.edition) addEdition(to, shift(part.edition, base));
  to.items.push({ kind: "part", at: base, part });
  for (const comment of part.dangling) to.dangling.push(shift(comment, base));
  for (const finding of part.findings) to.findings.push(moveFinding(finding, base, next));
}

/** An edition that does not come first is broken. */
export function addEdition(to: Gathering, edition: EditionNode): void {
  if (to.edition === undefined && to.items.length === 0) {
    to.edition = edition;
    return;
  }
  const { span, trivia, doc } = edition;
  const broken: Broken = { kind: "broken", span, trivia, doc };
  to.items.push(broken);
  to.findings.push((placing) =>
    diagnose("E0100", placeAt(placing, span), {
      expected: "the edition on the first line only",
      advice: "remove this line, or move it to the top",
    }),
  );
}

/** The findings of a part at `base`, inside another. */
export function moveFinding(finding: Finding, by: number, next?: Placing["next"]): Finding {
  return (placing) => {
    const { source, base } = placing;
    const following = next ? { ...next, offset: base + next.offset } : placing.next;
    return finding({ source, base: base + by, next: following });
  };
}
