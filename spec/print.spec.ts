/** The formatter changes how a file looks and nothing else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CodeItem, Module } from "../src/syntax/ast.ts";
import { parse } from "../src/syntax/parse.ts";
import { orderItems } from "../src/syntax/print-order.ts";
import { print } from "../src/syntax/print.ts";
import { findCases } from "./support/cases.ts";
import { randomFile } from "./support/random-file.ts";

function read(text: string): Module {
  const { module, diagnostics } = parse({ path: "random.mlpipe", text });
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  return module;
}

function format(text: string): string {
  return print(read(text));
}

interface Tree {
  readonly kind?: string;
  readonly items?: readonly Tree[];
  readonly block?: Tree;
  readonly body?: Tree;
}

/** A tree without places and comments, with the items of runs and steps in their canonical order. */
function meaning(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(meaning);
  if (node === null || typeof node !== "object") return node;
  const entries = Object.entries(node)
    .filter(([key]) => !["span", "trivia", "source", "dangling"].includes(key))
    .map(([key, child]) => [key, meaning(child)] as const);
  const plain: Tree = Object.fromEntries(entries);
  if (plain.kind === "code") return { ...plain, body: undefined };
  if (plain.kind === "run") return { ...plain, block: inOrder(plain.block) };
  if (plain.kind !== "step") return plain;
  return { ...plain, body: { ...plain.body, block: inOrder(plain.body?.block) } };
}

function inOrder(block: Tree | undefined): unknown {
  const items = block?.items?.map((item) => ({ ...item, kind: item.kind ?? "" })) ?? [];
  return { ...block, items: orderItems(items) };
}

function fencesOf(node: unknown): readonly CodeItem[] {
  if (node === null || typeof node !== "object") return [];
  const own = "kind" in node && node.kind === "code" ? [node as CodeItem] : [];
  return [...own, ...Object.values(node).flatMap(fencesOf)];
}

function commentsOf(text: string): readonly string[] {
  return [...text.matchAll(/#?c\d+c[^\r\n]*|# (?:above|beside|the end)/g)]
    .map(([comment]) => comment.replace(/^#/, "").trimEnd())
    .toSorted();
}

describe("the formatter", () => {
  it("keeps the meaning of every file", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        const before = meaning({ ...read(text), edition: undefined });
        expect(meaning({ ...read(format(text)), edition: undefined })).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  it("loses no comment, makes up none, and changes none", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        expect(commentsOf(format(text))).toEqual(commentsOf(text));
      }),
      { numRuns: 300 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        const once = format(text);
        expect(format(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps every byte of the code", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        const codes = (of: string) =>
          fencesOf(read(of))
            .map((fence) => fence.text)
            .toSorted();
        expect(codes(format(text))).toEqual(codes(text));
      }),
      { numRuns: 300 },
    );
  });

  it("writes line breaks as \\n outside code, one at the end, no two blank lines, no space at an end", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        const out = format(text).replace(/^ *(`{3,4})[a-z]+\n[^]*?\n *\1$/gm, "code");
        expect(out).toMatch(/^[^\r]*[^\n\r]\n$/);
        expect(out).not.toMatch(/[ \t]\n|\{\n\n|\n\n *\}/);
      }),
      { numRuns: 300 },
    );
  });

  it("adds the edition", () => {
    expect(format("")).toBe("mlpipe 1\n");
    expect(format('#!/usr/bin/env mlpipe\n# mine\nexperiment "a"')).toBe(
      '#!/usr/bin/env mlpipe\nmlpipe 1\n\n# mine\nexperiment "a"\n',
    );
  });

  it("orders the items of runs and steps, each with its comments", () => {
    const text = `mlpipe 1
run b {
  reproducible exact
  # at least
  expect m >= 0.5   # this much
  require low < high
  \`\`\`r
     m <- 1
  \`\`\`
  timeout 10min

  # what comes out
  artifact t : text
  metric m maximize
  input a from "a.csv":csv
  seed 1
  #' the lower end
  param low=1
  tag t = "x"
  param high: int=2
}`;
    expect(format(text)).toBe(`mlpipe 1

run b {
  require low < high
  #' the lower end
  param low = 1
  param high: int = 2
  tag t = "x"
  seed 1
  input a from "a.csv": csv
  metric m maximize

  # what comes out
  artifact t: text
  timeout 10min

  \`\`\`r
     m <- 1
  \`\`\`

  # at least
  expect m >= 0.5  # this much
  reproducible exact
}
`);
  });

  it("lines up what neighbours have in common", () => {
    const text = `mlpipe 1

run baseline {
  param cp: float = 0.05 in 0..1 "how much a split must help"
  param maxdepth: int = 3 in 1..30 "how many questions"
  param rest: string

  metric accuracy maximize in 0..1
  metric 日本 minimize
  metric loss over epoch minimize
}

sweep s of baseline {
  grid
  vary cp in [0.1]
  vary maxdepth in 2..6
}
`;
    expect(format(text)).toBe(`mlpipe 1

run baseline {
  param cp: float = 0.05 in 0..1     "how much a split must help"
  param maxdepth: int = 3 in 1..30   "how many questions"
  param rest: string

  metric accuracy maximize in 0..1
  metric 日本     minimize
  metric loss over epoch minimize
}

sweep s of baseline {
  grid
  vary cp       in [0.1]
  vary maxdepth in 2..6
}
`);
  });

  const formatted = findCases().filter(({ name }) => name.startsWith("fine-"));
  it.each(formatted)("leaves $name alone, which is laid out already", ({ contents, entry }) => {
    const text = new TextDecoder().decode(contents[entry]);
    expect(format(text)).toBe(text);
  });

  it("refuses a file with syntax errors", () => {
    const { module } = parse({ path: "a", text: "run a {\n  parm b\n}\n" });
    expect(() => print(module)).toThrow("syntax errors");
  });
});
