/** The table of messages holds what it promises: each example is wrong in exactly its way, and its fix mends it. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mend } from "../src/source/apply.ts";
import { explain, listCodes } from "../src/source/explain.ts";
import type { Message } from "../src/source/message.ts";
import { messages } from "../src/source/messages.ts";
import { checkText, printFindings } from "./support/check.ts";

const table = Object.entries(messages) as unknown as readonly (readonly [string, Message<never>])[];
const examples = table.flatMap(([code, { wrong, right }]) =>
  wrong === undefined ? [] : [{ code, wrong, right }],
);

/** Language.md, section 4. `mended` have a mechanical fix (E0406 has one only where a file is near: see the cases). */
const codes =
  "E0100 E0101 E0102 E0103 E0104 E0105 E0106 E0107 E0108 E0109 E0201 E0202 E0203 E0204 E0205 E0301 E0302 E0303 " +
  "E0304 E0305 E0306 E0307 E0401 E0402 E0403 E0404 E0405 E0406 E0501 E0502 E0503 E0504 E0505 E0601 E0602 E0603 " +
  "E0604 E0605 E0701 E0702 E0703 E0704 E0705 R0801";
const mended = "E0101 E0102 E0103 E0104 E0106 E0201 E0402 E0702".split(" ");
const warnings = "E0503 E0604 E0701 E0702 E0703 E0704 E0705".split(" ");

const goldens = join(import.meta.dirname, "cases/explain");
const update = process.env["UPDATE"] === "1" && !process.env["CI"];

describe("the table", () => {
  it("has every code of the language", () => {
    const known = new Set(table.map(([code]) => code));
    expect(codes.split(" ").filter((code) => !known.has(code))).toEqual([]);
  });

  it("calls errors and warnings what the language calls them", () => {
    const wrong = table.filter(
      ([code, { severity }]) =>
        code.startsWith("E") && (severity === "warning") !== warnings.includes(code),
    );
    expect(wrong.map(([code]) => code)).toEqual([]);
  });

  it("has a page for every code, and no two codes share a title or a page", () => {
    const titles = table.map(([, { title }]) => title);
    const pages = table.map(([, { page }]) => page);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
    expect(pages.filter((page, index) => pages.indexOf(page) !== index)).toEqual([]);
    expect(pages.filter((page) => !/^[A-Z`].*\.$/s.test(page))).toEqual([]);
  });

  it("shows a mended file wherever it shows a wrong one", () => {
    expect(examples.filter(({ right }) => right === undefined)).toEqual([]);
  });
});

describe("an example", () => {
  it.each(examples)("of $code is wrong in that way and no other", ({ code, wrong }) => {
    const found = checkText(wrong);
    expect(
      found.map((one) => one.code),
      printFindings(found),
    ).toEqual([code]);
  });

  it.each(examples)("of $code, mended, is fine", ({ right }) => {
    expect(printFindings(checkText(right ?? ""))).toBe("");
  });

  it.each(examples.filter(({ code }) => mended.includes(code)))(
    "of $code is mended by its own edits",
    ({ code, wrong }) => {
      const { texts } = mend(checkText(wrong));
      const left = checkText([...texts.values()].join("") || wrong);
      const bad = left.filter((one) => one.severity === "error" || one.code === code);
      expect(printFindings(bad)).toBe("");
    },
  );
});

describe("what is said", () => {
  const said = examples.flatMap(({ code, wrong }) =>
    checkText(wrong).map(({ message, fix }) => ({ code, message, fix })),
  );

  it("is one line, without a full stop, a place or a code in it", () => {
    const lines = said.flatMap(({ message, fix }) => (fix === "" ? [message] : [message, fix]));
    for (const line of lines) {
      expect(line).not.toMatch(/[\n\r]|\.$|\b[ER]0\d{3}\b|undefined|\[object|NaN/);
      expect(line).not.toBe("");
    }
  });

  it("never blames, and never shouts", () => {
    for (const { message, fix } of said)
      expect(`${message} ${fix}`).not.toMatch(
        /!|\b(you (must|should|forgot)|invalid|illegal|wrong)\b/i,
      );
  });

  it("differs from code to code", () => {
    const owners = new Map<string, Set<string>>();
    for (const { code, message } of said) {
      const shape = message.replaceAll(/`[^`]*`|\d+/g, "_");
      owners.set(shape, (owners.get(shape) ?? new Set()).add(code));
    }
    expect([...owners].filter(([, codesOf]) => codesOf.size > 1)).toEqual([]);
  });
});

describe("mlpipe explain", () => {
  it.each(listCodes())("$code has its page", ({ code }) => {
    const { text } = explain(code, (example) => printFindings(checkText(example)));
    if (update) writeFileSync(join(goldens, `${code}.txt`), text);
    expect(text).toBe(readFileSync(join(goldens, `${code}.txt`), "utf8"));
  });

  it("has no page of a code that is gone", () => {
    const pages = readdirSync(goldens).map((name) => name.replace(/\.txt$/, ""));
    expect(pages.filter((code) => !(code in messages))).toEqual([]);
  });

  it("finds a code by its number and by its title, in any case", () => {
    const page = explain("E0101");
    expect(page.kind).toBe("page");
    for (const way of ["e0101", "0101", " E0101 ", "Unknown Word"])
      expect(explain(way)).toEqual(page);
  });

  it("names the nearest code where there is none", () => {
    expect(explain("E01O1")).toEqual({
      kind: "unknown",
      text: "there is no code `E01O1`; did you mean `E0101`?\n",
    });
    expect(explain("unknown wrd")).toEqual({
      kind: "unknown",
      text: "there is no code `unknown wrd`; did you mean `unknown word`?\n",
    });
  });
});
