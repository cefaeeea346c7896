/** A file with everything it imports, parsed; each file is read once. */
import type { Diagnostic } from "../source/diagnostic.ts";
import type { Files } from "../source/files.ts";
import type { ImportNode, Module } from "./ast.ts";
import { type Parse, createParser } from "./parse.ts";

export interface Loaded {
  readonly entry: Module;
  /** Every module, the entry included, by its path as `Files` has it; in order of loading. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Path of the module that an import names; absent when it could not be loaded (a diagnostic says so). */
  readonly imports: ReadonlyMap<ImportNode, string>;
}

export interface LoadResult {
  /** Undefined when the entry file itself cannot be read; a diagnostic says why. */
  readonly loaded: Loaded | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads the file at `path` and what it imports. Imports are relative to the importing file, or `std/…`. */
export function load(path: string, files: Files, parse: Parse = createParser()): LoadResult {
  const modules = new Map<string, Module>();
  const imports = new Map<ImportNode, string>();
  const diagnostics: Diagnostic[] = [];
  const visit = (at: string): void => {
    const found = files.read(at);
    if (found.kind !== "text" || modules.has(at)) return;
    const parsed = parse({ path: at, text: found.text });
    modules.set(at, parsed.module);
    diagnostics.push(...parsed.diagnostics);
    for (const node of parsed.module.declarations) {
      if (node.kind !== "import") continue;
      const target = resolveImport(at, node.path.parts.join(""));
      visit(target);
      if (modules.has(target)) imports.set(node, target);
    }
  };
  visit(path);
  const entry = modules.get(path);
  return { loaded: entry && { entry, modules, imports }, diagnostics };
}

/** The path, as `Files` has it, of what the file `from` calls `named`. */
export function resolveImport(from: string, named: string): string {
  if (named.startsWith("std/")) return named;
  const parts = from.split("/").slice(0, -1);
  for (const part of named.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}
