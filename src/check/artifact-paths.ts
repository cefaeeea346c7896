/** Where outputs lie below the run's artifact root; a place that cannot be is E0505. */
import type { Place } from "../source/text.ts";
import type { Module, TextValue } from "../syntax/ast.ts";
import { type CheckContext, placeIn, say } from "./context.ts";
import { fixedText } from "./texts.ts";

/** The folder of mlpipe's own records of a run. */
const reserved = "mlpipe";

/** The path after `at`, else `fallback`. */
export function readOutputPath(
  context: CheckContext,
  module: Module,
  at: TextValue | undefined,
  fallback: { readonly path: string; readonly span: Place["span"] },
): string {
  const path = at ? fixedText(context, module, at) : fallback.path;
  const because = whyImpossible(path);
  if (because !== undefined)
    say(context, "E0505", placeIn(module, at?.span ?? fallback.span), { path, because });
  return path;
}

function whyImpossible(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (/^(?:\/|[A-Za-z]:)/u.test(path)) return "it is an absolute path";
  if (path.includes("\\")) return "folders are divided by `/`, not by `\\`";
  if (/\p{Cc}/u.test(path)) return "it holds a control character";
  const parts = path.split("/");
  if (parts.includes("..")) return "it leads out of the run's artifacts";
  if (parts.some((part) => part === "" || part === ".")) return "it has an empty part or `.` in it";
  return parts[0] === reserved ? "the folder `mlpipe` is kept for mlpipe's own records" : undefined;
}

export interface Stored {
  readonly name: string;
  readonly path: string;
  readonly place: Place;
}

/** Says E0505 where two outputs of a run lie at one path, or one below the other. */
export function checkOverlaps(context: CheckContext, stored: readonly Stored[]): void {
  const byPath = new Map<string, Stored>();
  for (const output of stored) {
    const earlier = byPath.get(output.path);
    if (earlier) sayOverlap(context, output, earlier, "lies there already");
    else byPath.set(output.path, output);
  }
  for (const output of byPath.values()) {
    const above = foldersAbove(output.path).map((it) => byPath.get(it));
    const outer = above.find((it) => it !== undefined);
    if (outer) sayOverlap(context, output, outer, `is stored at \`${outer.path}\`, above it`);
  }
}

function sayOverlap(context: CheckContext, output: Stored, other: Stored, how: string): void {
  if (whyImpossible(output.path) !== undefined) return;
  const because = `\`${other.name}\` ${how}`;
  const related = [{ place: other.place, note: `\`${other.name}\` is declared here` }];
  say(context, "E0505", output.place, { path: output.path, because }, { related });
}

/** `a` and `a/b` for `a/b/c`. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1))
    folders.push(path.slice(0, at));
  return folders;
}
