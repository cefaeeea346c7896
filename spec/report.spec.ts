/** What people and programs are shown of findings; whole reports are compared. */
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyEdits, mend } from "../src/source/apply.ts";
import type { Diagnostic } from "../src/source/diagnostic.ts";
import { report, toJson } from "../src/source/report.ts";
import type { Place, SourceText } from "../src/source/text.ts";
import { widthOf } from "../src/source/width.ts";

function place(source: SourceText, words: string): Place {
  const start = source.text.indexOf(words);
  return { source, span: { start, end: start + words.length } };
}

function finding(at: Place, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: "E0101",
    severity: "error",
    message: "there is no `parm` here; did you mean `param`?",
    fix: "",
    place: at,
    related: [],
    edits: [],
    ...more,
  };
}

function shown(...diagnostics: readonly Diagnostic[]): string {
  return report(diagnostics, { color: false });
}

const iris: SourceText = {
  path: "iris.mlpipe",
  text: 'mlpipe 1\n\nrun a {\n  parm cp: float = 0.05\n  metric m\n  metric m "again"\n}\n',
};

describe("a report", () => {
  it("is empty where nothing was found", () => {
    expect(shown()).toBe("");
  });

  it("shows the line and underlines the place", () => {
    expect(shown(finding(place(iris, "parm")))).toBe(
      `iris.mlpipe:4:3  error E0101  there is no \`parm\` here; did you mean \`param\`?
  4 |   parm cp: float = 0.05
    |   ^^^^

1 error
`,
    );
  });

  it("shows what explains a finding in the order of the lines, and what to do", () => {
    const other = { path: "b.mlpipe", text: "run b {}\n" };
    const found = finding(place(iris, 'm "again"'), {
      code: "E0202",
      message: "`m` is declared twice",
      fix: "give one of them another name",
      related: [
        { place: place(iris, "run a"), note: "in this run" },
        { place: place(other, "b"), note: "and here" },
      ],
    });
    expect(shown(found)).toBe(`iris.mlpipe:6:10  error E0202  \`m\` is declared twice
  3 | run a {
    | ----- in this run
  ...
  6 |   metric m "again"
    |          ^^^^^^^^^
  b.mlpipe:1:5
  1 | run b {}
    |     - and here
  fix: give one of them another name

1 error
`);
  });

  it("shows the first and last line of a long place, and a single line between rather than a gap", () => {
    const long = { path: "a", text: "run a {\n  one\n  two\n  three\n}\n" };
    expect(shown(finding(place(long, "{\n  one\n  two\n  three\n}")))).toContain(`
  1 | run a {
    |       ^
  ...
  5 | }
    | ^
`);
    expect(shown(finding(place(long, "one\n  two\n  three")))).toContain(`
  2 |   one
    |   ^^^
  3 |   two
  4 |   three
    |   ^^^^^
`);
  });

  it("points behind the last line where something is missing at the end", () => {
    const end = iris.text.length;
    expect(shown(finding({ source: iris, span: { start: end, end } }))).toContain(`
  7 | }
  8 |
    | ^
`);
  });

  it("lines up under tabs, wide letters, marks and line breaks of Windows", () => {
    const text = 'run a {\r\n\ttag 日本 = "e\u0301😀" oops\r\n}\r\n';
    expect(shown(finding(place({ path: "a", text }, "oops")))).toContain(`
  2 |     tag 日本 = "e\u0301😀" oops
    |                      ^^^^
`);
  });

  it("cuts a very long line around the place", () => {
    const text = `tag a = "${"x".repeat(300)} here ${"y".repeat(300)}"\n`;
    const lines = shown(finding(place({ path: "a", text }, "here"))).split("\n");
    expect(lines[1]).toMatch(/^ {2}1 \| \.\.\.x+ here y+\.\.\.$/);
    expect(lines[1]?.length).toBeLessThanOrEqual(6 + 3 + 100 + 3);
    expect(lines[2]?.indexOf("^^^^")).toBe(lines[1]?.indexOf("here"));
  });

  it("says only where and what for a text that could not be read", () => {
    const unread = { source: { path: "a.mlpipe", text: "" }, span: { start: 0, end: 0 } };
    expect(shown(finding(unread, { message: "not UTF-8" }))).toBe(
      "a.mlpipe:1:1  error E0101  not UTF-8\n\n1 error\n",
    );
  });

  it("counts errors and warnings, and sorts by file, place and code", () => {
    const b = { path: "b", text: "x\n" };
    const all = shown(
      finding(place(b, "x"), { message: "four" }),
      finding(place(iris, "metric"), { message: "three", severity: "warning" }),
      finding(place(iris, "parm"), { message: "two", code: "E0202" }),
      finding(place(iris, "parm"), { message: "one" }),
    );
    expect(all.match(/one|two|three|four/g)).toEqual(["four", "one", "two", "three"]);
    expect(all).toMatch(/\n\n3 errors, 1 warning\n$/);
  });

  it("gives a text no power over the terminal", () => {
    const text = 'tag a = "\x1b]0;owned\x07\u202eevil" parm\n';
    const source = { path: "a\x1b[2J", text };
    const message = "there is no `\x1b[31mx\u009b` here";
    const out = shown(finding(place(source, "parm"), { message, fix: "\x1b[0m" }));
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(out).toContain("␛]0;owned␇");
  });

  it("has the same words with and without colour", () => {
    const found = [finding(place(iris, "parm"), { fix: "x" }), finding(place(iris, "metric"))];
    const colored = report(found, { color: true });
    expect(colored).toContain("\x1b[1;31m^^^^\x1b[0m");
    expect(stripVTControlCharacters(colored)).toBe(report(found, { color: false }));
  });

  it("never fails, and every underline lies below its line, whatever the text and the place", () => {
    const texts = fc.string({
      unit: fc.constantFrom("a", "\t", "\n", "\r\n", "日", "é", " ", "😀"),
    });
    fc.assert(
      fc.property(texts, fc.nat(40), fc.nat(40), (text, start, length) => {
        const from = Math.min(start, text.length);
        const span = { start: from, end: Math.min(from + length, text.length) };
        const out = report([finding({ source: { path: "p", text }, span })], {
          color: false,
          width: 20,
        });
        for (const line of out.split("\n").slice(1)) expect(widthOf(line)).toBeLessThan(40);
        if (text !== "") expect(out).toMatch(/\n +\| *\^+\n/);
      }),
    );
  });
});

