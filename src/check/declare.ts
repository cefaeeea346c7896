/** First pass: what each file declares and imports, so that every later rule can look names up in any order. */
import { suggest } from "../source/suggest.ts";
import type { ImportNode, Module, Name, ParamItem } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { readParam } from "./params.ts";
import type { Param } from "./program.ts";
import { sayTwice } from "./run-params.ts";
import { type Declared, type ModuleScope, placeOf } from "./scope.ts";
import { importable, otherUse } from "./std/modules.ts";

/** Scopes of all files by path, in order of loading. */
export function declareModules(context: CheckContext): ReadonlyMap<string, ModuleScope> {
  const scopes = new Map<string, Draft>();
  for (const [path, module] of context.loaded.modules)
    scopes.set(path, declareOwn(context, path, module));
  for (const scope of scopes.values())
    for (const declaration of scope.module.declarations)
      if (declaration.kind === "import") importNames(context, scope, declaration, scopes);
  return scopes;
}

/** A scope while it is filled. */
interface Draft extends ModuleScope {
  complete: boolean;
  readonly params: Map<string, Param>;
  readonly own: Map<string, Declared>;
  readonly names: Map<string, Declared>;
}

function declareOwn(context: CheckContext, path: string, module: Module): Draft {
  const scope: Draft = {
    path,
    module,
    complete: module.declarations.every((it) =>
      it.kind === "import" ? context.loaded.imports.has(it) : it.kind !== "broken",
    ),
    params: new Map(),
    own: new Map(),
    names: new Map(),
    used: new Set(),
  };
  for (const declaration of module.declarations) {
    if (declaration.kind === "param") declareParam(context, scope, declaration);
    const declared = asDeclared(declaration, scope);
    if (declared) addName(context, scope, declared, declared.node.name);
  }
  for (const [name, declared] of scope.names) scope.own.set(name, declared);
  return scope;
}

function asDeclared(node: Module["declarations"][number], home: ModuleScope): Declared | undefined {
  switch (node.kind) {
    case "run":
      return { kind: "run", node, home };
    case "sweep":
      return { kind: "sweep", node, home };
    case "compare":
      return { kind: "compare", node, home };
    case "launch":
      return { kind: "launch", node, home };
    case "step":
      return { kind: "template", node, home };
    case "import":
    case "project":
    case "experiment":
    case "param":
    case "broken":
      return undefined;
    default:
      return node satisfies never;
  }
}

function declareParam(context: CheckContext, scope: Draft, item: ParamItem): void {
  const param = readParam(context, scope.module, item);
  const earlier = scope.params.get(param.name);
  if (earlier) sayTwice(context, param, earlier);
  else scope.params.set(param.name, param);
}

/** `at` is where the file of `scope` says the name. */
function addName(
  context: CheckContext,
  scope: Draft,
  declared: Declared,
  at: Pick<Name, "span">,
): void {
  const name = declared.node.name.text;
  const earlier = scope.names.get(name);
  if (!earlier) {
    scope.names.set(name, declared);
    return;
  }
  scope.used.add(name);
  const place = placeOf(earlier.home, earlier.node.name);
  const related = [{ place, note: `the ${earlier.kind} is declared here` }];
  say(context, "E0202", placeOf(scope, at), { kind: declared.kind, name }, { related });
}

function importNames(
  context: CheckContext,
  scope: Draft,
  node: ImportNode,
  scopes: ReadonlyMap<string, ModuleScope>,
): void {
  const path = context.loaded.imports.get(node);
  const from = path === undefined ? undefined : scopes.get(path);
  if (!from) return;
  if (node.names.length === 0) {
    for (const declared of from.own.values()) addName(context, scope, declared, node.path);
    scope.complete &&= from.complete;
  }
  for (const name of node.names) importName(context, scope, name, from);
}

function importName(context: CheckContext, scope: Draft, name: Name, from: ModuleScope): void {
  const declared = from.own.get(name.text);
  if (declared) addName(context, scope, declared, name);
  if (declared || importable(from.path).has(name.text)) return;
  if (from.complete) sayNotDeclared(context, scope, name, from);
  scope.complete = false;
}

function sayNotDeclared(
  context: CheckContext,
  scope: ModuleScope,
  name: Name,
  from: ModuleScope,
): void {
  scope.used.add(name.text);
  const known = [...from.own.keys(), ...importable(from.path)];
  const use = otherUse(from.path, name.text);
  const nearest = use === undefined ? suggest(name.text, known) : undefined;
  const question = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  const place = placeOf(scope, name);
  const what = `\`${from.path}\` declares no \`${name.text}\`${question}`;
  const declares =
    known.length > 0 && nearest === undefined ? `it declares ${list(known)}` : undefined;
  const fix = use ?? declares;
  const edits = nearest === undefined ? [] : [{ place, replacement: nearest }];
  say(context, "E0205", place, { what, fix }, { edits });
}

function list(names: readonly string[]): string {
  const some = names.slice(0, 8).map((name) => `\`${name}\``);
  return some.join(", ") + (names.length > 8 ? ", …" : "");
}
