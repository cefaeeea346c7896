/** Text that comes in pieces: lines of a growing file, and output from which secrets are taken. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openRedactor, redact } from "../src/run/output-redact.ts";
import { type TailedLine, tailLines } from "../src/run/tail.ts";

function newFile(content: string | Uint8Array = ""): string {
  const folder = mkdtempSync(path.join(tmpdir(), "mlpipe-tail-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "events.ndjson");
  writeFileSync(file, content);
  return file;
}

/** Cuts bytes at the given places, taken modulo the length. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

async function gather(lines: AsyncGenerator<TailedLine, string>): Promise<{
  readonly lines: readonly TailedLine[];
  readonly rest: string;
}> {
  const found: TailedLine[] = [];
  for (;;) {
    const next = await lines.next();
    if (next.done) return { lines: found, rest: next.value };
    found.push(next.value);
  }
}

describe("the tail of a growing file", () => {
  const texts = fc.array(
    fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", "\r"), maxLength: 5 }),
  );
  const cuts = fc.array(fc.nat(), { maxLength: 6 });

  test("is the same lines, however the writer cuts them and wherever it begins", async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, fc.nat(), async (wanted, places, start) => {
        const file = newFile();
        const bytes = Buffer.from(wanted.map((text) => `${text}\n`).join(""));
        const firstLine = start % (wanted.length + 1);
        const from = Buffer.byteLength(
          wanted
            .slice(0, firstLine)
            .map((text) => `${text}\n`)
            .join(""),
        );
        let end = (): void => {};
        const gathering = gather(
          tailLines(file, from, new Promise<void>((resolve) => (end = resolve))),
        );
        for (const piece of cut(bytes, places)) {
          appendFileSync(file, piece);
          await new Promise((resolve) => setImmediate(resolve));
        }
        end();
        const { lines, rest } = await gathering;
        expect(lines.map((line) => line.text)).toEqual(wanted.slice(firstLine));
        expect(lines.at(-1)?.end ?? from).toBe(bytes.length);
        expect(rest).toBe("");
      }),
      { numRuns: 60 },
    );
  });

  test("hands over a line as soon as its line break is there, not before", async () => {
    const file = newFile("one\ntw");
    const lines = tailLines(file, 0, new Promise(() => {}));
    expect((await lines.next()).value).toEqual({ text: "one", end: 4 });
    const second = lines.next();
    appendFileSync(file, "o\nthr");
    expect((await second).value).toEqual({ text: "two", end: 8 });
    await lines.return("");
  });

  test("returns a torn last line apart", async () => {
    const { lines, rest } = await gather(tailLines(newFile("one\ntw"), 0, Promise.resolve()));
    expect([lines, rest]).toEqual([[{ text: "one", end: 4 }], "tw"]);
  });

  test("ends also when what it waits for has failed", async () => {
    const { lines } = await gather(
      tailLines(newFile("one\n"), 0, Promise.reject(new Error("gone"))),
    );
    expect(lines).toHaveLength(1);
  });

  test("holds lines that are longer than it reads at a time", async () => {
    const long = "é".repeat(200_000);
    const { lines } = await gather(tailLines(newFile(`${long}\nshort\n`), 0, Promise.resolve()));
    expect(lines.map((line) => line.text)).toEqual([long, "short"]);
  });
});

describe("secrets", () => {
  const letter = fc.constantFrom("a", "b", "c");
  const word = fc.string({ unit: letter, minLength: 1, maxLength: 4 });

  test("are taken out in the same way wherever the text is cut", () => {
    const secrets = fc.array(word, { maxLength: 3 });
    const pieces = fc.array(fc.string({ unit: letter, maxLength: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(secrets, pieces, (hidden, parts) => {
        const redactor = openRedactor(hidden);
        const shown = parts.map((part) => redactor.push(part)).join("") + redactor.flush();
        expect(shown).toBe(redact(parts.join(""), hidden));
        for (const secret of hidden) expect(shown).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });

  test("that are not in the text leave it as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const redactor = openRedactor(["\u{10ffff}-secret"]);
        expect(parts.map((part) => redactor.push(part)).join("") + redactor.flush()).toBe(
          parts.join(""),
        );
      }),
    );
  });

  test("hold back no more than what may begin one", () => {
    const redactor = openRedactor(["secret"]);
    expect(redactor.push("a line\nse")).toBe("a line\n");
    expect(redactor.push("at")).toBe("seat");
    expect(redactor.push("sec")).toBe("");
    expect(redactor.push("ret!")).toBe("***!");
    expect(redactor.flush()).toBe("");
  });

  test.each([
    ["as they are", "$1.*\\", "x$1.*\\y", "x***y"],
    ["as JSON spells them", 'a"b\\c', JSON.stringify({ token: 'a"b\\c' }), '{"token":"***"}'],
    ["with their lines on one", "first\n second", "is: first second.", "is: ***."],
    [
      "line by line, when lines are long",
      "-----BEGIN-----\nabcdefghij\nend",
      "only abcdefghij",
      "only ***",
    ],
    ["the longer one first", "ab", "abab", "******"],
  ])("are found %s", (_, secret, text, shown) => {
    expect(redact(text, [secret, ""])).toBe(shown);
  });
});
