/** The grammar, its generated form and the code that reads its trees agree. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generate, generatedFile } from "../grammar/generate.ts";
import { compact, gapsIn } from "../src/syntax/parse/compact.ts";
import { contexts } from "../src/syntax/parse/context.ts";
import { rules } from "../src/syntax/parse/grammar.ts";
import { type Cst, match } from "../src/syntax/parse/match.ts";
import { parse } from "../src/syntax/parse.ts";
import { tokenize } from "../src/syntax/parse/tokens.ts";
import { everyConstruct } from "./support/every-construct.ts";
import { findingsOf } from "./support/tree.ts";

const grammar = readFileSync(new URL("../grammar/mlpipe.ohm", import.meta.url), "utf8");
const whole = { start: 0, end: everyConstruct.length };
const bare = { before: "", after: "" };

function matchFile(text: string, gaps: Parameters<typeof compact>[1]): Cst {
  const found = match(compact(text, gaps, { start: 0, end: text.length }, bare), "File");
  if (!("rule" in found)) throw new Error(`does not match at ${found.at}`);
  return found;
}

function rulesIn(node: Cst): readonly string[] {
  return [node.rule, ...node.children.flatMap(rulesIn)];
}

/** The first keywords of the rules that `rule` chooses among. */
function firstWords(rule: string): readonly string[] {
  const body =
    new RegExp(`^  ${rule} +=([^]*?)(?=\\n\\n|\\n  [A-Z/])`, "m").exec(grammar)?.[1] ?? "";
  const word = /^\s*kw<"(\w+)">/.exec(body)?.[1];
  if (word) return [word];
  return [...body.matchAll(/(?:^|\|)\s*([A-Z]\w+)/g)].flatMap(([, one = ""]) => firstWords(one));
}

describe("the grammar", () => {
  it("is what its generated form was made from", () => {
    expect(readFileSync(generatedFile, "utf8")).toBe(generate());
  });

  it("has no rule that the sample of every construct leaves out, and each is read", () => {
    expect(findingsOf(parse({ path: "all.mlpipe", text: everyConstruct }))).toEqual([]);
    const used = new Set(rulesIn(matchFile(everyConstruct, gapsIn(tokenize(everyConstruct)))));
    const syntactic = rules.filter((rule) => /^[A-Z]/.test(rule));
    expect(syntactic.filter((rule) => !used.has(rule))).toEqual([]);
  });

  it("matches a whole file as it matches one without comments, texts and code", () => {
    const { text } = compact(everyConstruct, gapsIn(tokenize(everyConstruct)), whole, bare);
    expect(text.length).toBeLessThan(everyConstruct.length);
    expect(rulesIn(matchFile(everyConstruct, []))).toEqual(rulesIn(matchFile(text, [])));
  });

  it.each(Object.values(contexts).filter(({ words }) => words.length > 0))(
    "has the items that recovery knows in $rule",
    ({ rule, words }) => {
      const item = rule === "File" ? "Declaration" : itemOf(rule);
      expect([...new Set(words)].toSorted()).toEqual([...new Set(firstWords(item))].toSorted());
    },
  );

  it.each(Object.values(contexts))("has the blocks that recovery knows in $rule", ({ blocks }) => {
    for (const block of Object.values(blocks)) expect(Object.keys(contexts)).toContain(block);
  });
});

function itemOf(block: string): string {
  return new RegExp(`^  ${block} += Block<(\\w+)>`, "m").exec(grammar)?.[1] ?? "";
}
