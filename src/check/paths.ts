/** Files of the project that a text names; one that is missing, outside or of the wrong kind is E0406. */
import { suggest } from "../source/suggest.ts";
import type { TextValue } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { type ModuleScope, placeOf } from "./scope.ts";
import { fixedText } from "./texts.ts";

export interface FoundFile {
  /** Relative to the project's folder, normalised. */
  readonly path: string;
  readonly kind: "file" | "folder";
}

/** The file or folder that `node` names, from the folder of the file that holds it. */
export function findFile(
  context: CheckContext,
  home: ModuleScope,
  node: TextValue,
): FoundFile | undefined {
  const written = fixedText(context, home.module, node);
  if (written === "") return sayUnusable(context, home, node, "is no path");
  if (/^(?:[/\\]|[A-Za-z]:)/u.test(written))
    return sayUnusable(context, home, node, "is an absolute path");
  if (written.includes("\\")) return sayBackslashes(context, home, node, written);
  if (isStandard(written))
    return sayUnusable(context, home, node, "is of the standard library, not of the project");
  const path = resolve(home.path, written);
  if (path === undefined) return sayUnusable(context, home, node, "leaves the project's folder");
  const kind = context.files.kind(path);
  switch (kind) {
    case "file":
    case "folder":
      return { path, kind };
    case "outside":
      return sayUnusable(context, home, node, "leaves the project's folder");
    case "unreadable":
      return sayUnusable(context, home, node, "cannot be read");
    case "missing":
      return sayMissing(context, home, node, path);
    default:
      return kind satisfies never;
  }
}

/** Whether a path names what comes with mlpipe; a project's own folder of that name cannot be reached. */
export function isStandard(written: string): boolean {
  return written === "std" || written.startsWith("std/");
}

/** `written`, as seen from the file at `from`, relative to the project's folder; undefined where it climbs out of that. */
function resolve(from: string, written: string): string | undefined {
  const parts = from.split("/").slice(0, -1);
  for (const part of written.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

function sayUnusable(
  context: CheckContext,
  home: ModuleScope,
  node: TextValue,
  because: string,
): undefined {
  const path = home.module.source.text.slice(node.span.start + 1, node.span.end - 1);
  say(context, "E0406", placeOf(home, node), { path, because, suggestion: undefined });
}

function sayBackslashes(
  context: CheckContext,
  home: ModuleScope,
  node: TextValue,
  written: string,
): undefined {
  sayMended(context, home, node, {
    path: written,
    because: "has backslashes",
    suggestion: written.replaceAll("\\", "/"),
  });
}

function sayMissing(
  context: CheckContext,
  home: ModuleScope,
  node: TextValue,
  path: string,
): undefined {
  const cut = path.lastIndexOf("/") + 1;
  const nearest = suggest(path.slice(cut), context.files.list(path.slice(0, Math.max(0, cut - 1))));
  const written = fixedText(context, home.module, node);
  const folder = written.slice(0, written.lastIndexOf("/") + 1);
  sayMended(context, home, node, {
    path: written,
    because: "is not there",
    suggestion: nearest === undefined ? undefined : folder + nearest,
  });
}

/** `suggestion` is what to write instead. */
export function sayMended(
  context: CheckContext,
  home: ModuleScope,
  node: TextValue,
  about: {
    readonly path: string;
    readonly because: string;
    readonly suggestion: string | undefined;
  },
): undefined {
  const place = placeOf(home, node);
  const { suggestion } = about;
  const edits =
    suggestion === undefined ? [] : [{ place, replacement: JSON.stringify(suggestion) }];
  say(context, "E0406", place, about, { edits });
}
