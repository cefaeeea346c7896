/** What every rule of the checker gets: the loaded files, and where to put what it finds. */
import type { Diagnostic, Edit, Related } from "../source/diagnostic.ts";
import type { Files } from "../source/files.ts";
import { type Code, type ParametersOf, diagnose } from "../source/messages.ts";
import type { Place, Span } from "../source/text.ts";
import type { Module } from "../syntax/ast.ts";
import type { Loaded } from "../syntax/load.ts";

export interface CheckOptions {
  /** Where the runs will be tracked, as far as that changes what is right; absent: an MLflow tracker. */
  readonly tracking?: "databricks" | undefined;
}

export interface CheckContext {
  readonly options: CheckOptions;
  readonly loaded: Loaded;
  readonly files: Files;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** A span of a module as a place. */
export function placeIn(module: Module, span: Span): Place {
  return { source: module.source, span };
}

/** Reports a finding. */
export function say<C extends Code>(
  context: CheckContext,
  code: C,
  place: Place,
  parameters: ParametersOf<C>,
  more: { readonly related?: readonly Related[]; readonly edits?: readonly Edit[] } = {},
): void {
  context.report(diagnose(code, place, parameters, more));
}
