/** Files of every kind: what differs only in how it was written is the same, and a planted difference is found where it is. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Format } from "../src/check/program.ts";
import { contentDigest } from "../src/content/digest.ts";
import { compareFiles } from "../src/repro/compare/compare-file.ts";
import { compareFolders } from "../src/repro/compare/compare-folder.ts";
import type { Difference } from "../src/repro/compare/comparison.ts";
import type { Finding } from "../src/repro/compare/finding.ts";
import { noR } from "./support/r-step.ts";
import { type PngOptions, pdf, png, tar, zip } from "./support/written-files.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-files-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Content = string | Buffer;
let count = 0;

function write(name: string, content: Content): string {
  const folder = path.join(root, `${count++}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
}

/** The digests are the same exactly where the content is; where nobody can say what that is there is none. */
async function compare(
  name: string,
  [before, after]: readonly [Content, Content],
  format: Format = "file",
): Promise<Finding> {
  const files = [write(name, before), write(name, after)] as const;
  const finding = await compareFiles(...files, format, process.env);
  const digests = await Promise.all(files.map((file) => contentDigest(file, format)));
  const isSame = finding.rung === "bytes" || finding.rung === "content";
  if (!digests.includes(undefined))
    expect([digests[0] === digests[1], finding.isUndecided]).toEqual([isSame, false]);
  else expect(finding.isUndecided || finding.rung === "bytes").toBe(true);
  return finding;
}

async function differenceOf(
  name: string,
  pair: readonly [Content, Content],
): Promise<Difference | undefined> {
  const { rung, difference } = await compare(name, pair);
  expect(rung).toBeUndefined();
  return difference;
}

describe("csv", () => {
  test.each([
    ["digits that make the same number", "a\n0.1\n", "a\n0.10\n"],
    ["quotes around a text", "a,b\nx,1\n", '"a","b"\n"x",1\n'],
    ["ends of lines", "a\n1\n", "a\r\n1\r\n"],
    ["the last end of line", "a\n1\n", "a\n1"],
    ["ends of lines where a quoted text does not end", 'a\n"1\n', 'a\r\n"1\r\n'],
  ])("is the same but for %s", async (_, before, after) => {
    expect((await compare("t.csv", [before, after])).rung).toBe("content");
  });

  test("tells the cells that differ by row and column", async () => {
    const pair = ["a,b\n1,x\n2,y\n", "a,b\n1,x\n2.5,z\n"] as const;
    expect(await differenceOf("t.csv", pair)).toMatchObject({
      count: 2,
      cells: [
        { row: 2, column: "a", before: "2", after: "2.5" },
        { row: 2, column: "b", before: "y", after: "z" },
      ],
    });
  });

  test.each([
    ["a number and the same in quotes", "a\n1\n", 'a\n"1"\n', { row: 1, column: "a" }],
    ["0 and -0", "a\n0\n", "a\n-0\n", { row: 1, column: "a" }],
    ["digits beyond a double", "a\n9007199254740993\n", "a\n9007199254740992\n", { row: 1 }],
    ["a column more", "a\n1\n", "a,b\n1,2\n", { row: 0, column: "b", before: "", after: "b" }],
    ["the order of columns", "a,b\n1,1\n", "b,a\n1,1\n", { row: 0, column: "1" }],
    ["a row in between", "a\n1\n3\n", "a\n1\n2\n3\n", { row: 2, before: "", after: "2" }],
    ["a cell too many", "a\n1\n", "a\n1,2\n", { row: 1, column: "2", after: "2" }],
  ])("tells apart %s", async (_, before, after, first) => {
    const difference = await differenceOf("t.csv", [before, after]);
    expect(difference?.kind === "cells" && difference.cells[0]).toMatchObject(first);
  });

  test("that cannot be read is compared as text", async () => {
    expect(await compare("t.csv", ['a\n"1\n', 'a\n"2\n'])).toMatchObject({
      difference: { kind: "lines" },
      notes: ["compared as text: it has a quoted text that does not end"],
    });
  });

  test("of any cells: one changed cell is found, and only that", async () => {
    const cell = fc.stringMatching(/^[ -~é\n]{0,6}$/);
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 });
    const print = (rows: readonly (readonly [string, string])[]): string =>
      [["a", "b"], ...rows]
        .map((row) => row.map((it) => `"${it.replaceAll('"', '""')}"`).join(",") + "\n")
        .join("");
    await fc.assert(
      fc.asyncProperty(table, fc.nat(), cell, async (rows, at, other) => {
        const row = at % rows.length;
        fc.pre(rows[row]?.[1] !== other);
        const changed = rows.map((it, i) => (i === row ? ([it[0], other] as const) : it));
        expect(await differenceOf("t.csv", [print(rows), print(changed)])).toMatchObject({
          count: 1,
          cells: [{ row: row + 1, column: "b", before: rows[row]?.[1], after: other }],
        });
      }),
      { numRuns: 30 },
    );
  });
});

