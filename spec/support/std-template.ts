/** The code of a template of the standard library in JavaScript, as a function from its params and rows to its model. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "../../src/syntax/parse.ts";
import { root } from "./mlpipe.ts";

export type Row = Readonly<Record<string, string | number>>;
export interface Model {
  readonly predict: (rows: readonly Row[]) => readonly (string | number)[];
}

const { crate } = (await import(new URL("../../stdlib/node/crate.mjs", import.meta.url).href)) as {
  readonly crate: unknown;
};

/** Executes the template's code as a step does, with `crate` as a step has it. */
export function fitTemplate(
  name: string,
  given: Readonly<Record<string, unknown>> & { readonly train: readonly Row[] },
): Model {
  const { code, model } = readTemplate(name);
  const known = { ...given, crate };
  // oxlint-disable-next-line no-implied-eval -- the code of the standard library itself
  const run = new Function(...Object.keys(known), `"use strict";\n${code}\nreturn ${model};`);
  return run(...Object.values(known)) as Model;
}

function readTemplate(name: string): { readonly code: string; readonly model: string } {
  const text = readFileSync(path.join(root, "stdlib", "node.mlpipe"), "utf8");
  const { module } = parse({ path: "std/node", text });
  const node = module.declarations.find((it) => it.kind === "step" && it.name.text === name);
  if (node?.kind !== "step" || node.body.kind !== "block") throw new Error(`no template ${name}`);
  const { items } = node.body.block;
  const code = items.find((it) => it.kind === "code");
  const model = items.find((it) => it.kind === "model");
  if (code?.kind !== "code" || model?.kind !== "model") throw new Error(`${name} makes no model`);
  return { code: code.text, model: model.key.text };
}
