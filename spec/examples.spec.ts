/** Every example in `examples/` does what its `expected/` folder says, through the command line, on an embedded store. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type RunFacts, readFacts } from "./support/facts.ts";
import { mlpipe, root, temporaryFolder } from "./support/mlpipe.ts";

/** Commands of each example, in order; each names a run of its file. */
const examples: Readonly<
  Record<string, { readonly file: string; readonly runs: readonly string[] }>
> = {
  hello: { file: "hello.mlpipe", runs: ["hello"] },
  quickstart: { file: "quickstart.mlpipe", runs: ["quickstart"] },
  iris: { file: "iris.mlpipe", runs: ["baseline"] },
  houses: { file: "houses.mlpipe", runs: ["learn", "score"] },
  script: { file: "cars.mlpipe", runs: ["cars"] },
  epochs: { file: "epochs.mlpipe", runs: ["perceptron"] },
  tested: { file: "flowers.mlpipe", runs: ["nearest", "width"] },
  sweep: { file: "flowers.mlpipe", runs: ["neighbours", "best"] },
};

/** Significant digits that every R and every BLAS agrees on. */
const digits = 10;
const rounded = (_: string, value: unknown): unknown =>
  typeof value === "number" ? Number(value.toPrecision(digits)) : value;

/** By name, since trials run at once; without ids, and what is by chance: which trial was first to fill the cache. */
function comparable(facts: readonly RunFacts[]): readonly RunFacts[] {
  const isChance = ([key]: readonly [string, string]): boolean =>
    /^(mlflow\.parentRunId$|mlpipe\.cached\.)/.test(key);
  return facts
    .map((run) => ({
      ...run,
      tags: Object.fromEntries(Object.entries(run.tags).filter((tag) => !isChance(tag))),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function expectedFile(name: string): string {
  return path.join(root, "examples", name, "expected", "runs.json");
}

describe("the examples", () => {
  test("are all tested", () => {
    expect(readdirSync(path.join(root, "examples")).toSorted()).toEqual(
      Object.keys(examples).toSorted(),
    );
  });

  for (const [name, { file, runs }] of Object.entries(examples)) {
    test(`${name} is checked without findings, laid out, and its MLproject is up to date`, async () => {
      using folder = temporaryFolder(name);
      const checked = await mlpipe(["check", "--strict", file], { cwd: folder.path });
      expect(checked.stderr + checked.stdout).toMatch(/: no findings; \d+ entr(y|ies)\n$/);
      expect((await mlpipe(["fmt", "--check", file], { cwd: folder.path })).code).toBe(0);
      expect((await mlpipe(["compile", "--check", file], { cwd: folder.path })).code).toBe(0);
    });

    test(`${name} runs and logs what it should`, async () => {
      using folder = temporaryFolder(name);
      for (const run of runs) {
        const ended = await mlpipe(["run", file, run], { cwd: folder.path });
        expect(ended.stderr).toBe("");
        expect(ended.code).toBe(0);
      }
      const facts = JSON.stringify(comparable(await readFacts(undefined, folder.path)), rounded, 2);
      const expected = expectedFile(name);
      if (process.env.UPDATE && !process.env.CI) writeFileSync(expected, `${facts}\n`);
      expect(
        existsSync(expected),
        `write it with: UPDATE=1 npx vitest run spec/examples.spec.ts`,
      ).toBe(true);
      expect(JSON.parse(facts)).toEqual(JSON.parse(readFileSync(expected, "utf8")));
    });
  }
});
