/**
 * The labels of the corpus are true: what is planted shows when that is disturbed which it is shown by, what is fine gives the
 * same results in all surroundings there are.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { causes } from "../src/repro/cause.ts";
import { compareResults } from "../src/repro/compare/compare-results.ts";
import { type Execution, execute } from "../src/repro/execute.ts";
import { type Abilities, findAbilities } from "../src/repro/world/abilities.ts";
import { perturbations, roundsOf } from "../src/repro/world/perturbations.ts";
import { type Surrounding, groupOf, missingFor } from "../src/repro/world/surrounding.ts";
import { worldOf } from "../src/repro/world/world-of.ts";
import { type Script, halves, readCorpus, tried } from "./support/corpus.ts";
import { type Staged, planOf, stage } from "./support/corpus-stage.ts";

/** Enough to meet what deviates in one execution of ten, but once in five hundred times. */
const mostRepeats = 60;
const milliseconds = 300_000;

const { signal } = new AbortController();
let root = "";
let abilities: Abilities;
beforeAll(async () => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-corpus-"));
  abilities = await findAbilities(path.join(root, "abilities"), process.env);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let executions = 0;
async function run(staged: Staged, those: readonly Surrounding[] = [], round = 0) {
  const scratch = path.join(path.dirname(staged.project), `execution-${executions++}`);
  mkdirSync(scratch);
  const worldly = worldOf(those, { abilities, scratch, env: staged.env, round });
  const execution = await execute({
    ...worldly,
    plan: planOf(staged),
    project: staged.project,
    signal,
  });
  expect(execution.results.failure).toBeUndefined();
  return execution;
}

async function differ(staged: Staged, a: Execution, b: Execution): Promise<boolean> {
  const { contract } = planOf(staged);
  return (await compareResults(a.results, b.results, contract)).verdict === "DIFFERENT";
}

/** What is done to show what is planted, in the words of the tables; undefined: this machine cannot. */
async function showsIn(script: Script, way: string): Promise<boolean | undefined> {
  const folder = path.join(root, `${script.half}-${script.name}`);
  const staged = stage(script, folder);
  const first = await run(staged);
  if (way === "repeat") return showsByRepeating(staged, first);
  if (way === "later") {
    // What the first has given lies in its scratch folder.
    const again = stage(script, `${folder}-later`, true);
    return differ(staged, first, await run(again));
  }
  for (const one of surroundingsOf(way, staged))
    if (missingFor(one, abilities) === undefined) {
      if (await differ(staged, first, await run(stageAgain(script, folder, one.name), [one])))
        return true;
    } else console.warn(`not tried: ${script.name} under ${one.name}`);
  return false;
}

/** A home is written to, and must be as at the first time. */
function stageAgain(script: Script, folder: string, name: string): Staged {
  return stage(script, `${folder}-${name}`);
}

async function showsByRepeating(staged: Staged, first: Execution): Promise<boolean> {
  for (let count = 1; count < mostRepeats; count++)
    if (await differ(staged, first, await run(staged))) return true;
  return false;
}

function surroundingsOf(way: string, { ownVariables }: Staged): readonly Surrounding[] {
  const plain = { name: way, changes: way, needs: [], seen: [] };
  const gone = Object.fromEntries(ownVariables.map((name) => [name, undefined]));
  switch (way) {
    case "variables":
      return [{ ...plain, cause: "environment", make: () => ({ forced: gone }) }];
    case "blas":
      return [{ ...plain, needs: ["blas"], cause: "blas", make: otherBlas }];
    default:
      return perturbations.filter((one) => groupOf(one) === way);
  }
}

const otherBlas: Surrounding["make"] = ({ abilities: { has } }) => ({
  preload: has.blas.kind === "there" ? [has.blas.at] : [],
});

describe.each(halves)("the %s half", (half) => {
  const corpus = existsSync(path.join(import.meta.dirname, "corpus", half, "README.md"))
    ? readCorpus(half)
    : [];
  const fine = corpus.filter(({ planted }) => planted.length === 0);
  const planted = corpus.filter((script) => script.planted.length > 0);

  test("has a label for each of its folders, and two scripts for each cause", () => {
    const folders = readdirSync(path.join(import.meta.dirname, "corpus", half));
    expect(corpus.map(({ name }) => name).toSorted()).toEqual(
      folders.filter((name) => name !== "README.md").toSorted(),
    );
    const named = planted.flatMap((script) => script.planted.flatMap(({ classes }) => classes));
    for (const cause of Object.keys(causes))
      expect(named.filter((one) => one === cause).length, cause).toBeGreaterThan(1);
  });

  test.each(planted)("what $name points at is there", ({ folder, ...script }) => {
    for (const place of script.planted.flatMap(({ places }) => places)) {
      const [file = "", line] = place.split(":");
      const beside = [path.join(folder, "@later", file), path.join(folder, file)];
      const text = readFileSync(beside.find((one) => existsSync(one)) ?? place, "utf8");
      expect(text.split("\n")[Number(line) - 1]?.trim(), place).toMatch(/^[^#].*/);
    }
  });

  const ways = planted.flatMap((script) => script.shownBy.map((way) => ({ ...script, way })));
  test.each(tried(ways, 4, `labels of the ${half} half are tried`))(
    "$name is shown by $way",
    { timeout: milliseconds },
    async (script) => {
      expect(await showsIn(script, script.way)).toBe(true);
    },
  );

  const works = (one: Surrounding) => missingFor(one, abilities) === undefined;
  test.each(tried(fine, 4, `fine scripts of the ${half} half are tried`))(
    "$name gives the same in all surroundings",
    async (script) => {
      const staged = stage(script, path.join(root, `${half}-${script.name}`));
      const first = await run(staged);
      for (const [round, those] of roundsOf(perturbations.filter(works)).entries()) {
        const next = await run(staged, those, round);
        expect(await differ(staged, first, next), `round ${round}`).toBe(false);
      }
      expect(await differ(staged, first, await run(staged))).toBe(false);
    },
  );
});
