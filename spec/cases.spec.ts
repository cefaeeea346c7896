/** Golden cases: what the compiler prints for each file of spec/cases, whole. `UPDATE=1` writes what it prints now. */
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { messages } from "../src/source/messages.ts";
import { type Case, findCases } from "./support/cases.ts";
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

describe("a case named after a code", () => {
  it.each(cases.filter((one) => codeOf(one) !== "fine"))("$name is found and printed", (one) => {
    const diagnostics = check(one.contents, one.entry);
    const printed = printFindings(diagnostics);
    if (update) writeFileSync(one.expected, printed);
    expect(printed).toBe(read(one.expected));
    expect(diagnostics.map(({ code }) => code)).toContain(codeOf(one));
  });
});

describe("a case that is almost wrong", () => {
  it.each(cases.filter((one) => codeOf(one) === "fine"))("$name gives nothing", (one) => {
    expect(printFindings(check(one.contents, one.entry))).toBe("");
  });
});

it("every code that is found before a run starts has a case", () => {
  const covered = new Set(cases.map(codeOf));
  const codes = Object.keys(messages).filter((code) => code.startsWith("E"));
  expect(codes.filter((code) => !covered.has(code))).toEqual([]);
});
