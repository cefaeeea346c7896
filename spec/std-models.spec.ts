/** The templates of the standard library: linear as lm of R has it, the neighbours by their definition, and all through the front door. */
import fc from "fast-check";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { noR, runR, testFolder, wentWell } from "./support/r-step.ts";
import { type Row, fitTemplate } from "./support/std-template.ts";

const number = fc.integer({ min: -4000, max: 4000 }).map((it) => it / 32);
const row = fc.record({ a: number, b: number, c: number, y: number });
const table = fc.array(row, { minLength: 12, maxLength: 30 });
const formula = "y ~ a + b + c";

function canFit(train: readonly Row[]): boolean {
  try {
    fitTemplate("linear", { train, formula });
    return true;
  } catch {
    return false;
  }
}

/** The formula `y ~ a + b + c` by lm, and what it predicts of its own rows, for many tables in one process. */
async function predictInR(tables: readonly (readonly Row[])[]): Promise<readonly number[][]> {
  const folder = testFolder();
  const path = join(folder, "tables.json");
  const columns = tables.map((rows) =>
    Object.fromEntries(["a", "b", "c", "y"].map((name) => [name, rows.map((it) => it[name])])),
  );
  const ran = wentWell(
    await runR({
      folder,
      files: { "tables.json": JSON.stringify(columns) },
      inputs: [{ variable: "tables", kind: "artifact", format: "json", path }],
      code: `said <- lapply(tables, function(columns) {
  data <- as.data.frame(lapply(columns, function(x) as.numeric(unlist(x))))
  unname(predict(lm(y ~ a + b + c, data = data), data))
})
`,
      artifacts: [
        { key: "said", variable: "said", format: "json", path: "said.json", required: true },
      ],
    }),
  );
  return JSON.parse(ran.output("said.json")) as number[][];
}

