/** What the rules of the checker share: who declares which name, what a run has, and how a name is looked up. */
import { suggest } from "../source/suggest.ts";
import type { Place } from "../source/text.ts";
import type {
  CompareNode,
  LaunchNode,
  Module,
  Name,
  RunNode,
  StepNode,
  SweepNode,
} from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import type { Artifact, Metric, Model, Param, Run } from "./program.ts";

/** A declaration with a name of its own, and the file that holds it. A `template` is a `step` at top level. */
export type Declared =
  | { readonly kind: "run"; readonly node: RunNode; readonly home: ModuleScope }
  | { readonly kind: "sweep"; readonly node: SweepNode; readonly home: ModuleScope }
  | { readonly kind: "compare"; readonly node: CompareNode; readonly home: ModuleScope }
  | { readonly kind: "launch"; readonly node: LaunchNode; readonly home: ModuleScope }
  | { readonly kind: "template"; readonly node: StepNode; readonly home: ModuleScope };
export type DeclaredKind = Declared["kind"];

/** One file's names. */
export interface ModuleScope {
  /** The file's path as `Files` has it. */
  readonly path: string;
  readonly module: Module;
  /** False when something in the file could not be read or imported: then an unknown name is no finding. */
  readonly complete: boolean;
  /** File-level params, in order. */
  readonly params: ReadonlyMap<string, Param>;
  /** Declared in this very file, in order; of two with one name the first. */
  readonly own: ReadonlyMap<string, Declared>;
  /** Own and imported. */
  readonly names: ReadonlyMap<string, Declared>;
  /** Grows while the rules run: every name of `names` that something in this file has looked up. */
  readonly used: Set<string>;
}

/** What conditions, contracts and sweeps may name of a run. Outputs are those of all its steps and its shared ones. */
export interface RunScope {
  readonly node: RunNode;
  readonly home: ModuleScope;
  /** False when some item of the run could not be read: then what is missing or unknown in it is no finding. */
  readonly complete: boolean;
  /** File-level ones first. */
  readonly params: ReadonlyMap<string, Param>;
  readonly seed: number | undefined;
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly artifacts: ReadonlyMap<string, Artifact>;
  readonly models: ReadonlyMap<string, Model>;
}

/** A run after its own rules; `run` is as good as it could be made where there were findings. */
export interface CheckedRun {
  readonly scope: RunScope;
  readonly run: Run;
}

/** All checked runs of all files, by their nodes. */
export type CheckedRuns = ReadonlyMap<RunNode, CheckedRun>;

/** A name's place in the file of `home`. */
export function placeOf(
  home: { readonly module: Module },
  node: { readonly span: Place["span"] },
): Place {
  return placeIn(home.module, node.span);
}

/**
 * Looks `name` up among the declarations of `kinds` that the file of `scope` can see, and marks it as used. Says E0201
 * where there is none, unless part of the file could not be read.
 */
export function lookUp<Kind extends DeclaredKind>(
  context: CheckContext,
  scope: ModuleScope,
  name: Name,
  kinds: readonly Kind[],
): Extract<Declared, { kind: Kind }> | undefined {
  const found = scope.names.get(name.text);
  if (found) scope.used.add(name.text);
  if (found && isOneOf(found, kinds)) return found;
  if (found || scope.complete)
    sayUnknown(context, scope, name, {
      kind: kinds.join(" or "),
      among: namesOf(scope, kinds),
      actual: found?.kind,
    });
  return undefined;
}

/**
 * Says E0201 about `name` with the nearest of `among`, or with `instead` where that is sure to be meant; `actual` is what
 * the name is instead.
 */
export function sayUnknown(
  context: CheckContext,
  scope: { readonly module: Module },
  name: Name,
  about: {
    readonly kind: string;
    readonly among: Iterable<string>;
    readonly actual?: string | undefined;
    readonly instead?: string | undefined;
  },
): void {
  const known = [...about.among];
  const suggestion = about.instead ?? suggest(name.text, known);
  const place = placeOf(scope, name);
  say(
    context,
    "E0201",
    place,
    { kind: about.kind, name: name.text, suggestion, known, actual: about.actual },
    { edits: suggestion === undefined ? [] : [{ place, replacement: suggestion }] },
  );
}

function isOneOf<Kind extends DeclaredKind>(
  declared: Declared,
  kinds: readonly Kind[],
): declared is Extract<Declared, { kind: Kind }> {
  return kinds.some((kind) => kind === declared.kind);
}

function namesOf(scope: ModuleScope, kinds: readonly DeclaredKind[]): string[] {
  return [...scope.names].filter(([, it]) => kinds.includes(it.kind)).map(([name]) => name);
}
