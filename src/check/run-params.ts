/** The params that a run or a template has: those of its file, and its own. */
import type { ParamItem } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { readParam } from "./params.ts";
import type { Param } from "./program.ts";
import type { ModuleScope } from "./scope.ts";

/** Own params by name, in order. One that the file has too is E0203, a second one of a name E0202. */
export function readOwnParams(
  context: CheckContext,
  home: ModuleScope,
  items: readonly ParamItem[],
): ReadonlyMap<string, Param> {
  const params = new Map<string, Param>();
  for (const item of items) {
    const param = readParam(context, home.module, item);
    const outer = home.params.get(param.name);
    const twin = params.get(param.name);
    if (outer) sayShadows(context, param, outer);
    else if (twin) sayTwice(context, param, twin);
    else params.set(param.name, param);
  }
  return params;
}

function sayShadows(context: CheckContext, param: Param, outer: Param): void {
  const related = [{ place: outer.place, note: "the file's param is declared here" }];
  const about = { kind: "param", name: param.name, other: "the file's param" };
  say(context, "E0203", param.place, about, { related });
}

/** Says E0202 about the second of two params. */
export function sayTwice(context: CheckContext, param: Param, twin: Param): void {
  const related = [{ place: twin.place, note: "it is first declared here" }];
  say(context, "E0202", param.place, { kind: "param", name: param.name }, { related });
}
