/** Copies of what runs were given, from folders in which others work too. */
import { mkdirSync, rmSync, utimesSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, filesOfTree } from "../src/run/cache/digest.ts";
import { keepInputs, placeOfInput } from "../src/run/manifest/input-store.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

describe("copies of inputs", () => {
  test("are dropped from the one that was used longest ago on, when there are too many", async () => {
    using folder = temporaryFolder();
    const root = path.join(folder.path, "inputs");
    const keep = async (text: string, at: number): Promise<void> => {
      const file = folder.write("file", text);
      await keepInputs(root, [{ file, digest: digestOf(text) }], 25);
      const place = placeOfInput(root, digestOf(text));
      if (place !== undefined) utimesSync(place, at, at);
    };
    await keep("a".repeat(10), 1);
    await keep("b".repeat(10), 2);
    await keep("c".repeat(10), 3);
    const there = ["a", "b", "c"].map((letter) => placeOfInput(root, digestOf(letter.repeat(10))));
    expect(there.map((place) => place !== undefined)).toEqual([false, true, true]);
  });

  test("are made of those files that are still there", async () => {
    using folder = temporaryFolder();
    const root = path.join(folder.path, "inputs");
    const originals = ["gone", "here"].map((name) => ({
      file: folder.write(name, name),
      digest: digestOf(name),
    }));
    rmSync(path.join(folder.path, "gone"));
    await keepInputs(root, originals);
    expect(originals.map(({ digest }) => placeOfInput(root, digest) !== undefined)).toEqual([
      false,
      true,
    ]);
  });
});

test("what goes while a folder is looked at is no file of it", async () => {
  using folder = temporaryFolder();
  // So large that it is read while others can work.
  folder.write("a", "a".repeat(5 << 20));
  const below = path.join(folder.path, "b");
  mkdirSync(below);
  folder.write("b/c", "c");
  const file = folder.write("d", "d");
  const looking = filesOfTree(folder.path);
  rmSync(below, { recursive: true });
  rmSync(file);
  expect((await looking).map((each) => each.path)).toEqual(["a"]);
  await expect(filesOfTree(below)).rejects.toThrow("ENOENT");
});
