/** Projects in zip files: unpacked for one run, and never beside the folder they are unpacked into. */
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProjectRefused } from "../src/project/refused.ts";
import { unzip } from "../src/project/zip.ts";
import { type Folder, temporaryFolder } from "./support/mlpipe.ts";
import { perform } from "./support/project.ts";
import { type ZipEntry, zipOf } from "./support/zip.ts";

/** Unpacks into `in` of a fresh folder; answers why not, or undefined. */
async function unpack(
  folder: Folder,
  archive: Buffer,
  limits?: { readonly files: number; readonly bytes: number },
): Promise<string | undefined> {
  const file = path.join(folder.path, "it.zip");
  const target = path.join(folder.path, "in");
  writeFileSync(file, archive);
  mkdirSync(target);
  try {
    await unzip(file, target, limits);
    return undefined;
  } catch (error) {
    if (error instanceof ProjectRefused) return error.message;
    throw error;
  }
}

function everythingIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

describe("an archive", () => {
  test("is unpacked as it is, for its user alone, programs as programs", async () => {
    using folder = temporaryFolder();
    const archive = zipOf([
      { name: "a.txt", content: "one" },
      { name: "sub/", mode: 0o40755 },
      { name: "sub/deep/b.txt", content: Buffer.alloc(200_000, "é") },
      { name: "run.sh", content: "true", mode: 0o100755 },
      { name: "10:30 ü.csv", content: "" },
    ]);
    expect(await unpack(folder, archive)).toBeUndefined();
    const place = (name: string): string => path.join(folder.path, "in", name);
    expect(everythingIn(place(""))).toEqual([
      "10:30 ü.csv",
      "a.txt",
      "run.sh",
      "sub",
      "sub/deep",
      "sub/deep/b.txt",
    ]);
    expect(readFileSync(place("a.txt"), "utf8")).toBe("one");
    expect(readFileSync(place("sub/deep/b.txt")).equals(Buffer.alloc(200_000, "é"))).toBe(true);
    const modes = ["a.txt", "run.sh", "sub", "sub/deep"].map(
      (name) => statSync(place(name)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o700, 0o700, 0o700]);
  });

  const link = 0o120777;
  test.each<[string, readonly ZipEntry[], RegExp]>([
    ["climbs out", [{ name: "../out.txt" }], /out\.txt/],
    ["climbs out later", [{ name: "a/../../out.txt" }], /out\.txt/],
    ["is absolute", [{ name: "/tmp/mlpipe-out.txt" }], /absolute|no path/],
    ["names a drive", [{ name: "C:/out.txt" }], /absolute|no path/],
    ["has backslashes", [{ name: "..\\out.txt" }], /invalid characters|no path/],
    ["has empty parts", [{ name: "a//b" }], /no path below the folder/],
    ["has a dot for a part", [{ name: "./a" }], /no path below the folder/],
    ["has no name", [{ name: "" }], /no path below the folder/],
    ["holds NUL", [{ name: "a\0b" }], /no path below the folder/],
    ["is a link", [{ name: "a", content: "/etc", mode: link }], /`a` is a link or a device/],
    [
      "goes through a link",
      [{ name: "a", content: "..", mode: link }, { name: "a/out.txt" }],
      /is a link/,
    ],
    ["is a device", [{ name: "a", mode: 0o020666 }], /is a link or a device/],
    ["comes twice", [{ name: "a" }, { name: "a" }], /it holds `a` twice/],
    ["comes twice in other letters", [{ name: "MLproject" }, { name: "mlPROJECT" }], /twice/],
    ["is a file and a folder", [{ name: "a" }, { name: "a/" }], /twice/],
    ["is encrypted", [{ name: "a", encrypted: true }], /`a` is encrypted/],
    [
      "is larger than it says",
      [{ name: "a", content: "x".repeat(5000), claimedSize: 10 }],
      /not unpacked/,
    ],
    ["is smaller than it says", [{ name: "a", content: "x", claimedSize: 10 }], /not unpacked/],
  ])(
    "of which an entry %s is refused, and nothing lies beside the folder",
    async (_, entries, message) => {
      using folder = temporaryFolder();
      expect(await unpack(folder, zipOf(entries))).toMatch(message);
      expect(everythingIn(folder.path).filter((name) => !name.startsWith("in"))).toEqual([
        "it.zip",
      ]);
    },
  );

  test("that would fill the disk is refused, by what it says and by what it holds", async () => {
    const big = { name: "a", content: "x".repeat(2000) };
    for (const [entries, limits] of [
      [[big], { files: 9, bytes: 1999 }],
      [[big, { ...big, name: "b" }], { files: 9, bytes: 3999 }],
      [[big, { ...big, name: "b" }], { files: 1, bytes: 9999 }],
    ] as const) {
      using folder = temporaryFolder();
      expect(await unpack(folder, zipOf(entries), limits)).toMatch(/more than/);
    }
    using folder = temporaryFolder();
    expect(await unpack(folder, zipOf([big]), { files: 1, bytes: 2000 })).toBeUndefined();
  });

  test("that is damaged is refused, wherever the damage is", async () => {
    const archive = zipOf([
      { name: "a/b.txt", content: "some text" },
      { name: "c", content: "more" },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(archive.length - 1), fc.nat(255), async (at, byte) => {
        using folder = temporaryFolder();
        const damaged = Buffer.from(archive);
        damaged[at] = byte;
        await unpack(folder, damaged);
        expect(everythingIn(folder.path).filter((name) => !name.startsWith("in"))).toEqual([
          "it.zip",
        ]);
      }),
      { numRuns: 200 },
    );
    using folder = temporaryFolder();
    expect(await unpack(folder, archive.subarray(0, 60))).toContain("is not unpacked");
  });
});

