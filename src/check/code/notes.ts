/** A reading while it is made. */
import type { Call, CodeText, Reading } from "./reading.ts";
import type { Piece } from "./token.ts";

export interface Notes {
  readonly pieces: readonly Piece[];
  readonly assigned: Map<string, number>;
  readonly read: Set<string>;
  readonly params: Set<string>;
  readonly calls: Call[];
  readonly texts: CodeText[];
  computed: boolean;
}

export function startNotes(pieces: readonly Piece[]): Notes {
  return {
    pieces,
    assigned: new Map(),
    read: new Set(),
    params: new Set(),
    calls: [],
    texts: [],
    computed: false,
  };
}

export function noteAssigned(notes: Notes, name: string, start: number): void {
  if (!notes.assigned.has(name)) notes.assigned.set(name, start);
}

/** A reading of pieces, as it stands. */
export function finishNotes(notes: Notes): Reading {
  const { assigned, read, params, calls, texts, computed } = notes;
  return { assigned, read, params, calls, texts, computed };
}

/** The text of the piece at `index`; "" outside of the code. */
export function textAt({ pieces }: Notes, index: number): string {
  return pieces[index]?.text ?? "";
}

/** The first argument of the call whose `(` is at `open`. */
export function firstArgument(notes: Notes, open: number): Pick<Call, "text" | "computed"> {
  const first = notes.pieces[open + 1];
  if (!first || first.text === ")") return { text: undefined, computed: false };
  const after = textAt(notes, open + 2);
  const isPlain = (first.kind === "text" || isWholeTemplate(first)) && /^[,)]$/u.test(after);
  return isPlain
    ? { text: unquote(first.text), computed: false }
    : { text: undefined, computed: true };
}

function isWholeTemplate({ kind, text }: Piece): boolean {
  return kind === "template" && text.length > 1 && text.startsWith("`") && text.endsWith("`");
}

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };

/** A text without its quotes and escapes, near enough for looking into it. */
export function unquote(text: string): string {
  const raw = /^[rR]["']-*[([{]([^]*?)[)\]}]?-*["']?$/u.exec(text)?.[1];
  if (raw !== undefined) return raw;
  const inner = text.replace(/^["'`}]/u, "").replace(/(?:["'`]|\$\{)$/u, "");
  return inner.replace(/\\([^])/gu, (_, character: string) => escapes[character] ?? character);
}
