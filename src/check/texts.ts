/** Texts: those that are fixed in the file, and those with holes that a run fills. */
import { suggest } from "../source/suggest.ts";
import type { Hole, Module, TextValue, Value as ValueNode } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import type { Template } from "./program.ts";
import { sourceOf } from "./values.ts";

/** What a hole may name. */
export interface HoleNames {
  readonly names: ReadonlySet<string>;
  /** False when something around could not be read: then an unknown name is no finding. */
  readonly complete: boolean;
}

/** Holes of a run or a template: its params, `run.name`, `run.id`, `run.experiment`, and `seed` where there is one. */
export function holesOf(
  params: Iterable<string>,
  { hasSeed, isComplete }: { readonly hasSeed: boolean; readonly isComplete: boolean },
): HoleNames {
  const given = ["run.name", "run.id", "run.experiment", ...(hasSeed ? ["seed"] : [])];
  return { names: new Set([...given, ...params]), complete: isComplete };
}

/** `template` with what `given` says in place of the holes it names. */
export function substitute(template: Template, given: ReadonlyMap<string, Template>): Template {
  return template.flatMap((part) =>
    typeof part === "string" ? [part] : (given.get(part.hole.join(".")) ?? [part]),
  );
}

/** A text that is read before any run, so that it can have no holes; a hole is E0201. */
export function fixedText(context: CheckContext, module: Module, node: TextValue): string {
  return node.parts.map((part) => (typeof part === "string" ? part : sayNoHole(part))).join("");

  function sayNoHole(hole: Hole): string {
    const place = placeIn(module, hole.span);
    const name = hole.path.join(".");
    const nothing = { suggestion: undefined, known: [], actual: undefined };
    say(context, "E0201", place, { kind: "hole", name, ...nothing });
    return "";
  }
}

/** A text whose holes name something of `holes`; another name is E0201. */
export function readTemplate(
  context: CheckContext,
  module: Module,
  node: TextValue,
  holes: HoleNames,
): Template {
  const parts = node.parts.flatMap((part) =>
    typeof part === "string" ? [part] : readHole(context, module, part, holes),
  );
  return parts.length === 0 ? [""] : parts;
}

function readHole(context: CheckContext, module: Module, hole: Hole, holes: HoleNames): Template {
  const name = hole.path.join(".");
  if (holes.names.has(name)) return [{ hole: hole.path }];
  if (!holes.complete) return [];
  const place = placeIn(module, hole.span);
  const known = [...holes.names];
  const suggestion = suggest(name, known);
  const edits = suggestion ? [{ place, replacement: `\${${suggestion}}` }] : [];
  const actual = undefined;
  say(context, "E0201", place, { kind: "value", name, suggestion, known, actual }, { edits });
  return [];
}

/** The value of a tag or an environment variable: a text, or a number or truth value as it is written. */
export function readTextual(
  context: CheckContext,
  module: Module,
  node: ValueNode,
  holes: HoleNames,
): Template {
  if (node.kind === "text") return readTemplate(context, module, node, holes);
  if (isPlain(node)) return [module.source.text.slice(node.span.start, node.span.end)];
  const found = sourceOf(module, node);
  const place = placeIn(module, node.span);
  const replacement = node.kind === "path" ? JSON.stringify(found) : undefined;
  const fix = replacement ? `write ${replacement}` : "write a text in quotes";
  const edits = replacement ? [{ place, replacement }] : [];
  say(context, "E0301", place, { found, expected: "a text", fix }, { edits });
  return [];
}

function isPlain(node: ValueNode): boolean {
  return ["number", "percent", "duration", "size", "boolean"].includes(node.kind);
}