describe.concurrent("a project in a zip file", () => {
  const archive = zipOf([
    { name: "MLproject", content: "entry_points: {main: {command: 'echo at the top'}}" },
    {
      name: "iris-main/MLproject",
      content: "entry_points: {main: {command: './run.sh {x}', parameters: {x: string}}}",
    },
    { name: "iris-main/run.sh", content: "#!/bin/sh\necho below: $1; pwd", mode: 0o100755 },
  ]);

  test("is run from a copy that is gone afterwards, tagged with the file", async () => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    writeFileSync(path.join(folder.path, "p.zip"), archive);
    const env = { TMPDIR: temporary.path };
    const top = await perform(folder, ["p.zip"], env);
    expect([top.code, top.stderr]).toEqual([0, ""]);
    expect(top.stdout).toContain("\nat the top\n");
    expect(top.runs[0]?.tags["mlflow.source.name"]).toBe(path.join(folder.path, "p.zip"));
    const below = await perform(
      folder,
      [`file://${folder.path}/p.zip#iris-main`, "-P", "x=1"],
      env,
    );
    expect(below.stdout).toContain(`\nbelow: 1\n${temporary.path}/mlpipe-project-`);
    expect(below.runs[1]?.tags["mlflow.source.name"]).toBe(`${folder.path}/p.zip#iris-main`);
    expect(readdirSync(temporary.path).filter((name) => name.startsWith("mlpipe-"))).toEqual([]);
  });

  test("that holds it in a folder, as archives of repositories do, is told how to be named", async () => {
    using folder = temporaryFolder();
    const entries = [{ name: "iris-main/MLproject", content: "name: x" }];
    writeFileSync(path.join(folder.path, "p.zip"), zipOf(entries));
    const done = await perform(folder, ["p.zip"]);
    expect([done.code, done.stderr]).toEqual([
      2,
      "mlpipe: there is no MLproject in it, but one in its folder `iris-main`\n  name that folder: p.zip#iris-main\n",
    ]);
  });

  test("is refused before there is a run where it is none, or would leave its folder", async () => {
    using folder = temporaryFolder();
    folder.write("text.zip", "not an archive");
    writeFileSync(path.join(folder.path, "slip.zip"), zipOf([{ name: "../slipped" }]));
    for (const [word, message] of [
      ["text.zip", "is not unpacked"],
      ["slip.zip", "is not unpacked"],
      ["none.zip", "cannot be read"],
    ] as const) {
      const done = await perform(folder, [word]);
      expect(done.stderr).toContain(message);
      expect([done.code, done.runs]).toEqual([2, []]);
    }
    expect(readdirSync(folder.path).toSorted()).toEqual(["slip.zip", "text.zip"]);
  });
});
