/** A file with everything it imports, parsed; each file is read once. */
import type { ImportNode, Module } from "./ast.ts";

export interface Loaded {
  readonly entry: Module;
  /** Every module, the entry included, by its path as `Files` has it; in order of loading. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Path of the module that an import names; absent when it could not be loaded (a diagnostic says so). */
  readonly imports: ReadonlyMap<ImportNode, string>;
}