describe("linear", () => {
  test.skipIf(noR)("predicts what lm of R predicts, to 9 digits", { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(fc.array(table, { minLength: 50, maxLength: 60 }), async (all) => {
        // Where a column is a combination of others, R leaves one out.
        const tables = all.filter((train) => canFit(train));
        expect(tables.length).toBeGreaterThan(all.length / 2);
        const there = await predictInR(tables);
        for (const [i, rows] of tables.entries()) {
          const here = fitTemplate("linear", { train: rows, formula }).predict(rows);
          const scale = Math.max(1, ...rows.map(({ y }) => Math.abs(y)));
          const far = here.map((it, j) => Math.abs(Number(it) - (there[i]?.[j] ?? NaN)));
          expect(Math.max(...far) / scale).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 2, endOnFailure: true },
    ),
  );

  test("finds a plane exactly where there is one, however far from 0", () => {
    const train = Array.from({ length: 20 }, (_, i) => {
      const [a, b] = [1e6 + i, (i * i) % 7];
      return { a, b, y: 3 + 2 * a - 5 * b };
    });
    const said = fitTemplate("linear", { train, formula: "y ~ ." }).predict([
      { a: 1e6 + 0.5, b: 2 },
    ]);
    expect(said[0]).toBeCloseTo(3 + 2 * (1e6 + 0.5) - 10, 5);
  });

  test("leaves residuals that no column explains", () => {
    fc.assert(
      fc.property(table, (train) => {
        fc.pre(canFit(train));
        const said = fitTemplate("linear", { train, formula }).predict(train).map(Number);
        const rest = train.map(({ y }, i) => y - (said[i] ?? NaN));
        for (const name of ["a", "b", "c"] as const) {
          const along = train.reduce((sum, it, i) => sum + it[name] * (rest[i] ?? NaN), 0);
          expect(Math.abs(along)).toBeLessThan(1e-7);
        }
        expect(Math.abs(rest.reduce((sum, it) => sum + it, 0))).toBeLessThan(1e-7);
      }),
    );
  });

  test.each([
    [
      [
        { a: 1, y: 1 },
        { a: 1, y: 2 },
        { a: 1, y: 3 },
      ],
      "the column `a` is a combination",
    ],
    [[{ a: 1, y: 1 }], "the column `a` is a combination of those before it"],
    [
      [
        { a: 1, y: 1 },
        { a: "x", y: 2 },
      ],
      "row 2 of `train` has no number in the column `a`",
    ],
    [
      [
        { b: 1, y: 1 },
        { b: 2, y: 2 },
      ],
      "row 1 of `train` has no number in the column `a`",
    ],
  ])("refuses %j", (train, problem) => {
    expect(() => fitTemplate("linear", { train, formula: "y ~ a" })).toThrow(problem);
  });

  test("does not predict from rows that lack a column", () => {
    const train = [
      { a: 1, y: 1 },
      { a: 2, y: 2 },
    ];
    const model = fitTemplate("linear", { train, formula: "y ~ a" });
    expect(() => model.predict([{ a: 1 }, { b: 1 }])).toThrow(
      "row 2 has no number in the column `a`",
    );
  });
});

describe("knn", () => {
  const cases = fc.record({
    train: fc.array(
      fc.record({ a: fc.integer({ min: 0, max: 5 }), b: number, kind: fc.constantFrom("u", "v") }),
      { minLength: 3, maxLength: 15 },
    ),
    asked: fc.record({ a: fc.integer({ min: 0, max: 5 }), b: number }),
    k: fc.integer({ min: 1, max: 3 }),
  });

  test("answers as its definition says", () => {
    fc.assert(
      fc.property(cases, ({ train, asked, k }) => {
        const model = fitTemplate("knn", { train, formula: "kind ~ a + b", k, scale: false });
        const far = (it: Row) =>
          (Number(it["a"]) - asked.a) ** 2 + (Number(it["b"]) - asked.b) ** 2;
        const near = train
          .map((it, i) => ({ i, far: far(it), kind: it.kind }))
          .toSorted((a, b) => a.far - b.far || a.i - b.i)
          .slice(0, k)
          .map(({ kind }) => kind);
        const votes = (kind: string) => near.filter((it) => it === kind).length;
        const most = Math.max(votes("u"), votes("v"));
        expect(model.predict([asked])).toEqual([near.find((it) => votes(it) === most)]);
      }),
    );
  });

  test("does not depend on the units of its columns, unless it is told to", () => {
    fc.assert(
      fc.property(cases, ({ train, asked, k }) => {
        const given = { formula: "kind ~ a + b", k, scale: true };
        const inMetres = fitTemplate("knn", { ...given, train });
        const double = <R extends { b: number }>(it: R): R => ({ ...it, b: it.b * 1024 });
        const inOther = fitTemplate("knn", { ...given, train: train.map(double) });
        expect(inOther.predict([double(asked)])).toEqual(inMetres.predict([asked]));
      }),
    );
    const train = [
      { a: 0, b: 0, y: 1 },
      { a: 1, b: 1000, y: 2 },
    ];
    const raw = fitTemplate("knn", { train, formula: "y ~ a + b", k: 1, scale: false });
    expect(raw.predict([{ a: 1, b: 0 }])).toEqual([1]);
  });

  test("of numbers gives the mean of the neighbours, and of one neighbour itself", () => {
    const train = [
      { a: 1, y: 10 },
      { a: 2, y: 20 },
      { a: 9, y: 90 },
    ];
    const given = { train, formula: "y ~ a", scale: true };
    expect(fitTemplate("knn", { ...given, k: 2 }).predict([{ a: 1.4 }])).toEqual([15]);
    expect(fitTemplate("knn", { ...given, k: 1 }).predict(train)).toEqual([10, 20, 90]);
    expect(() => fitTemplate("knn", { ...given, k: 4 })).toThrow("there are 3 rows");
  });
});

const inR = `mlpipe 1

import lm, glm, rpart from "std/r"

run three {
  step line = lm { formula = "life_expectancy ~ murder + frost" train = "std/data/states.csv" }
  step logit = glm { formula = "(Species == 'versicolor') ~ Petal.Width" train = "std/data/iris.csv" }
  step kind = rpart { formula = "Species ~ ." train = "std/data/iris.csv" maxdepth = 2 }

  step test {
    input states from "std/data/states.csv"
    input iris from "std/data/iris.csv"
    input linear from line
    input generalized from logit
    input tree from kind
    metric right

    \`\`\`r
    line <- lm(life_expectancy ~ murder + frost, states)
    logit <- glm((Species == "versicolor") ~ Petal.Width, binomial, iris)
    kind <- rpart::rpart(Species ~ ., iris, maxdepth = 2)
    same <- function(a, b) isTRUE(all.equal(a, b, tolerance = 0))
    right <- same(linear(states), predict(line, states)) +
      same(generalized(iris), predict(logit, iris, type = "response")) +
      same(tree(iris), predict(kind, iris, type = "class"))
    \`\`\`
  }
}

run shares {
  step kind = rpart { formula = "Species ~ ." train = "std/data/iris.csv" probabilities = true }

  step test {
    input iris from "std/data/iris.csv"
    input tree from kind
    metric right

    \`\`\`r
    right <- isTRUE(all.equal(tree(iris), predict(rpart::rpart(Species ~ ., iris), iris), tolerance = 0)) + 0
    \`\`\`
  }
}

run numbers {
  step years = rpart { formula = "life_expectancy ~ murder" train = "std/data/states.csv" minsplit = 10 }

  step test {
    input states from "std/data/states.csv"
    input tree from years
    metric right

    \`\`\`r
    years <- rpart::rpart(life_expectancy ~ murder, states, minsplit = 10)
    right <- isTRUE(all.equal(tree(states), predict(years, states), tolerance = 0)) + 0
    \`\`\`
  }
}
`;

const inNode = `mlpipe 1

import linear, knn from "std/node"

run learn {
  step line = linear { formula = "life_expectancy ~ murder + high_school" train = "std/data/states.csv" }
  step kind = knn { formula = "Species ~ ." train = "std/data/iris.csv" }

  step test {
    input states from "std/data/states.csv"
    input iris from "std/data/iris.csv"
    input linear from line
    input neighbours from kind
    metric fit = r2(years, said)
    metric hits = accuracy(species, guess)

    \`\`\`js
    const years = states.map((row) => row.life_expectancy)
    const said = linear.predict(states)
    const species = iris.map((row) => row.Species)
    const guess = neighbours.predict(iris)
    \`\`\`
  }
}
`;

describe("through the front door", () => {
  test.skipIf(noR).each([
    ["three", 3],
    ["shares", 1],
    ["numbers", 1],
  ])("the steps in R learn what their functions learn, and predict it: %s", async (name, right) => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", inR);
    const ran = await mlpipe(["run", "it.mlpipe", name], { cwd: folder.path });
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toContain(` right = ${right}\n`);
    expect(ran.code).toBe(0);
  });

  test("the steps in JavaScript learn and predict", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", inNode);
    const { stdout, stderr } = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    expect(stderr).toBe("");
    const found = (name: string) => Number(new RegExp(` ${name} = (\\S+)`).exec(stdout)?.[1]);
    // As summary(lm(life_expectancy ~ murder + high_school)) says in R, and KNeighborsClassifier(5) of scikit-learn 1.9.1 on columns
    // divided by their standard deviations.
    expect(found("fit")).toBeCloseTo(0.66284607, 8);
    expect(found("hits")).toBeCloseTo(143 / 150, 12);
  });

  test("a template's mistake names what is wrong with the rows", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", inNode.replace("murder", "murdr"));
    const { stdout, stderr, code: exit } = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    expect(stdout + stderr).toContain("row 1 of `train` has no number in the column `murdr`");
    expect(exit).toBe(1);
  });
});
