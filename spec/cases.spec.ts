/** Golden cases: what the compiler prints for each file of spec/cases, whole. `UPDATE=1` writes what it prints now. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { mend } from "../src/source/apply.ts";
import type { Diagnostic } from "../src/source/diagnostic.ts";
import type { Contents } from "../src/source/memory.ts";
import { messages } from "../src/source/messages.ts";
import { type Case, findCases, root } from "./support/cases.ts";
import { check, printFindings } from "./support/check.ts";

const update = process.env["UPDATE"] === "1";
if (update && process.env["CI"]) throw new Error("goldens are never rewritten under CI");

const cases = findCases();

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return `(there is no ${path}: look at what is printed, then run with UPDATE=1)\n`;
  }
}

function codeOf({ name }: Case): string {
  return name.split("-", 1)[0] ?? "";
}

function checkCase({
  name,
  contents,
  entry,
}: Pick<Case, "name" | "entry"> & { readonly contents: Contents }) {
  return check(contents, entry, name.endsWith("-on-databricks") ? { tracking: "databricks" } : {});
}

describe("a case named after a code", () => {
  it.each(cases.filter((one) => codeOf(one) !== "fine"))("$name is found and printed", (one) => {
    const diagnostics = checkCase(one);
    const printed = printFindings(diagnostics);
    if (update) writeFileSync(one.expected, printed);
    expect(printed).toBe(read(one.expected));
    expect(diagnostics.map(({ code }) => code)).toContain(codeOf(one));
  });
});

/** The files of a case after the edits of `found`, checked again. */
function checkMended(one: Case, found: Diagnostic): readonly Diagnostic[] {
  const texts = [...mend([found]).texts].map(([{ path }, text]) => [path, text] as const);
  return checkCase({ ...one, contents: { ...one.contents, ...Object.fromEntries(texts) } });
}

describe("a mechanical fix", () => {
  const fixable = cases.flatMap((one) =>
    checkCase(one)
      .filter(({ edits }) => edits.length > 0)
      .map((found, index) => ({ name: `${one.name}, ${index + 1}`, one, found })),
  );

  it.each(fixable)("of $name takes its finding away and brings no error", ({ one, found }) => {
    const before = checkCase(one);
    const after = checkMended(one, found);
    const count = (all: readonly Diagnostic[], code: string) =>
      all.filter((each) => each.code === code).length;
    expect(count(after, found.code), printFindings(after)).toBe(count(before, found.code) - 1);
    for (const { code } of after.filter(({ severity }) => severity === "error"))
      expect(count(before, code), printFindings(after)).toBeGreaterThanOrEqual(count(after, code));
  });

  it("is offered for every code that promises one", () => {
    const offered = new Set(fixable.map(({ found }) => found.code));
    const promised = "E0101 E0102 E0103 E0104 E0106 E0201 E0402 E0406 E0702".split(" ");
    expect(promised.filter((code) => !offered.has(code))).toEqual([]);
  });
});

describe("a case that is almost wrong", () => {
  it.each(cases.filter((one) => codeOf(one) === "fine"))("$name gives nothing", (one) => {
    expect(printFindings(checkCase(one))).toBe("");
  });
});

it("every golden file has its case", () => {
  const known = new Set(cases.map(({ expected }) => basename(expected)));
  const files = readdirSync(root).filter((name) => name.endsWith(".expected.txt"));
  expect(files.filter((name) => !known.has(name) || name.startsWith("fine-"))).toEqual([]);
});

it("every code that is found before a run starts has a case", () => {
  const covered = new Set(cases.map(codeOf));
  const codes = Object.keys(messages).filter((code) => code.startsWith("E"));
  expect(codes.filter((code) => !covered.has(code))).toEqual([]);
});
