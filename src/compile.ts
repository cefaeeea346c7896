/** Text becomes a checked program: the file is read with what it imports, and checked. Start reading here. */
import type { CheckOptions } from "./check/context.ts";
import { check } from "./check/check.ts";
import type { Program } from "./check/program.ts";
import type { Diagnostic } from "./source/diagnostic.ts";
import type { Files } from "./source/files.ts";
import { type Loaded, load } from "./syntax/load.ts";
import type { Parse } from "./syntax/parse.ts";

export interface Compiled {
  /** Undefined when an error was found. */
  readonly program: Program | undefined;
  /** What could not be read comes first, then what the checker says about the rest. */
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined when the file itself could not be read. */
  readonly loaded: Loaded | undefined;
}

export interface CompileOptions extends CheckOptions {
  /** One that was used before reads again only what has changed since; absent: a new one. */
  readonly parser?: Parse;
}

/** Compiles the file at `path`, as `files` has it. A mistake in a text is a diagnostic, never an exception. */
export function compile(path: string, files: Files, options: CompileOptions = {}): Compiled {
  const { loaded, diagnostics } = load(path, files, options.parser);
  if (!loaded) return { program: undefined, diagnostics, loaded };

  const checked = check(loaded, files, options);
  const isReadable = diagnostics.every(({ severity }) => severity !== "error");
  return {
    program: isReadable ? checked.program : undefined,
    diagnostics: [...diagnostics, ...checked.diagnostics],
    loaded,
  };
}