describe("findings as JSON", () => {
  it("have lines and columns from 1 and keep every field", () => {
    const at = place(iris, "parm");
    const found = finding(at, {
      fix: "write `param`",
      related: [{ place: place(iris, "run"), note: "here" }],
      edits: [{ place: at, replacement: "param" }],
    });
    const here = { file: "iris.mlpipe", line: 4, column: 3, endLine: 4, endColumn: 7 };
    expect(JSON.parse(JSON.stringify(toJson([found])))).toEqual([
      {
        ...here,
        code: "E0101",
        severity: "error",
        message: "there is no `parm` here; did you mean `param`?",
        fix: "write `param`",
        related: [
          { file: "iris.mlpipe", line: 3, column: 1, endLine: 3, endColumn: 4, note: "here" },
        ],
        edits: [{ ...here, replacement: "param" }],
      },
    ]);
  });
});

describe("mending", () => {
  const replace = (words: string, replacement: string) => ({
    place: place(iris, words),
    replacement,
  });

  it("applies the edits of all findings, each whole", () => {
    const { texts, postponed } = mend([
      finding(place(iris, "metric"), {
        edits: [replace("metric", "model"), replace("run", "step")],
      }),
      finding(place(iris, "parm"), { edits: [replace("parm", "param")] }),
    ]);
    expect(texts.get(iris)).toContain("step a {\n  param cp: float = 0.05\n  model m\n");
    expect(postponed).toEqual([]);
  });

  it("postpones a finding that changes the place of an earlier one, with all its edits", () => {
    const late = finding(place(iris, "parm"), {
      edits: [replace("parm cp", "x"), replace("run", "step")],
    });
    const { texts, postponed } = mend([
      finding(place(iris, "parm"), { edits: [replace("parm", "param")] }),
      late,
    ]);
    expect(texts.get(iris)).toBe(iris.text.replace("parm", "param"));
    expect(postponed).toEqual([late]);
  });

  it("postpones the second of two insertions at one place", () => {
    const at = { source: iris, span: { start: 9, end: 9 } };
    const insert = finding(at, { edits: [{ place: at, replacement: "}" }] });
    expect(mend([insert, { ...insert }]).postponed).toHaveLength(1);
  });

  it("is the same as replacing from the end", () => {
    const parts = fc.array(
      fc.tuple(
        fc.string({ maxLength: 4 }),
        fc.string({ minLength: 1, maxLength: 3 }),
        fc.string({ maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(parts, (pieces) => {
        const source = { path: "p", text: pieces.map(([kept, old]) => kept + old).join("") };
        let at = 0;
        const edits = pieces.map(([kept, old, replacement]) => {
          const start = at + kept.length;
          at = start + old.length;
          return { place: { source, span: { start, end: at } }, replacement };
        });
        const wanted = pieces.map(([kept, , replacement]) => kept + replacement).join("");
        expect(applyEdits(source.text, edits.toReversed())).toBe(wanted);
      }),
    );
  });
});