describe("json", () => {
  test("is the same whatever the order of keys and the spaces", async () => {
    const pair = ['{"a":1,"b":[1.0,2]}', '{ "b": [1, 2e0],\n "a": 1 }\n'] as const;
    expect((await compare("t.json", pair)).rung).toBe("content");
  });

  test.each([
    ["a number", '{"a":[1,{"b c":0.1}]}', '{"a":[1,{"b c":0.2}]}', 'a[1]["b c"]', "0.1", "0.2"],
    ["a key", '{"a":1}', '{"b":1}', "a", "1", "nothing"],
    ["a key that all objects know", '{"toString":1}', "{}", "toString", "1", "nothing"],
    ["the key of prototypes", '{"__proto__":{}}', "{}", "__proto__", "an object of 0", "nothing"],
    ["a type", "[1]", '["1"]', "[0]", "1", '"1"'],
    ["a length", "[1]", "[1,2]", "[1]", "nothing", "2"],
    [
      "a large number",
      "9007199254740993",
      "9007199254740992",
      "",
      "9007199254740993",
      "9007199254740992",
    ],
    ["the sign of 0", "0", "-0", "", "0", "-0"],
    ["what is no object", "null", "{}", "", "null", "an object of 0"],
  ])("tells where %s differs", async (_, a, b, at, before, after) => {
    const difference = await differenceOf("t.json", [a, b]);
    expect(difference?.kind === "values" && difference.values[0]).toEqual({
      path: at,
      before,
      after,
    });
  });

  test("of any value is the same as itself with its keys turned round", async () => {
    const turned = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(turned);
      if (typeof value !== "object" || value === null) return value;
      const entries = Object.entries(value).toReversed();
      return Object.fromEntries(entries.map(([key, it]) => [key, turned(it)]));
    };
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const pair = [
          JSON.stringify(value),
          `${JSON.stringify(turned(value), null, 1)}\n`,
        ] as const;
        expect(["bytes", "content"]).toContain((await compare("t.json", pair)).rung);
      }),
      { numRuns: 30 },
    );
  });
});

describe("texts", () => {
  test("show the lines that differ", async () => {
    expect(await differenceOf("log.txt", ["a\nb\nc\n", "a\nB\nc\n"])).toEqual({
      kind: "lines",
      patch: "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n",
    });
  });

  test("that differ nearly everywhere are not laid out", async () => {
    const lines = (word: string) =>
      Array.from({ length: 900 }, (_, at) => `${word}${at}\n`).join("");
    expect(await differenceOf("log.txt", [lines("a"), lines("b")])).toEqual({
      kind: "lines",
      patch: undefined,
    });
  });

  test("of pages are the same but for the random names of widgets", async () => {
    const page = (id: string) =>
      `<div id="htmlwidget-${id}"></div>\n<script for="htmlwidget-${id}">`;
    const pair = [page("0123456789abcdef0123"), page("fedcba98765432100123")] as const;
    expect((await compare("page.html", pair)).rung).toBe("content");
  });

  test("of drawings are the same but for their comments and dates", async () => {
    const drawing = (date: string, x = 1) =>
      `<svg><!-- made ${date} -->\n<dc:date>${date}</dc:date><path d="M${x}"/></svg>\n`;
    expect((await compare("p.svg", [drawing("today"), drawing("now")])).rung).toBe("content");
    expect(await differenceOf("p.svg", [drawing("a"), drawing("a", 2)])).toMatchObject({
      kind: "lines",
    });
  });
});

