/** What holds for every text: no exception, no lost comment, no mistake that hides another. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Module, RunNode } from "../src/syntax/ast.ts";
import { createParser, parse } from "../src/syntax/parse.ts";
import { tokenize } from "../src/syntax/parse/tokens.ts";
import { positionAt } from "../src/source/text.ts";
import { everyConstruct } from "./support/every-construct.ts";
import { applyChange, change } from "./support/random-edit.ts";
import { randomFile } from "./support/random-file.ts";
import { commentOffsets, findingsOf, nodesIn } from "./support/tree.ts";

const noise = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((codes) => String.fromCharCode(...codes)),
  fc
    .array(
      fc.constantFrom(
        ..."{}()[]\"#'`\n\r \t\0.,=:;\\$aér1%-<",
        "run ",
        "```",
        "param x ",
        "\nrun a {",
      ),
      {
        maxLength: 200,
      },
    )
    .map((parts) => parts.join("")),
);
const changed = fc
  .tuple(
    fc.oneof(randomFile, fc.constant(everyConstruct)),
    fc.array(change, { minLength: 1, maxLength: 6 }),
  )
  .map(([text, changes]) => changes.reduce(applyChange, text));
const anyText = fc.oneof(noise, randomFile, changed);

function read(text: string) {
  return parse({ path: "any.mlpipe", text });
}

/** Every span lies in the text, and every item inside what holds it. */
function checkSpans({ source, ...module }: Module): void {
  for (const node of nodesIn(module)) {
    if (!("start" in node)) continue;
    const { start, end } = node as { start: number; end: number };
    if (!(0 <= start && start <= end && end <= source.text.length))
      throw new Error(`a span from ${start} to ${end} in ${source.text.length} characters`);
  }
}

describe("any text", () => {
  it("is a module with diagnostics, never an exception, and all its spans lie in the text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { module, diagnostics } = read(text);
        checkSpans(module);
        for (const { place, edits } of diagnostics) {
          expect(place.span.start).toBeLessThanOrEqual(place.span.end);
          expect(place.span.end).toBeLessThanOrEqual(text.length);
          for (const edit of edits) expect(edit.place.span.end).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 600 },
    );
  });

  it("has something broken in its tree exactly where it has a diagnostic of syntax", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { module, diagnostics } = read(text);
        const isBroken = [...nodesIn(module.declarations)].some(
          (node) => "kind" in node && node.kind === "broken",
        );
        if (isBroken) expect(diagnostics).not.toEqual([]);
        if (diagnostics.length === 0) expect(isBroken).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("keeps every comment in exactly one place", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const found = commentOffsets(read(text).module);
        expect(new Set(found).size).toBe(found.length);
        for (const offset of found) expect(text[offset]).toBe("#");
        const written = tokenize(text).filter(({ kind }) => kind === "comment");
        const kept = new Set(found);
        expect(written.filter(({ start }) => !kept.has(start))).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });

  it("is read after an edit as if it had never been read before", () => {
    fc.assert(
      fc.property(anyText, fc.array(change, { minLength: 1, maxLength: 5 }), (start, changes) => {
        const parseAgain = createParser();
        let text = start;
        for (const one of changes) {
          parseAgain({ path: "any.mlpipe", text });
          text = applyChange(text, one);
          const source = { path: "any.mlpipe", text };
          expect(parseAgain(source)).toEqual(parse(source));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("a well-formed file", () => {
  it("has no findings", () => {
    fc.assert(
      fc.property(randomFile, (text) => {
        expect(findingsOf(read(text))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("is the same tree with the line breaks of Windows", () => {
    fc.assert(
      fc.property(randomFile, (written) => {
        const text = written.replaceAll("\r\n", "\n");
        const shape = (module: Module) =>
          JSON.stringify({ ...module, source: undefined }, (key, value: unknown) =>
            key === "span" || key === "body"
              ? undefined
              : typeof value === "string"
                ? value.replaceAll("\r", "")
                : value,
          );
        expect(shape(read(text.replaceAll("\n", "\r\n")).module)).toBe(shape(read(text).module));
      }),
      { numRuns: 100 },
    );
  });

  it("gives a long block the items that it gives a short one", () => {
    const filler = "  param filler: float = 0.5 in 0..1\n".repeat(700);
    fc.assert(
      fc.property(randomFile, (text) => {
        for (const run of read(text).module.declarations) {
          if (run.kind !== "run") continue;
          const inner = text.slice(run.block.span.start + 1, run.block.span.end - 1);
          const short = read(`run a {${inner}\n}\n`);
          const long = read(`run a {${inner}\n${filler}}\n`);
          expect(findingsOf(long)).toEqual([]);
          const items = itemsOf(short.module);
          expect(itemsOf(long.module).slice(0, items.length)).toEqual(items);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function itemsOf({ declarations: [run] }: Module) {
  return (run as RunNode).block.items;
}

const good = fc.constantFrom(
  ["param cp: float = 0.05 in 0..1", "param"],
  ['tag note = "a # b { c"', "tag"],
  ["seed 2026", "seed"],
  ["metric recall maximize # comment", "metric"],
  ['model tree: crate at "model" { probe rows }', "model"],
  ["artifact table: csv", "artifact"],
  ["expect recall >= 0.9 and cp < 1", "expect"],
  ["resources {\n  cpus 2\n}", "resources"],
  ["step fit {\n  input a from b\n  timeout 3s\n}", "step"],
  ["```r\nx <- c(1, 2) # }\n```", "code"],
);
const bad = fc.constantFrom(
  "parm cp: float = 0.05",
  "param cp: flaot = 0.05",
  "param cp: float =",
  'tag note = "never closed',
  "metric recall maximise",
  "seed 1.5",
  "timeout 10",
  'tag x: "y"',
  "expect recall == 1",
  "artifact table: cvs",
  "model tree { probee rows }",
  "step fit {\n  input a form b\n}",
  "}}",
  "```py\nx\n```",
);

describe("a broken item", () => {
  it("hides neither the items beside it nor the mistakes in them", () => {
    const line = fc.oneof(
      { weight: 3, arbitrary: good.map(([text, kind]) => ({ text: text ?? "", kind })) },
      {
        weight: 1,
        arbitrary: bad.filter((text) => text !== "}}").map((text) => ({ text, kind: undefined })),
      },
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(line, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
        (runs) => {
          let text = "mlpipe 1\n";
          const mistakes: number[] = [];
          for (const [i, lines] of runs.entries()) {
            text += `\nrun r${i} {\n`;
            for (const { text: item, kind } of lines) {
              if (kind === undefined) mistakes.push(text.length);
              text += `${item.replace(/^/gm, item.startsWith("```") ? "" : "  ")}\n`;
            }
            text += "}\n";
          }
          const { module, diagnostics } = read(text);
          const source = module.source;
          const lineOf = (offset: number) => positionAt(source, offset).line;
          const places = diagnostics.map(({ place }) => place.span.start);
          const within = mistakes.map(
            (start) => places.filter((at) => at >= start && lineOf(at) <= lineOf(start) + 1).length,
          );
          expect(diagnostics.length, findingsOf({ module, diagnostics }).join("\n")).toBe(
            mistakes.length,
          );
          expect(within.every((count) => count > 0)).toBe(true);
          expect(module.declarations.map(({ kind }) => kind)).toEqual(runs.map(() => "run"));
          for (const [i, lines] of runs.entries()) {
            const run = module.declarations[i] as RunNode;
            expect(run.block.items.length).toBe(lines.length);
            for (const [j, { kind }] of lines.entries())
              if (kind !== undefined) expect(run.block.items[j]?.kind).toBe(kind);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
