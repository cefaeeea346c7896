/** The names that a file's own lines use: holes of its texts, and names as values in conditions, calls and arguments. */
import type { Module } from "../../syntax/ast.ts";

const known = new WeakMap<Module, ReadonlySet<string>>();

/** First parts of all holes and paths: `cp` of `${cp}`, `low` and `high` of `require low < high`. */
export function namesIn(module: Module): ReadonlySet<string> {
  const before = known.get(module);
  if (before) return before;
  const names = new Set<string>();
  for (const declaration of module.declarations) collect(declaration, names);
  known.set(module, names);
  return names;
}

const nameless = new Set(["span", "trivia", "doc"]);

/** Walks every property that can hold a value, since a hole may stand in any text. The tree has no circles. */
function collect(node: unknown, names: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  if ("kind" in node && "path" in node && node.kind === "hole") add(node.path, names);
  if ("kind" in node && "names" in node && node.kind === "path") add(node.names, names);
  for (const [key, child] of Object.entries(node))
    if (typeof child === "object" && !nameless.has(key)) collect(child, names);
}

function add(path: unknown, names: Set<string>): void {
  const [first]: readonly unknown[] = Array.isArray(path) ? path : [];
  if (typeof first === "string") names.add(first);
  else if (typeof first === "object" && first && "text" in first) names.add(String(first.text));
}
