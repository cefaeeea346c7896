/** The normal form of JavaScript and TypeScript: the syntax tree without places, so that comments and layout are no change. */
import { stripTypeScriptTypes } from "node:module";
import type { Program } from "acorn";
import type { Language } from "../../check/program.ts";

/** Undefined where the code cannot be parsed. */
export async function normalFormOfJs(
  code: string,
  language: Exclude<Language, "r">,
): Promise<string | undefined> {
  const { parse } = await import("acorn");
  const common = {
    ecmaVersion: "latest",
    allowHashBang: true,
    allowAwaitOutsideFunction: true,
  } as const;
  const text = language === "ts" ? withoutTypes(code) : code;
  for (const sourceType of ["module", "script"] as const) {
    const tree = attempt(() => parse(text ?? "", { ...common, sourceType }));
    if (text !== undefined && tree)
      return JSON.stringify([sourceType, tree satisfies Program], keep);
  }
  return undefined;
}

/** Types go, as Node takes them away. */
function withoutTypes(code: string): string | undefined {
  const emitWarning: unknown = Reflect.get(process, "emitWarning");
  // Node says that this is an experiment; its steps run the same, and whoever runs them cannot change it.
  process.emitWarning = () => {};
  try {
    return attempt(() => stripTypeScriptTypes(code, { mode: "strip" }));
  } finally {
    Reflect.set(process, "emitWarning", emitWarning);
  }
}

/** What a parser answers; undefined for its own error, a SyntaxError. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Without offsets and spellings; numbers that JSON lacks by name. `raw` of a template is its meaning, not a spelling. */
function keep(this: unknown, key: string, value: unknown): unknown {
  if (key === "start" || key === "end") return undefined;
  if (key === "raw" && !isTemplate(this)) return undefined;
  if (typeof value === "bigint") return undefined;
  return typeof value === "number" && !Number.isFinite(value) ? `number ${value}` : value;
}

function isTemplate(holder: unknown): boolean {
  return typeof holder === "object" && holder !== null && "cooked" in holder;
}
