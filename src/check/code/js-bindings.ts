/** Finds the names that JavaScript code binds: by declaration, by a pattern, as a parameter. */
import { type Notes, textAt } from "./notes.ts";
import { reservedWords } from "./reserved.ts";

/** By index of the piece. `other` is a name that is bound but no variable of the program, or a key: it is not read. */
export type Bindings = ReadonlyMap<number, "assigned" | "other">;
type Found = Map<number, "assigned" | "other">;

export function markBindings(notes: Notes): Bindings {
  const found: Found = new Map();
  notes.pieces.forEach(({ kind, text, partner }, index) => {
    if (kind === "name" && !isMember(notes, index)) markWord(notes, found, index, text);
    if (text === "(" && partner > index && isParameters(notes, index, partner))
      markGroup(notes, found, index, "other");
    if ((text === "[" || text === "{") && textAt(notes, partner + 1) === "=" && partner > index)
      if (isPattern(notes, index)) markGroup(notes, found, index, "assigned");
    if (text === "=>" && notes.pieces[index - 1]?.kind === "name") found.set(index - 1, "other");
  });
  return found;
}

function isMember(notes: Notes, index: number): boolean {
  return /^\??\.$/u.test(textAt(notes, index - 1));
}

function markWord(notes: Notes, found: Found, index: number, word: string): void {
  switch (word) {
    case "const":
    case "let":
    case "var":
      return markDeclarators(notes, found, index);
    case "function":
      return markName(notes, found, textAt(notes, index + 1) === "*" ? index + 2 : index + 1);
    case "class":
      return markName(notes, found, index + 1);
    case "import":
      return markImport(notes, found, index);
  }
}

function markName(notes: Notes, found: Found, index: number): void {
  const piece = notes.pieces[index];
  if (piece?.kind === "name" && !reservedWords.js.has(piece.text)) found.set(index, "assigned");
}

const statementStart = new Set(
  "const let var function class return if for while import export try switch throw".split(" "),
);

/** The names after `const`, and after each comma that belongs to the same declaration. */
function markDeclarators(notes: Notes, found: Found, keyword: number): void {
  const around = notes.pieces[keyword]?.around ?? -1;
  markTarget(notes, found, keyword + 1);
  for (let at = nextAt(notes, keyword + 1); at < notes.pieces.length; at = nextAt(notes, at)) {
    const piece = notes.pieces[at];
    if (piece?.around !== around) return;
    if (piece.text === ";" || piece.text === "of" || piece.text === "in") return;
    if (piece.kind === "name" && statementStart.has(piece.text)) return;
    if (piece.text === ",") markTarget(notes, found, at + 1);
  }
}

function markTarget(notes: Notes, found: Found, index: number): void {
  const text = textAt(notes, index);
  if (text === "[" || text === "{") markGroup(notes, found, index, "assigned");
  else markName(notes, found, index);
}

/** Marks the names that a pattern or a list of parameters binds; keys are `other`, default values are left alone. */
function markGroup(notes: Notes, found: Found, first: number, role: "assigned" | "other"): void {
  const groups = [first];
  for (const open of groups) {
    const close = notes.pieces[open]?.partner ?? -1;
    for (let at = open + 1; at < close; at = nextAt(notes, at)) {
      if (!isTarget(notes, at)) continue;
      const { kind, text } = notes.pieces[at] ?? {};
      if (text === "[" || text === "{") groups.push(at);
      else if (kind === "name") found.set(at, roleWithin(notes, open, at, role));
    }
  }
}

/** Index of the next piece that is not within the brackets that open at `at`. */
function nextAt({ pieces }: Notes, at: number): number {
  return Math.max(pieces[at]?.partner ?? -1, at) + 1;
}

/** Whether the piece is where a pattern or a parameter list names something, not a default value or a computed key. */
function isTarget(notes: Notes, at: number): boolean {
  const before = textAt(notes, at - 1);
  const isKey = textAt(notes, at) === "[" && textAt(notes, nextAt(notes, at)) === ":";
  return !isKey && (/^(?:[[{(,:]|\.\.\.)$/u.test(before) || isModifier(before));
}

/** TypeScript's words before a parameter. */
function isModifier(text: string): boolean {
  return /^(?:public|private|protected|readonly)$/u.test(text);
}

/** In `{ key: name }` the key is no variable; in `(name: Type)` the type is none. */
function roleWithin(
  notes: Notes,
  open: number,
  at: number,
  role: "assigned" | "other",
): "assigned" | "other" {
  const isKey = textAt(notes, open) === "{" && textAt(notes, at + 1) === ":";
  const isType = textAt(notes, open) !== "{" && textAt(notes, at - 1) === ":";
  return isKey || isType ? "other" : role;
}

/** Whether `[` or `{` opens a pattern that is assigned to: no index, no block, no type, not within another pattern. */
function isPattern(notes: Notes, open: number): boolean {
  const before = notes.pieces[open - 1];
  if (!before) return true;
  if (before.kind === "name") return reservedWords.js.has(before.text) || before.text === "of";
  return before.kind === "symbol" && !/^[)\]:]$/u.test(before.text);
}

/** Whether `(` opens the parameters of a function, an arrow function or a method. */
function isParameters(notes: Notes, open: number, close: number): boolean {
  if (textAt(notes, close + 1) === "=>") return true;
  const before = textAt(notes, open - 1);
  const isNamed = notes.pieces[open - 1]?.kind === "name";
  if (before === "function" || before === "*")
    return textAt(notes, open - 2) === "function" || before !== "*";
  if (isNamed && /^(?:function|\*)$/u.test(textAt(notes, open - 2))) return true;
  return isNamed && textAt(notes, close + 1) === "{" && !isStatementHead(before);
}

function isStatementHead(word: string): boolean {
  return /^(?:if|for|while|switch|with|catch)$/u.test(word);
}

/** What `import` brings: `{ a as b }` brings `b`. `import("x")` and `import.meta` bring nothing. */
function markImport(notes: Notes, found: Found, keyword: number): void {
  for (let at = keyword + 1; at < notes.pieces.length; at++) {
    const piece = notes.pieces[at];
    if (!piece || piece.kind === "text" || piece.text === "from") return;
    if (piece.text === "(" || piece.text === ".") return;
    if (piece.kind !== "name" || piece.text === "as") continue;
    found.set(at, textAt(notes, at + 1) === "as" ? "other" : "assigned");
  }
}
