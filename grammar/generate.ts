/** Writes the grammar as data, which loads in a quarter of the time that reading its source takes. */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { type Grammar, grammar } from "ohm-js";

const sourceFile = new URL("mlpipe.ohm", import.meta.url);
export const generatedFile = new URL("../src/syntax/parse/grammar.ts", import.meta.url);

/** The text that the generated file must have. */
export function generate(): string {
  const built = grammar(readFileSync(sourceFile, "utf8")) as Grammar & { toRecipe(): string };
  const rules = Object.keys(built.rules).map((rule) => `  ${JSON.stringify(rule)},\n`);
  return [
    "/** Generated from grammar/mlpipe.ohm by `npm run grammar`; a test keeps it fresh. */\n",
    "/** Every rule of the grammar; Ohm's own are not among them. */",
    `export const rules = [\n${rules.join("")}] as const;\n`,
    "export type Rule = (typeof rules)[number];\n",
    "/** What Ohm's `makeRecipe` builds the grammar from. */",
    `export const recipe: unknown = JSON.parse(\n  ${quote(withoutSource(built.toRecipe()))},\n);\n`,
  ].join("\n");
}

/** The recipe without the grammar's text and the places in it, which only Ohm's own error messages need. */
function withoutSource(recipe: string): string {
  return JSON.stringify(JSON.parse(recipe), (key, value: unknown) =>
    key === "source" || key === "sourceInterval" ? undefined : value,
  );
}

function quote(text: string): string {
  return `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url)
  writeFileSync(generatedFile, generate());