describe("pictures", () => {
  const pixels = [0, 10, 20, 30, 5, 15, 25, 255, 7, 9, 80, 81, 12, 1, 2, 3, 0, 10, 81, 255];

  test.each<[string, PngOptions]>([
    ["little compressed", { level: 0 }],
    ["with another note", { note: "Date\0now" }],
    ...([1, 2, 3, 4] as const).map((filter): [string, PngOptions] => [
      `filter ${filter}`,
      { filter },
    ]),
    ["in colours", { type: 2, filter: 4 }],
    ["with a palette", { type: 3 }],
    ["interlaced", { interlaced: true }],
    ["interlaced, filtered and in colours", { interlaced: true, filter: 4, type: 2 }],
  ])("are the same, stored %s", async (_, options) => {
    expect((await compare("p.png", [png(pixels), png(pixels, options)])).rung).toBe("content");
  });

  test("are the same, interlaced, with pixels in every pass", async () => {
    const wide = Array.from({ length: 130 }, (_, at) => at);
    const pair = [png(wide, { width: 13 }), png(wide, { width: 13, interlaced: true })] as const;
    expect((await compare("p.png", pair)).rung).toBe("content");
  });

  test("that differ say in how many pixels", async () => {
    const other = png(pixels.with(3, 31).with(7, 254));
    expect(await differenceOf("p.png", [png(pixels), other])).toMatchObject({
      kind: "pictures",
      pixels: 2,
      before: { width: 4, height: 5 },
    });
  });

  test("of different sizes differ as a whole", async () => {
    const pair = [png(pixels), png([...pixels, 1, 2, 3, 4])] as const;
    expect(await differenceOf("p.png", pair)).toMatchObject({
      pixels: undefined,
      after: { height: 6 },
    });
  });
});

describe("pdf", () => {
  test("is the same whenever and by whatever program it was written", async () => {
    const pair = [pdf("20260101", "0 0 m\n"), pdf("20270202", "0 0 m\n", 0)] as const;
    expect((await compare("p.pdf", pair)).rung).toBe("content");
  });

  test("shows what is drawn differently", async () => {
    const pair = [pdf("20260101", "0 0 m\n1 1 l\n"), pdf("20270202", "0 0 m\n1 2 l\n")] as const;
    expect(await differenceOf("p.pdf", pair)).toMatchObject({
      patch: expect.stringContaining("-1 1 l\n+1 2 l\n"),
    });
  });
});

describe("files in files", () => {
  test("are the same whenever they were packed, and however tightly", async () => {
    const rows = "a\n1\n".repeat(50);
    const packed = [gzipSync(rows, { level: 1 }), gzipSync(rows, { level: 9 })] as const;
    expect((await compare("t.csv.gz", packed)).rung).toBe("content");
    expect((await compare("t.tar", [tar(1, { a: "x" }), tar(2, { a: "x" })])).rung).toBe("content");
    expect((await compare("t.zip", [zip(1, "a", "x"), zip(2, "a", "x")])).rung).toBe("content");
  });

  test.each([
    [5, "content"],
    [6, undefined],
  ])("are opened to the fifth: %i of them", async (depth, rung) => {
    const packed = (level: number): Buffer =>
      Array.from({ length: depth - 1 }).reduce<Buffer>(
        (inner) => gzipSync(inner),
        gzipSync("a\n1\n", { level }),
      );
    expect((await compare("t", [packed(1), packed(9)])).rung).toBe(rung);
  });

  test("are compared by what they are", async () => {
    const pair = [gzipSync("a\n1\n"), gzipSync("a\n2\n")] as const;
    expect(await differenceOf("t.csv.gz", pair)).toMatchObject({ kind: "cells" });
    const zips = [zip(1, "t.csv", "a\n1\n"), zip(1, "t.csv", "a\n2\n")] as const;
    expect(await differenceOf("t.zip", zips)).toMatchObject({
      files: [{ path: "t.csv", difference: { kind: "cells" } }],
    });
    const tars = [tar(1, { a: "x", b: "y" }), tar(1, { a: "x", c: "y" })].map((it) => gzipSync(it));
    expect(await differenceOf("t.tgz", [tars[0] ?? "", tars[1] ?? ""])).toMatchObject({
      files: [
        { path: "b", difference: { kind: "only", side: "before" } },
        { path: "c", difference: { kind: "only", side: "after" } },
      ],
    });
  });
});

