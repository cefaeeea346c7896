/** A file becomes a program: what is read from it, and what is said about it. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compile } from "../src/compile.ts";
import { type Contents, memoryFiles } from "../src/source/memory.ts";
import { printFindings, standard } from "./support/check.ts";
import {
  compileText,
  errors,
  fence,
  programOf,
  runOf,
  said,
  saidInRun,
} from "./support/program.ts";
import { summarise } from "./support/summary.ts";

const folder = join(import.meta.dirname, "programs");
const contents: Contents = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => !name.endsWith(".txt"))
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
);
const examples = Object.keys(contents).filter((name) => name.endsWith(".mlpipe"));

describe("a worked example", () => {
  it.each(examples)("%s becomes its program without a finding", async (name) => {
    const { program, diagnostics } = compile(name, memoryFiles({ ...standard, ...contents }));
    expect(printFindings(diagnostics)).toBe("");
    expect(program).toBeDefined();
    if (program)
      await expect(summarise(program)).toMatchFileSnapshot(
        join(folder, name.replace(".mlpipe", ".txt")),
      );
  });
});

describe("a param", () => {
  const typeOf = (written: string) => {
    const [param] = runOf(`param x${written}\nmetric y${fence("y <- x")}`).params;
    return `${param?.type}${param?.nullable ? "?" : ""}`;
  };

  it.each([
    [" = 3", "int"],
    [" = 3.0", "float"],
    [" = 1e5", "float"],
    [" = 75%", "float"],
    [' = "a"', "string"],
    [" = true", "bool"],
    [" = 1 in 0..0.5", undefined],
    [" = 0 in 0..0.5", "float"],
    [" in 0..1", "float"],
    [" in [1, 2]", "int"],
    [" in [1, 2.5]", "float"],
    [' in ["a", "b"]', "string"],
    ["", "string"],
    [": float? = null", "float?"],
  ])("written `x%s` has the type %s", (written, type) => {
    if (type === undefined) expect(saidInRun(`param x${written}`)).toEqual(["E0302 1"]);
    else expect(typeOf(written)).toBe(type);
  });

  it("keeps its number bit for bit", () => {
    const { params } = runOf(`param x: float = 0.1000000000000000055\nmetric y${fence("y <- x")}`);
    expect(params[0]?.default).toBe(0.1);
  });

  it.each([
    ['param x: int = "many"', 'E0301 "many"'],
    ["param x: int = 2.5", "E0301 2.5"],
    ["param x: int = 9007199254740993", "E0301 9007199254740993"],
    ["param x: int = null", "E0301 null"],
    ["param x = null", "E0301 null"],
    ["param x: string = 3", "E0301 3"],
    ["param x = world", "E0301 world"],
    ["param x: float = [1, 2]", "E0301 [1, 2]"],
    ["param x: float = 10min", "E0301 10min"],
    ["param x: float = 1.5 in 0..1", "E0302 1.5"],
    ["param x: float = 1 in 0..<1", "E0302 1"],
    ["param x: int = 2 in 1..10 by 3", "E0302 2"],
    ['param x = "c" in ["a", "b"]', 'E0302 "c"'],
    ['param x = "a1" matching "[a-z]+"', 'E0302 "a1"'],
    ["param x: int in 5..2", "E0303 5..2"],
    ["param x: int in 0.2..0.8", "E0303 0.2..0.8"],
    ["param x: float in 1<..1", "E0303 1<..1"],
    ["param x: float in []", "E0303 []"],
    ['param x: string matching "["', 'E0303 matching "["'],
    ["param x: string in 1..2", "E0305 1..2"],
    ['param x: int = 1 matching "1"', 'E0305 matching "1"'],
    ["param x: bool = true in [true]", "E0305 [true]"],
    ['param x: int in [1, "2"]', 'E0301 "2"'],
    ['param x = "${y}"', "E0201 ${y}"],
    ['param "learning rate" = 0.1', 'E0204 "learning rate"'],
    ["param x = 1\nparam x = 2", "E0202 x"],
  ])("`%s` is refused: %s", (written, expected) => {
    expect(saidInRun(written)).toEqual([expected]);
  });

  it("of a run may not have the name of one of its file", () => {
    const text = `mlpipe 1\nparam x = 1\nrun a {\nparam x = 2\nmetric y${fence("y <- x")}}\n`;
    expect(errors(text)).toEqual(["E0203 x"]);
  });

  it("of the file goes before those of the run, in all runs", () => {
    const run = (name: string) => `run ${name} {\nparam b = 2\nmetric y${fence("y <- a + b")}}\n`;
    const { runs } = programOf(`mlpipe 1\n${run("one")}param a = 1\n${run("two")}`);
    for (const it of runs.values()) expect(it.params.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});

describe("a text with holes", () => {
  it("names params, the run and the seed", () => {
    const run = runOf(
      `param cp = 0.1\nseed 3\nname "\${run.experiment}/\${cp}"\ntag of = "\${seed} \${run.id}\\n"\nmetric y${fence("y <- cp")}`,
    );
    expect(run.displayName).toEqual([{ hole: ["run", "experiment"] }, "/", { hole: ["cp"] }]);
    expect(run.tags).toEqual([
      { key: "of", value: [{ hole: ["seed"] }, " ", { hole: ["run", "id"] }, "\n"] },
    ]);
  });

  it.each([
    ['param cp = 0.1\ntag a = "${pc}"', "E0201 ${pc}"],
    ['tag a = "${seed}"', "E0201 ${seed}"],
    ['tag a = "${run.nmae}"', "E0201 ${run.nmae}"],
    ["tag a = dev", "E0301 dev"],
    ["tag a = [1]", "E0301 [1]"],
    ['artifact x: csv at "${run.id}.csv"', "E0201 ${run.id}"],
  ])("`%s` is refused: %s", (written, expected) => {
    expect(saidInRun(written)).toEqual([expected]);
  });

  it("holds numbers and truth values of tags as they are written", () => {
    const { tags } = runOf(`tag a = 1.50\ntag b = true\ntag c = 2%\nmetric y${fence("y <- 1")}`);
    expect(tags.map(({ value }) => value)).toEqual([["1.50"], ["true"], ["2%"]]);
  });
});

describe("a name", () => {
  const fit = `artifact a: csv${fence("a <- iris")}`;

  it.each([
    [`run a {${fit}}\nrun a {${fit}}`, "E0202 a"],
    [`run a {${fit}}\nstep a {${fit}}`, "E0202 a"],
    [`run a {\nmetric m\nmetric m${fence()}}`, "E0202 m"],
    [`run a {\nmetric m\nartifact m: csv${fence()}}`, "E0202 m"],
    [`run a {\nstep s {${fit}}\nstep t {${fit}}\n}`, "E0202 a"],
    [`run a {\nstep s {${fit}}\nstep s {\nmetric m${fence()}}\n}`, "E0202 s"],
    [`run a {\ntag t = 1\ntag t = 2${fence()}}`, "E0202 t"],
    [`run a {\nseed 1\nseed 2${fence()}}`, "E0202 seed 2"],
    [`run a {\ncache off\ncache off${fence()}}`, "E0202 cache off"],
    [`run a {\nenv { A = 1 A = 2 }${fence()}}`, "E0202 A"],
    [`experiment "/a"\nexperiment "/b"\nrun a {${fit}}`, 'E0202 experiment "/b"'],
    [`run a {\nparam m = 1\nmetric m${fence()}}`, "E0203 m"],
    [`run a {\nparam k = 1\nsecret k from env "K"${fence()}}`, "E0203 k"],
    [`run a {\nparam params = 1${fence()}}`, "E0203 params"],
    [`run a {\nseed 1\nparam seed = 1${fence()}}`, "E0203 seed"],
    [
      `run a {\nparam x = 1\nstep s {${fit}}\nstep t {\ninput a as x from s${fence()}}\n}`,
      "E0203 x",
    ],
    [`run a {\nuses b${fence()}}`, "E0201 b"],
    [`run a {\nstep s = fti {}\n}\nstep fit {${fit}}`, "E0201 fti"],
    [`run a {\nmetric m = rsme(x, y)${fence("x <- 1")}}`, "E0201 rsme"],
    [`run a {\nmetric m = rmse(x, gess: y)${fence("x <- 1")}}`, "E0201 gess"],
    [`run a {\nmetric m = rmse(x)${fence("x <- 1")}}`, "E0306 rmse(x)"],
    [`run a {\nmetric m = rmse(x, y, z)${fence("x <- 1")}}`, "E0301 z"],
    [`run a {\nmetric m = rmse(x, 0.5)${fence("x <- 1")}}`, "E0301 0.5"],
    [`run a {\nmetric m = rmse(truth: y, guess: z, truth: x)${fence("x <- 1")}}`, "E0202 truth: x"],
    [`run a {\nmetric m = rmse(x, y, average: "micro")${fence("x <- 1")}}`, "E0201 average"],
    [`run a {\nmetric m = f1(x, y, average: "mikro")${fence("x <- 1")}}`, 'E0302 "mikro"'],
    [`run a {\nmetric m = f1(x, y, positive: z)${fence("x <- 1")}}`, "E0301 z"],
    [
      `run a {\nmetric m = f1(x, y, average: "micro", positive: 1)${fence("x <- 1")}}`,
      'E0301 average: "micro"',
    ],
    [`run a {\nmodel m: carte${fence("m <- 1")}}`, "E0201 carte"],
    [`project p { env codna "c.yaml" }\nrun a {${fit}}`, "E0201 codna"],
    [`project p { main b }\nrun a {${fit}}`, "E0201 b"],
  ])("is refused in `%s`: %s", (written, expected) => {
    const found = errors(`mlpipe 1\n${written}\n`);
    expect(found).toContain(expected);
    expect(new Set(found.map((it) => it.slice(0, 5)))).toEqual(new Set([expected.slice(0, 5)]));
  });

  it("of an input may be that of an output of another step", () => {
    const run = runOf(
      `step s {${fit}}\nstep t {\ninput a from s\nmetric m${fence("m <- nrow(a)")}}`,
    );
    expect(run.steps[1]?.inputs[0]?.variable).toBe("a");
  });

  it("that is mistyped comes with the nearest one and an edit that mends it", () => {
    const text = `mlpipe 1\nrun a {\nstep s {${fit}}\nstep t {\nafter ss\nmetric m${fence("m <- 1")}}\n}\n`;
    const [found] = compileText(text).diagnostics;
    expect(found?.message).toBe("there is no step `ss` here; did you mean `s`?");
    expect(found?.edits.map(({ replacement }) => replacement)).toEqual(["s"]);
  });
});

describe("a metric by a standard call", () => {
  it("has the function's direction and domain unless it states its own", () => {
    const code = fence("x <- 1; y <- 1");
    const { steps } = runOf(
      `metric a = accuracy(x, y)\nmetric b = recall(guess: y, x, positive: 0.5) minimize in 0..9${code}`,
    );
    const [a, b] = steps[0]?.metrics ?? [];
    expect([a?.goal, a?.domain]).toMatchObject(["maximize", { low: 0, high: 1 }]);
    expect([b?.goal, b?.domain]).toMatchObject(["minimize", { low: 0, high: 9 }]);
    expect(b?.call).toEqual({
      function: "recall",
      arguments: [
        { name: "truth", variable: "x" },
        { name: "guess", variable: "y" },
        { name: "positive", value: 0.5 },
      ],
    });
  });

  it("may import the function", () => {
    const text = `mlpipe 1\nimport rmse, f1 from "std/metrics"\nrun a {\nmetric b = rmse(x, x)${fence("x <- 1")}}\n`;
    expect(said(text)).toEqual(["E0703 f1"]);
  });
});

describe("code", () => {
  it.each([
    ["run a {\nmetric m\n}", "E0405 a"],
    [`run a {${fence()}${fence("2")}}`, `E0405 ${fence("2").trim()}`],
    [`run a {\nscript "a.R"${fence()}}`, `E0405 ${fence().trim()}`],
    [`run a {${fence()}\nstep s {${fence()}}\n}`, `E0405 ${fence().trim()}`],
    ["run a {\nstep s {\nmetric m\n}\n}", "E0405 s"],
    ["step s {\nmetric m\n}", "E0405 s"],
    ['run a {\nscript "b.R"\n}', 'E0406 "b.R"'],
    ['run a {\nscript "../a.R"\n}', 'E0406 "../a.R"'],
    ['run a {\nscript "/a.R"\n}', 'E0406 "/a.R"'],
    ['run a {\nscript "sub\\\\a.R"\n}', 'E0406 "sub\\\\a.R"'],
    ['run a {\nscript "sub"\n}', 'E0406 "sub"'],
    ['run a {\nscript "a.py"\n}', 'E0406 "a.py"'],
  ])("in `%s` is refused: %s", (written, expected) => {
    const files = { "a.R": "1", "a.py": "1", "sub/a.R": "1" };
    expect(errors(`mlpipe 1\n${written}\n`, files)).toEqual([expected]);
  });

  it.each([
    ["a.R", "r"],
    ["a.r", "r"],
    ["a.mjs", "js"],
    ["a.cjs", "js"],
    ["a.js", "js"],
    ["a.ts", "ts"],
    ["a.mts", "ts"],
  ])("in %s is read as %s", (path, language) => {
    const { steps } = runOf(`metric m\nscript "./sub/../${path}"`, { [path]: "m <- 1" });
    expect(steps[0]).toMatchObject({ language, code: { kind: "script", path } });
  });

  it("of a missing script comes with the nearest file of the folder", () => {
    const files = { "code/train.R": "1" };
    const [found] = compileText('mlpipe 1\nrun a {\nscript "code/trian.R"\n}\n', files).diagnostics;
    expect(found?.message).toContain("did you mean `code/train.R`?");
    expect(found?.edits.map(({ replacement }) => replacement)).toEqual(['"code/train.R"']);
  });

  it("beside an import is found from the folder of the file that names it", () => {
    const files = {
      "lib/fit.mlpipe": 'mlpipe 1\nrun fit {\nmetric m\nscript "fit.R"\n}\n',
      "lib/fit.R": "m <- 1",
    };
    const { runs } = programOf(
      'mlpipe 1\nimport fit from "./lib/fit.mlpipe"\ncompare all {\nruns fit\nshow m\n}\n',
      files,
    );
    expect(runs.get("fit")?.steps[0]?.code).toEqual({ kind: "script", path: "lib/fit.R" });
  });
});

describe("an output", () => {
  const pathOf = (written: string) => {
    const { steps } = runOf(`${written}${fence("x <- 1; y <- x")}`);
    const [step] = steps;
    return [...(step?.artifacts ?? []), ...(step?.models ?? [])].map(({ path }) => path);
  };

  it.each([
    ["artifact x: csv", "x.csv"],
    ["artifact x: text", "x.txt"],
    ["artifact x: folder", "x"],
    ["artifact x", "x"],
    ["model x", "x"],
    ['model x at "models/x"', "models/x"],
  ])("`%s` is stored at %s", (written, path) => {
    expect(pathOf(written)).toEqual([path]);
  });

  it("without a format has that of its path", () => {
    const { steps } = runOf(`artifact x at "a/x.CSV"${fence("x <- 1")}`);
    expect(steps[0]?.artifacts[0]?.format).toBe("csv");
  });

  it.each([
    ['artifact x: csv at "../x.csv"', 'E0505 "../x.csv"'],
    ['artifact x: csv at "/x.csv"', 'E0505 "/x.csv"'],
    ['artifact x: csv at "C:x.csv"', 'E0505 "C:x.csv"'],
    ['artifact x: csv at "a//x.csv"', 'E0505 "a//x.csv"'],
    ['artifact x: csv at ""', 'E0505 ""'],
    ['artifact x: csv at "mlpipe/x.csv"', 'E0505 "mlpipe/x.csv"'],
    ['artifact x: csv at "o"\nartifact y: csv at "o"', "E0505 y"],
    ['model x at "o"\nartifact y: csv at "o/p/y.csv"', "E0505 y"],
    ['artifact y: csv at "o/p/y.csv"\nmodel x at "o"', "E0505 y"],
    ['metric "error %"', 'E0501 "error %"'],
    ['metric "a//b"', 'E0501 "a//b"'],
    ['metric "../b"', 'E0501 "../b"'],
    ['metric ""', 'E0501 ""'],
    [`metric ${"m".repeat(251)}`, `E0502 ${"m".repeat(251)}`],
    ['model x { register "a/b" }', 'E0501 "a/b"'],
    ['model x { register "a" alias latest }', "E0501 latest"],
    ['metric x in ["a"]', 'E0301 "a"'],
    ['metric x matching "a"', 'E0305 matching "a"'],
    ['tag "a%" = 1', 'E0501 "a%"'],
    ['tag "mlflow.user" = 1', 'E0503 "mlflow.user"'],
    ['tag "mlpipe.x" = 1', 'E0503 "mlpipe.x"'],
    ["timeout 0s", "E0301 0s"],
    ["resources { cpus 0 }", "E0301 0"],
    ["seed 9999999999", "E0301 9999999999"],
    ['env { "A=B" = 1 }', 'E0501 "A=B"'],
  ])("`%s` is refused: %s", (written, expected) => {
    expect(saidInRun(written)).toEqual([expected]);
  });

  it.each(["a.b/c-d e:f", ".hidden", "été", "a..b"])("may be a metric called `%s`", (key) => {
    expect(saidInRun(`metric "${key}"`)).toEqual([]);
  });

  it("beside named steps is shared by them", () => {
    const { shared, steps } = runOf(
      `metric m\nstep s {${fence("m <- 1")}}\nstep t {\nartifact a: csv${fence("a <- 1")}}`,
    );
    expect(shared.metrics.map(({ key }) => key)).toEqual(["m"]);
    expect(steps.map(({ metrics, artifacts }) => [metrics.length, artifacts.length])).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });
});
