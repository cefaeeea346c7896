/** Several values behind one `-P`. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spreadParams } from "../src/cli/param-words.ts";

describe("several values behind one flag", () => {
  test.each([
    ["run . -P cp=0.05 maxdepth=3", "run . -P cp=0.05 -P maxdepth=3"],
    ["run -P a=1 b=2 c=3 x.mlpipe d=4", "run -P a=1 -P b=2 -P c=3 x.mlpipe d=4"],
    ["run x.mlpipe a=1 -P b=2 --json c=3", "run x.mlpipe a=1 -P b=2 --json c=3"],
    ["run . --param-list a=1 b=2 -e main", "run . --param-list a=1 --param-list b=2 -e main"],
    ["run . -P -P=1", "run . -P -P=1"],
  ])("%s is read as %s", (written, read) => {
    expect(spreadParams(written.split(" ")).join(" ")).toBe(read);
  });

  test("a line that has its flags already stays as it is, and so does one without", () => {
    const word = fc.constantFrom("run", ".", "a=1", "b=x y", "--json", "-e", "x.mlpipe");
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(spreadParams(words)).toEqual(words);
        const spread = spreadParams(["-P", ...words]);
        expect(spreadParams(spread)).toEqual(spread);
      }),
    );
  });
});