describe("what is not known", () => {
  test("differs by its bytes", async () => {
    const pair = [Buffer.from([0, 1, 2, 3]), Buffer.from([0, 1, 9])] as const;
    expect(await differenceOf("t.bin", pair)).toEqual({
      kind: "bytes",
      before: 4,
      after: 3,
      offset: 2,
    });
  });

  test("or is damaged, is undecided, never the same", async () => {
    const damaged = png([1, 2, 3, 4]).subarray(0, 60);
    expect(await compare("p.png", [png([1, 2, 3, 4]), damaged], "png")).toMatchObject({
      isUndecided: true,
      notes: [expect.stringContaining("it is a damaged PNG")],
    });
  });

  test("or only R reads, has no digest, nor has what unpacks to more than there is room for", async () => {
    const grey = Array.from({ length: 400 }, () => 7);
    const rawVector = "580a00000003000402020003050000000005" + "5554462d38" + "0000001800000190";
    const files = {
      "t.parquet": Buffer.from("PAR1"),
      "t.txt.gz": gzipSync("a".repeat(400)),
      "t.zip": zip(1, "a", "a".repeat(400)),
      "t.tar.gz": gzipSync(tar(1, { a: gzipSync("a".repeat(400)).toString("latin1") })),
      "p.png": png(grey),
      "p.pdf": pdf("2026", "0 0 m\n".repeat(80)),
      "o.rds": gzipSync(Buffer.concat([Buffer.from(rawVector, "hex"), Buffer.alloc(400)])),
    };
    const told: Record<string, readonly boolean[]> = {};
    for (const [name, content] of Object.entries(files)) {
      const file = write(name, content);
      const digests = [
        await contentDigest(file, "file", { mostUnpacked: 399 }),
        await contentDigest(file, "file", { mostUnpacked: 1 << 20 }),
      ];
      told[name] = digests.map((it) => it !== undefined);
      expect([undefined, digests[1]]).toContain(digests[0]);
    }
    expect(told).toEqual({
      "t.parquet": [false, false],
      "t.txt.gz": [false, true],
      "t.zip": [false, true],
      "t.tar.gz": [false, true],
      "p.png": [false, true],
      "p.pdf": [false, true],
      "o.rds": [false, true],
    });
  });

  // gzip reads what follows an end as more of the same.
  const packedZeros = gzipSync(Buffer.alloc(1_000_000));
  const gzipBomb = (begin: string, count: number): Buffer =>
    Buffer.concat([gzipSync(begin), ...Array.from({ length: count }, () => packedZeros)]);
  const streamOf = (size: number): Buffer =>
    Buffer.concat([
      Buffer.from("1 0 obj\n<< /Filter /FlateDecode >>\nstream\n"),
      deflateSync(Buffer.alloc(size), { level: 1 }),
      Buffer.from("\nendstream\nendobj\n"),
    ]);
  // Each of the streams would be small enough.
  const pdfBomb = (size: number): Buffer =>
    Buffer.concat([Buffer.from("%PDF-1.4\n"), streamOf(size), streamOf(499_500_000)]);
  test.each([
    ["a.gz", () => [gzipBomb("a", 2000), gzipBomb("b", 2000)] as const],
    ["a.rds", () => [gzipBomb("X\n", 2000), gzipBomb("X\n", 2001)] as const],
    ["a.pdf", () => [pdfBomb(1_000_000), pdfBomb(2_000_000)] as const],
  ])("nor is a small file that would fill the memory: %s", async (name, pairOf) => {
    const pair = pairOf();
    expect(pair[0].length).toBeLessThan(3e6);
    expect(await compare(name, pair)).toMatchObject({
      isUndecided: true,
      notes: [expect.stringContaining("it unpacks to more than 500 MB")],
    });
  });

  test("nor is a text that is longer than any text can be", async () => {
    const pair = [write("long.csv", "a\n1\n"), write("long.csv", "b\n1\n")] as const;
    // Sparse: the disk has no room to give for it.
    for (const file of pair) truncateSync(file, 600_000_000);
    expect(await compareFiles(...pair, "csv", process.env)).toMatchObject({
      isUndecided: true,
      notes: [expect.stringContaining("it is larger than 500 MB")],
    });
    expect(await contentDigest(pair[0], "csv")).toBeUndefined();
  });

  test.skipIf(noR !== undefined)("nor is a range in R of a billion numbers", async () => {
    const file = (name: string): string => path.join(root, name);
    for (const end of ["1e9", "1e9 - 1"])
      execFileSync("Rscript", ["-e", `saveRDS(1:(${end}), "${file(`${end}.rds`)}")`]);
    expect(
      await compareFiles(file("1e9.rds"), file("1e9 - 1.rds"), "rds", process.env),
    ).toMatchObject({ isUndecided: true, notes: [expect.stringContaining("more than 500 MB")] });
  });

  test("parquet without a reader is undecided, and says what to install", async () => {
    const empty = { ...process.env, R_LIBS: "", R_LIBS_USER: root, R_LIBS_SITE: root };
    const files = [write("t.parquet", "PAR1a"), write("t.parquet", "PAR1b")] as const;
    expect(await compareFiles(...files, "parquet", empty)).toMatchObject({
      isUndecided: true,
      notes: [expect.stringContaining('install.packages("arrow")')],
    });
    const without = { ...process.env, MLPIPE_R: path.join(root, "no-r") };
    expect(await compareFiles(...files, "parquet", without)).toMatchObject({
      isUndecided: true,
      notes: [expect.stringContaining("needs R to be read")],
    });
  });

  test("however a file is damaged, comparing it ends with a finding", async () => {
    const kinds: readonly (readonly [string, Buffer])[] = [
      ["a.png", png([1, 2, 3, 4])],
      ["a.pdf", pdf("2026", "0 0 m\n")],
      ["a.zip", zip(1, "a", "xyz")],
      ["a.tar", tar(1, { a: "xyz" })],
      ["a.gz", gzipSync("xyz")],
      [
        "a.rds",
        Buffer.from(
          "58 0a 00000003 00040202 00030500 00000005 5554462d38 0000000a".replaceAll(" ", ""),
          "hex",
        ),
      ],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async ([name, content], edits) => {
          const damaged = Buffer.from(content);
          for (const [at, byte] of edits) damaged[at % damaged.length] = byte;
          await compare(name, [content, damaged]);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test("folders are compared file by file", async () => {
  const make = (files: Readonly<Record<string, string>>): string => {
    const folder = path.join(root, `${count++}`);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return folder;
  };
  const before = make({ "a/t.csv": "x\n1\n", "b.txt": "b\n" });
  const spelled = make({ "a/t.csv": '"x"\n1.0\n', "b.txt": "b\n" });
  const other = make({ "a/t.csv": "x\n2\n", "c.txt": "c\n" });
  expect((await compareFolders(before, spelled, process.env)).rung).toBe("content");
  expect((await compareFolders(before, other, process.env)).difference).toMatchObject({
    count: 3,
    files: [
      { path: "a/t.csv", difference: { kind: "cells" } },
      { path: "b.txt", difference: { kind: "only", side: "before" } },
      { path: "c.txt", difference: { kind: "only", side: "after" } },
    ],
  });
});
