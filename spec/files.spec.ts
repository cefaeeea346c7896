/** Files from memory and from the disk: what is inside is read, what is outside is not, and nothing throws. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decode, firstBadByte, largestFile } from "../src/source/decode.ts";
import { diskFiles } from "../src/source/disk.ts";
import type { Files } from "../src/source/files.ts";
import { memoryFiles, overlayFiles } from "../src/source/memory.ts";
import { compareByCodePoint, normalisePath } from "../src/source/path.ts";
import { asNobody } from "./support/unprivileged.ts";

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe("decoding", () => {
  it("gives back every text that was encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(!text.startsWith("\ufeff"));
        expect(decode(new TextEncoder().encode(text))).toEqual({ kind: "text", text });
      }),
    );
  });

  it("leaves a byte order mark out", () => {
    expect(decode(bytes(0xef, 0xbb, 0xbf, 0x61))).toEqual({ kind: "text", text: "a" });
  });

  it.each([
    ["a lone continuation", [0x61, 0x80], 1],
    ["an overlong form", [0x61, 0x62, 0xc0, 0xaf], 2],
    ["an overlong form of three bytes", [0xe0, 0x80, 0x80], 0],
    ["a surrogate", [0xc3, 0xa9, 0xed, 0xa0, 0x80], 2],
    ["what lies beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80], 0],
    ["a sequence that ends too early", [0xf0, 0x9f, 0x98], 0],
    ["Latin-1", [0x70, 0x72, 0xe9, 0x63], 2],
    ["a bad byte after a byte order mark", [0xef, 0xbb, 0xbf, 0xff], 3],
  ])("says where %s begins", (_, values, offset) => {
    expect(decode(bytes(...values))).toEqual({ kind: "not-utf8", offset });
  });

  it("accepts exactly what the platform's own decoder accepts, and the good part is good", () => {
    const anyBytes = fc.uint8Array({ maxLength: 12 });
    const nearText = fc
      .tuple(fc.string({ unit: "binary", maxLength: 6 }), fc.nat(), fc.nat(255))
      .map(([text, at, value]) => {
        const encoded = new TextEncoder().encode(text);
        if (encoded.length > 0) encoded[at % encoded.length] = value;
        return encoded;
      });
    fc.assert(
      fc.property(fc.oneof(anyBytes, nearText), (input) => {
        const strict = new TextDecoder("utf-8", { fatal: true });
        const offset = firstBadByte(input);
        expect(() => strict.decode(input.subarray(0, offset))).not.toThrow();
        if (offset < input.length) expect(() => strict.decode(input)).toThrow(TypeError);
        else expect(() => strict.decode(input)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });
});

describe("paths", () => {
  it.each([
    ["a/b.csv", "a/b.csv"],
    ["./a//b/", "a/b"],
    ["a/../b", "b"],
    ["", ""],
    ["../a", undefined],
    ["a/../../b", undefined],
    ["/etc/passwd", undefined],
    ["C:/windows", undefined],
    ["\\\\host\\share", undefined],
    ["a\0b", undefined],
  ])("takes %j as %j", (written, normal) => {
    expect(normalisePath(written)).toBe(normal);
  });

  it("orders by code point, not by UTF-16 unit", () => {
    expect(["\u{1f600}", "\uffee", "b", "a"].toSorted(compareByCodePoint)).toEqual([
      "a",
      "b",
      "\uffee",
      "\u{1f600}",
    ]);
  });
});

describe("files in memory", () => {
  const files = memoryFiles({
    "iris.mlpipe": "\ufeffmlpipe 1\n",
    "data/b.csv": "x\n",
    "data/a.csv": "x\n",
    "latin.csv": bytes(0xe9),
    "std/metrics": "mlpipe 1\n",
  });

  it("are read by any spelling of their path", () => {
    expect(files.read("iris.mlpipe")).toEqual({ kind: "text", text: "mlpipe 1\n" });
    expect(files.read("./data/../data/a.csv")).toEqual({ kind: "text", text: "x\n" });
    expect(files.read("std/metrics")).toEqual({ kind: "text", text: "mlpipe 1\n" });
  });

  it("answer what is no text", () => {
    expect(files.read("data")).toEqual({ kind: "folder" });
    expect(files.read("nothing.csv")).toEqual({ kind: "missing" });
    expect(files.read("../iris.mlpipe")).toEqual({ kind: "outside" });
    expect(files.read("latin.csv")).toEqual({ kind: "not-utf8", offset: 0 });
    expect(files.kind("data/a.csv")).toBe("file");
  });

  it("are listed by folder", () => {
    expect(files.list("data")).toEqual(["a.csv", "b.csv"]);
    expect(files.list("")).toEqual(["data", "iris.mlpipe", "latin.csv", "std"]);
    expect(files.list("..")).toEqual([]);
  });

  it("lie over others, as an editor's buffers over the disk", () => {
    const over = overlayFiles(
      new Map([
        ["data/c.csv", "new"],
        ["iris.mlpipe", "unsaved"],
      ]),
      files,
    );
    expect(over.read("iris.mlpipe")).toEqual({ kind: "text", text: "unsaved" });
    expect(over.read("data/a.csv")).toEqual({ kind: "text", text: "x\n" });
    expect(over.kind("data/c.csv")).toBe("file");
    expect(over.list("data")).toEqual(["a.csv", "b.csv", "c.csv"]);
  });
});

describe("files on the disk", () => {
  let root: string;
  let files: Files;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "mlpipe-files-"));
    for (const folder of ["project/data", "stdlib/data", "secret"])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, "project/iris.mlpipe"), "\ufeffmlpipe 1\r\n");
    writeFileSync(join(root, "project/data/a.csv"), "x\n");
    writeFileSync(join(root, "stdlib/metrics.mlpipe"), "mlpipe 1\n");
    writeFileSync(join(root, "stdlib/data/iris.csv"), "Species\n");
    writeFileSync(join(root, "secret/key"), "secret");
    files = diskFiles(join(root, "project"), join(root, "stdlib"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const inProject = (name: string) => join(root, "project", name);

  it("are read without their byte order mark and with their line breaks", () => {
    expect(files.read("iris.mlpipe")).toEqual({ kind: "text", text: "mlpipe 1\r\n" });
    expect(files.kind("iris.mlpipe")).toBe("file");
    expect(files.kind("data")).toBe("folder");
    expect(files.read("data")).toEqual({ kind: "folder" });
    expect(files.read("no/such")).toEqual({ kind: "missing" });
    expect(files.read("iris.mlpipe/below")).toEqual({ kind: "missing" });
  });

  it("have the standard library under std, with and without an ending", () => {
    expect(files.read("std/metrics")).toEqual({ kind: "text", text: "mlpipe 1\n" });
    expect(files.read("std/data/iris.csv")).toEqual({ kind: "text", text: "Species\n" });
    expect(files.list("std")).toEqual(["data", "metrics"]);
    expect(files.kind("std/nothing")).toBe("missing");
    expect(files.read("std/../../secret/key")).toEqual({ kind: "outside" });
  });

  it.each(["../secret/key", "data/../../secret/key", "/etc/hostname"])(
    "are not reached through %s",
    (path) => {
      expect(files.read(path)).toEqual({ kind: "outside" });
      expect(files.kind(path)).toBe("outside");
      expect(files.list(path)).toEqual([]);
    },
  );

  it("are not reached through a link that leaves the folder", () => {
    symlinkSync(join(root, "secret/key"), inProject("file"));
    symlinkSync(join(root, "secret"), inProject("folder"));
    symlinkSync("../..", inProject("data/up"));
    for (const path of ["file", "folder", "folder/key", "folder/no-such", "data/up/secret/key"])
      expect([path, files.read(path).kind]).toEqual([path, "outside"]);
    expect(files.list("folder")).toEqual([]);
  });

  it("are reached through a link that stays inside, and through a project that is itself a link", () => {
    symlinkSync("data/a.csv", inProject("link.csv"));
    symlinkSync(join(root, "project"), join(root, "other"));
    expect(files.read("link.csv")).toEqual({ kind: "text", text: "x\n" });
    const other = diskFiles(join(root, "other"), join(root, "stdlib"));
    expect(other.read("link.csv")).toEqual({ kind: "text", text: "x\n" });
  });

  it("whose names begin with two dots are inside", () => {
    writeFileSync(inProject("..odd"), "x");
    expect(files.read("..odd")).toEqual({ kind: "text", text: "x" });
  });

  it("that cannot be read say why and do not throw", () => {
    symlinkSync("loop", inProject("loop"));
    symlinkSync("nowhere", inProject("dangling"));
    execFileSync("mkfifo", [inProject("pipe")]);
    writeFileSync(inProject("latin.csv"), bytes(0x61, 0xe9));
    writeFileSync(inProject("huge.csv"), "");
    truncateSync(inProject("huge.csv"), largestFile + 1);
    expect(files.read("loop")).toEqual({ kind: "unreadable", reason: "its links form a circle" });
    expect(files.read("dangling")).toEqual({ kind: "missing" });
    expect(files.read("pipe")).toEqual({ kind: "unreadable", reason: "it is not a plain file" });
    expect(files.kind("pipe")).toBe("unreadable");
    expect(files.read("latin.csv")).toEqual({ kind: "not-utf8", offset: 1 });
    expect(files.read("huge.csv")).toEqual({ kind: "too-large", bytes: largestFile + 1 });
    expect(files.read("n".repeat(300)).kind).toBe("unreadable");
  });

  it("that are forbidden say so", async () => {
    chmodSync(root, 0o755);
    chmodSync(inProject("data/a.csv"), 0);
    const read = await asNobody(() => files.read("data/a.csv"));
    expect(read).toEqual({ kind: "unreadable", reason: "permission denied" });
  });

  it("of a project that does not exist are missing", () => {
    expect(diskFiles(join(root, "none"), join(root, "none")).read("a")).toEqual({
      kind: "missing",
    });
  });

  it("never lead out, whatever the path", () => {
    symlinkSync("../secret", inProject("way"));
    const part = fc.oneof(
      fc.constantFrom("..", ".", "", "way", "data", "secret", "key", "std", "a.csv"),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const answer = files.read(parts.join("/"));
        expect(answer.kind === "text" ? answer.text : "").not.toContain("secret");
      }),
      { numRuns: 500 },
    );
  });
});
