/** What a file imports or declares and nothing in it uses: E0703. */
import type { ImportNode } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { type ModuleScope, placeOf } from "./scope.ts";
import { importable } from "./std/modules.ts";

/** Runs last: by then every rule has marked the names it looked up. A file that could not be read whole is left alone. */
export function checkUnused(context: CheckContext, home: ModuleScope): void {
  if (!home.complete) return;
  for (const node of home.module.declarations)
    if (node.kind === "import") checkImport(context, home, node);
  if ([...home.own.values()].some(({ kind }) => kind === "run")) checkTemplates(context, home);
}

function checkImport(context: CheckContext, home: ModuleScope, node: ImportNode): void {
  const { names, path } = node;
  for (const name of names)
    if (!home.used.has(name.text))
      say(context, "E0703", placeOf(home, name), { kind: "import", name: name.text });
  const from = context.loaded.imports.get(node);
  if (names.length > 0 || from === undefined) return;
  const functions = importable(from);
  const isUsed = [...home.used].some(
    (it) => functions.has(it) || home.names.get(it)?.home.path === from,
  );
  const name = path.parts.join("");
  if (!isUsed) say(context, "E0703", placeOf(home, path), { kind: "import", name });
}

function checkTemplates(context: CheckContext, home: ModuleScope): void {
  for (const [name, { kind, node }] of home.own)
    if (kind === "template" && !home.used.has(name))
      say(context, "E0703", placeOf(home, node.name), { kind, name });
}
