/** What is found while a file of a project is read, and the ways to say it. */
import type { Diagnostic } from "../source/diagnostic.ts";
import { diagnose } from "../source/messages.ts";
import { suggest } from "../source/suggest.ts";
import { pythonText } from "./python-value.ts";
import { type Tree, type TreeEntry, describeTree } from "./yaml-tree.ts";

/** Grows while a file is read. */
export interface Findings {
  readonly diagnostics: Diagnostic[];
  /** Whether the project's folder holds a file; the path is relative. */
  readonly hasFile: (path: string) => boolean;
}

/** Says that a part is not what it should be. */
export function sayShape(what: string, expected: string, tree: Tree, findings: Findings): void {
  const found = describeTree(tree);
  findings.diagnostics.push(diagnose("M0902", tree.place, { what, expected, found }));
}

/** Warns of a key that nobody reads and that is near to one that is read. */
export function warnOfStrangers(tree: Tree, known: readonly string[], findings: Findings): void {
  if (tree.kind !== "map") return;
  for (const { name, place } of tree.entries) {
    const near = known.includes(name) ? undefined : suggest(name, known);
    if (near) findings.diagnostics.push(diagnose("M0904", place, { key: name, near }));
  }
}

/** The text of a scalar, whatever its type in YAML; says so where it is none. */
export function readText(entry: TreeEntry, what: string, findings: Findings): string | undefined {
  if (entry.value.kind === "scalar") return pythonText(entry.value.value);
  sayShape(what, "one text", entry.value, findings);
  return undefined;
}
