/** Laws of the checker, over files that nobody wrote. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compile } from "../src/compile.ts";
import type { Program } from "../src/check/program.ts";
import { mend } from "../src/source/apply.ts";
import { type Contents, memoryFiles } from "../src/source/memory.ts";
import { parse } from "../src/syntax/parse.ts";
import { standard } from "./support/check.ts";
import { randomFile } from "./support/random-file.ts";

const folder = join(import.meta.dirname, "programs");
const contents: Record<string, string> = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => !name.endsWith(".txt"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const names = Object.keys(contents).filter((name) => name.endsWith(".mlpipe"));
const someName = fc.constantFrom(...names);

function compileAs(name: string, text: string) {
  const all: Contents = { ...standard, ...contents, [name]: text };
  return compile(name, memoryFiles(all));
}

/** Words that mean something at many places, so that a change is often still a file that can be read. */
const word = fc.constantFrom(
  ...'split fit learn baseline cp 0.5 -1 1e300 null true "x" "../x" "${cp}" [1] [] 5..2 rmse( best of run step'.split(
    " ",
  ),
  ..."from after uses artifact: csv rds model metric import sweep compare seed { } ``` = in".split(
    " ",
  ),
);

/** A file some of whose words have been dropped, doubled, mistyped, or replaced by others, most of them its own. */
const changed = fc
  .tuple(
    someName,
    fc.array(fc.record({ at: fc.nat(), from: fc.nat(), kind: fc.nat(9), word }), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([name, changes]) => {
    const pieces = (contents[name] ?? "").split(/(\s+|[{}(),:=."])/u);
    const words = [...pieces.keys()].filter((i) => /^[\w-]+$/u.test(pieces[i] ?? ""));
    for (const change of changes) {
      const i = words[change.at % words.length] ?? 0;
      pieces[i] = changeWord(pieces[i] ?? "", change.kind, {
        own: pieces[words[change.from % words.length] ?? 0] ?? "",
        foreign: change.word,
      });
    }
    return { name, text: pieces.join("") };
  });

function changeWord(
  old: string,
  kind: number,
  others: { readonly own: string; readonly foreign: string },
): string {
  if (kind === 0) return "";
  if (kind === 1) return `${old} ${old}`;
  if (kind === 2) return others.foreign;
  return kind < 6 ? old.slice(0, 1) + old.slice(2) : others.own;
}

describe("the checker", () => {
  it("never throws, and gives a program exactly where it finds no error", () => {
    const anyFile = fc.oneof(
      changed,
      randomFile.map((text) => ({ name: "main.mlpipe", text })),
    );
    fc.assert(
      fc.property(anyFile, ({ name, text }) => {
        const { program, diagnostics } = compileAs(name, text);
        const errors = diagnostics.filter(({ severity }) => severity === "error");
        expect(program === undefined).toBe(errors.length > 0);
      }),
      { numRuns: 400 },
    );
  });

  it("says the same of the same text", () => {
    fc.assert(
      fc.property(changed, ({ name, text }) => {
        const [one, two] = [compileAs(name, text), compileAs(name, text)];
        expect(one.diagnostics).toEqual(two.diagnostics);
        expect(one.program).toEqual(two.program);
      }),
      { numRuns: 60 },
    );
  });

  it("places every finding inside a file that was read, on one of its characters at least", () => {
    fc.assert(
      fc.property(changed, ({ name, text }) => {
        const { loaded, diagnostics } = compileAs(name, text);
        const sources = new Set([...(loaded?.modules.values() ?? [])].map(({ source }) => source));
        for (const { place, code } of diagnostics.filter((it) => !it.code.startsWith("E01"))) {
          expect([code, sources.has(place.source)]).toEqual([code, true]);
          expect(place.span.end, code).toBeGreaterThan(place.span.start);
          expect(place.span.end, code).toBeLessThanOrEqual(place.source.text.length);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("offers edits that can be applied, and after which the finding is another or gone", () => {
    fc.assert(
      fc.property(changed, ({ name, text }) => {
        const { diagnostics } = compileAs(name, text);
        const own = diagnostics.filter(
          ({ edits, code }) => edits.length > 0 && !code.startsWith("E01"),
        );
        for (const finding of own) {
          const mended = mend([finding]).texts.get(finding.place.source);
          if (mended === undefined) continue;
          const after = compileAs(name, mended).diagnostics;
          const same = after.filter(
            ({ code, message, place }) =>
              code === finding.code &&
              message === finding.message &&
              place.span.start === finding.place.span.start,
          );
          expect(same, finding.message).toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The declarations of a file, each with the comments above it. */
function declarationsOf(text: string): readonly string[] {
  const { module } = parse({ path: "main.mlpipe", text });
  const ends = module.declarations.map(({ span }) => span.end);
  const begin = module.edition?.span.end ?? 0;
  return ends.map((end, i) => text.slice(ends[i - 1] ?? begin, end));
}

/** All of a program that does not say where something stands. */
function contentOf(program: Program | undefined): unknown {
  const hidden = new Set(["place", "line", "column", "lastLine", "main", "sources", "own"]);
  const plain = (value: unknown): unknown => {
    if (value instanceof Map) return plain(Object.fromEntries([...value].toSorted()));
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !hidden.has(key));
    return Object.fromEntries(kept.map(([key, it]) => [key, plain(it)]));
  };
  return plain(program);
}

describe("the order of declarations", () => {
  it("does not change the program", () => {
    const shuffled = someName.chain((name) => {
      const declarations = declarationsOf(contents[name] ?? "");
      const all = { minLength: declarations.length, maxLength: declarations.length };
      return fc.tuple(fc.constant(name), fc.shuffledSubarray([...declarations], all));
    });
    fc.assert(
      fc.property(shuffled, ([name, declarations]) => {
        const before = compileAs(name, contents[name] ?? "").program;
        const after = compileAs(name, `mlpipe 1\n${declarations.join("\n")}\n`).program;
        expect(before).toBeDefined();
        expect(contentOf(after)).toEqual(contentOf(before));
      }),
      { numRuns: 60 },
    );
  });
});
