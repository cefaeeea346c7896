/** The one piece of code of a step: a fence or a script, and its language. */
import { positionAt } from "../source/text.ts";
import type { CodeItem, ScriptItem } from "../syntax/ast.ts";
import { type CheckContext, say } from "./context.ts";
import { findFile } from "./paths.ts";
import type { Code, Language } from "./program.ts";
import { type ModuleScope, placeOf } from "./scope.ts";

export interface WrittenCode {
  readonly language: Language;
  readonly code: Code;
}

/** Of a script, by its ending in small letters. */
export const scriptLanguages: Readonly<Record<string, Language>> = {
  ".r": "r",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".ts": "ts",
  ".mts": "ts",
};

export function readCode(
  context: CheckContext,
  home: ModuleScope,
  item: CodeItem | ScriptItem,
): WrittenCode | undefined {
  return item.kind === "code" ? readFence(home, item) : readScript(context, home, item);
}

function readFence(home: ModuleScope, { language, text, body }: CodeItem): WrittenCode {
  const { source } = home.module;
  const first = positionAt(source, body.start);
  const last = positionAt(source, Math.max(body.start, body.end - (text.endsWith("\n") ? 1 : 0)));
  const place = { line: first.line, column: first.column, lastLine: last.line };
  return { language, code: { kind: "fence", text, file: home.path, ...place } };
}

function readScript(
  context: CheckContext,
  home: ModuleScope,
  { path: node }: ScriptItem,
): WrittenCode | undefined {
  const found = findFile(context, home, node);
  if (!found) return undefined;
  const { path, kind } = found;
  const ending = /\.[^./]*$/u.exec(path)?.[0] ?? "";
  const language = scriptLanguages[ending.toLowerCase()];
  const because =
    kind === "folder"
      ? "is a folder"
      : language === undefined
        ? "is no script that mlpipe runs: .R, .js, .mjs, .cjs, .ts or .mts"
        : undefined;
  if (language !== undefined && because === undefined)
    return { language, code: { kind: "script", path } };
  say(context, "E0406", placeOf(home, node), {
    path,
    because: because ?? "",
    suggestion: undefined,
  });
  return undefined;
}
