/** The data sets of the standard library: their files are as documented, and are read, refused and taken along as inputs are. */
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { dataSets } from "../src/check/std/data-sets.ts";
import { check, checkText } from "./support/check.ts";
import { mlpipe, root, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { noR, runR, wentWell } from "./support/r-step.ts";

const sets = [...dataSets].map(([name, set]) => ({ name, ...set }));
const fileOf = (at: string): string => path.join(root, "stdlib", at.replace("std/", ""));

const flowers = (input = 'input iris from "std/data/iris.csv"'): string => `mlpipe 1

run flowers {
  metric rows
  ${input}

  \`\`\`js
  const rows = iris.length + iris.filter((row) => row["Sepal.Length"] > 5).length / 1000
  \`\`\`
}
`;

describe("a data set", () => {
  test.each(sets)("$name has the bytes, the rows and the columns that are documented", (set) => {
    const bytes = readFileSync(fileOf(set.path));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(set.sha256);
    const [header = "", ...rows] = bytes.toString().trimEnd().split("\n");
    expect(header.split(",")).toEqual(set.columns.map(({ name }) => name));
    expect(rows).toHaveLength(set.rows);
    expect(set.path).toBe(`std/data/${set.name}.csv`);
  });

  test.skipIf(noR)("is R's own of that name, number by number", async () => {
    const inputs = sets.map(({ name, path: at }) => ({
      variable: name,
      kind: "artifact" as const,
      format: "csv" as const,
      path: fileOf(at),
    }));
    const ran = wentWell(
      await runR({
        inputs,
        code: `known <- datasets::iris
known$Species <- as.character(known$Species)
stopifnot(identical(names(iris), names(known)), isTRUE(all.equal(iris, known, tolerance = 0)))
stopifnot(identical(states$state, rownames(state.x77)), all(as.matrix(states[-1]) == state.x77))
`,
      }),
    );
    expect(ran.exitCode).toBe(0);
  });

  test("is an input without an import, stands in the plan, and is read by the run", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", flowers());
    const planned = await mlpipe(["plan", "it.mlpipe"], { cwd: folder.path });
    expect(planned.stdout).toContain("iris from std/data/iris.csv");
    const ran = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    expect(ran.stdout).toContain("rows = 150.118\n");
    expect(ran.code).toBe(0);
  });

  test("can be given to a template, and is found from a file in a folder below", () => {
    const template = `mlpipe 1

step count {
  input table from it
  metric rows

  \`\`\`js
  const rows = table.length
  \`\`\`
}

run flowers {
  step counted = count {
    table = "std/data/states.csv"
  }
}
`;
    expect(checkText(template)).toEqual([]);
    const main = 'mlpipe 1\n\nimport "./below/it.mlpipe"\n';
    const findings = check({ "main.mlpipe": main, "below/it.mlpipe": flowers() }, "main.mlpipe");
    expect(findings.map(({ code }) => code)).toEqual(["E0703"]);
  });

  test("goes along with an ejected run", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", flowers());
    const ejected = await mlpipe(["eject", "it.mlpipe", "flowers", "out"], { cwd: folder.path });
    expect(ejected.code).toBe(0);
    const out = path.join(folder.path, "out");
    const { stdout } = await runProgram(process.execPath, ["flowers.mjs"], { cwd: out, env: {} });
    expect(stdout).toContain('"key":"rows","value":150.118,');
  });

  test("that has been changed since it was shipped is not read", async () => {
    using copy = temporaryFolder();
    using folder = temporaryFolder();
    for (const part of ["src", "stdlib", "package.json"])
      cpSync(path.join(root, part), path.join(copy.path, part), { recursive: true });
    symlinkSync(path.join(root, "node_modules"), path.join(copy.path, "node_modules"));
    appendFileSync(path.join(copy.path, "stdlib", "data", "iris.csv"), "1,1,1,1,setosa\n");
    folder.write("it.mlpipe", flowers());
    const bin = path.join(copy.path, "src", "cli", "bin.ts");
    const ran = await runProgram(process.execPath, [bin, "run", "it.mlpipe"], { cwd: folder.path });
    expect(ran.stderr).toContain(
      "R0849  the data set `std/data/iris.csv` of mlpipe itself has been changed",
    );
    expect(ran.code).toBe(1);
  });
});

describe("what is no data set", () => {
  test.each([
    [
      flowers('input iris from "std/data/irs.csv"'),
      "E0406 `std/data/irs.csv` is no data set of the standard library; did you mean `std/data/iris.csv`?",
    ],
    [
      flowers('input iris from "std/r/metrics.R": text'),
      "E0406 `std/r/metrics.R` is no data set of the standard library",
    ],
    [
      `mlpipe 1\n\nrun a {\n  metric x\n  script "std/r/metrics.R"\n}\n`,
      "E0406 `std/r/metrics.R` is of the standard library, not of the project",
    ],
    [
      `mlpipe 1\n\nimport iris from "std/data"\n${flowers().slice(9)}`,
      "E0205 `std/data` declares no `iris`",
    ],
    [
      `mlpipe 1\n\nimport holdout from "std/split"\n${flowers().slice(9)}`,
      "E0205 `std/split` declares no `holdout`",
    ],
  ])("is refused before anything runs: %#", (text, said) => {
    expect(checkText(text).map(({ code, message }) => `${code} ${message}`)).toEqual([said]);
  });

  test("is told how to be used where an import names it", () => {
    const [found] = checkText(`mlpipe 1\n\nimport iris from "std/data"\n${flowers().slice(9)}`);
    expect(found?.fix).toBe('it needs no import: write `input iris from "std/data/iris.csv"`');
  });
});
