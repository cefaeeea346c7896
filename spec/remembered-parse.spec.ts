/** What was read of a file is not read again, and gives what reading gives. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { rememberingParser } from "../src/cli/remembered-parse.ts";
import { collectGarbage } from "../src/run/cache/gc.ts";
import { type Parse, type Parsed, createParser, parse } from "../src/syntax/parse.ts";
import { everyConstruct } from "./support/every-construct.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { randomFile } from "./support/random-file.ts";

const { path: folder, ...temporary } = temporaryFolder();
const parsed = path.join(folder, ".mlpipe", "cache", "parsed");
const source = { path: "any.mlpipe", text: everyConstruct };

/** Texts that were really read since the test began. */
const texts: string[] = [];

/** As a command of its own does. */
function read(text: string, edition = "one"): Parsed {
  const fresh = createParser();
  const parse: Parse = (one) => {
    texts.push(one.text);
    return fresh(one);
  };
  return rememberingParser(folder, { edition, parse })({ ...source, text });
}

afterAll(() => temporary[Symbol.dispose]());
beforeEach(() => {
  texts.length = 0;
  rmSync(path.join(folder, ".mlpipe"), { recursive: true, force: true });
  mkdirSync(path.dirname(parsed), { recursive: true });
});

describe("a file that was read before", () => {
  it("gives the same module and the same findings", () => {
    fc.assert(
      fc.property(fc.oneof(randomFile, fc.string()), (text) => {
        const fresh = parse({ ...source, text });
        expect([read(text), read(text)]).toStrictEqual([fresh, fresh]);
      }),
    );
  });

  it("is not read again, until its text or the parser is another", () => {
    const other = `${everyConstruct}\n`;
    for (const text of [everyConstruct, everyConstruct, other, other, everyConstruct]) read(text);
    expect(texts).toEqual([everyConstruct, other, everyConstruct]);
    read(everyConstruct, "two");
    expect(texts).toHaveLength(4);
  });

  it("is forgotten with the rest of the cache that was not written for a quarter of a year", () => {
    read(everyConstruct);
    const day = 24 * 3_600_000;
    const root = path.dirname(parsed);
    collectGarbage(root, 1e9, Date.now() + 80 * day);
    expect(readdirSync(parsed)).toHaveLength(1);
    collectGarbage(root, 1e9, Date.now() + 100 * day);
    expect(readdirSync(parsed)).toEqual([]);
  });

  it("is read again where the memory of it is torn or has a flipped bit", () => {
    const fresh = read(everyConstruct);
    const place = path.join(parsed, readdirSync(parsed)[0] ?? "");
    const whole = readFileSync(place);
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(whole.length >> 1) ^ 1, whole.length >> 1);
    const torn = [0, 1, 70, whole.length - 1].map((length) => whole.subarray(0, length));
    for (const bytes of [flipped, ...torn]) {
      writeFileSync(place, bytes);
      expect(read(everyConstruct)).toStrictEqual(fresh);
    }
    expect(texts).toHaveLength(6);
  });
});

describe("nothing is remembered", () => {
  it("of a text with mistakes", () => {
    expect(read("run {").diagnostics).not.toEqual([]);
    expect(existsSync(parsed)).toBe(false);
  });

  it("in a folder where nothing was ever run", () => {
    rmSync(path.join(folder, ".mlpipe"), { recursive: true });
    read(everyConstruct);
    expect(existsSync(path.join(folder, ".mlpipe"))).toBe(false);
  });
});
