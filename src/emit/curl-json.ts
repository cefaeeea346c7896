/** A planned request as JSON put together by a shell: what is known later stands in shell variables. */
import type { Later } from "../plan/plan.ts";
import { shellWord, type Piece } from "./shell.ts";

/** Shell statements to run first, and the body that they make possible. */
interface ShellJson {
  readonly statements: readonly string[];
  readonly body: readonly Piece[];
}

/** Laters that may not exist when the script runs: the element of a list that needs one is left out then, as the runner does. */
const mayBeAbsent: ReadonlySet<Later["later"]> = new Set([
  "git_commit",
  "git_branch",
  "git_repository",
  "git_dirty",
  "source_digest",
] as const);

export function requestToShell(request: object): ShellJson {
  const statements: string[] = [];
  return { statements, body: jsonPieces(request, statements) };
}

/** The Laters that a planned value needs, each once. */
export function latersIn(value: unknown): ReadonlySet<Later["later"]> {
  if (typeof value !== "object" || value === null) return new Set();
  if (isLater(value)) return new Set([value.later]);
  return new Set(Object.values(value).flatMap((part) => [...latersIn(part)]));
}

function isLater(value: object): value is Later {
  return "later" in value && typeof value.later === "string" && Object.keys(value).length === 1;
}

function isLaterText(value: object): value is { readonly parts: readonly (string | Later)[] } {
  return "parts" in value && Array.isArray(value.parts) && Object.keys(value).length === 1;
}

/** Variables hold their text as it stands inside JSON's quotes. */
function variable(later: Later): Piece {
  return { expansion: `$${later.later}` };
}

/** `key` names the field that holds the value; a planned request has no two lists of one name. */
function jsonPieces(value: unknown, statements: string[], key = "request"): readonly Piece[] {
  if (typeof value === "number" && !Number.isFinite(value)) return [`"${value}"`];
  if (typeof value !== "object" || value === null) return [JSON.stringify(value)];
  if (Array.isArray(value)) return listPieces(value, statements, key);
  if (isLater(value))
    return value.later === "now" ? [variable(value)] : ['"', variable(value), '"'];
  if (isLaterText(value)) return ['"', ...value.parts.map(textPiece), '"'];
  return objectPieces(value, statements);
}

function textPiece(part: string | Later): Piece {
  return typeof part === "string" ? JSON.stringify(part).slice(1, -1) : variable(part);
}

function objectPieces(value: object, statements: string[]): readonly Piece[] {
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const pieces = fields.flatMap(([key, field], index) => [
    `${index === 0 ? "" : ","}${JSON.stringify(key)}:`,
    ...jsonPieces(field, statements, key),
  ]);
  return ["{", ...pieces, "}"];
}

/** A list that may lose elements is collected in a variable first, each element with a comma after it. */
function listPieces(list: readonly unknown[], statements: string[], key: string): readonly Piece[] {
  if (list.every((element) => absentLaters(element).length === 0)) {
    const pieces = list.flatMap((element, index) => [
      index === 0 ? "" : ",",
      ...jsonPieces(element, statements),
    ]);
    return ["[", ...pieces, "]"];
  }
  const name = `${key}_list`;
  statements.push(`${name}=''`);
  for (const element of list) statements.push(addElement(name, element, statements));
  return ["[", { expansion: `\${${name}%,}` }, "]"];
}

function addElement(name: string, element: unknown, statements: string[]): string {
  const guards = absentLaters(element).map((later) => `[ -z "$${later}" ] || `);
  const pieces = [{ expansion: `$${name}` }, ...jsonPieces(element, statements), ","];
  return `${guards.join("")}${name}=${shellWord(pieces)}`;
}

function absentLaters(element: unknown): readonly Later["later"][] {
  return [...latersIn(element)].filter((later) => mayBeAbsent.has(later));
}
