/** What goes from step to step, run to run and file to file. */
import { describe, expect, it } from "vitest";
import { compileText, errors, fence, programOf, runOf, said } from "./support/program.ts";

const give = (name: string, items = "") =>
  `step ${name} {\n${items}\nartifact out_${name}: csv${fence(`out_${name} <- list(${/in_\w+/.exec(items)?.[0] ?? ""})`)}}\n`;
const take = (name: string, from: string) => `input out_${from} as in_${from}_${name} from ${from}`;

describe("the order of steps", () => {
  const orderOf = (steps: readonly string[]) =>
    runOf(steps.join(""))
      .steps.map(({ name }) => name)
      .join(" ");

  it("follows the data, and not the position", () => {
    expect(orderOf([give("c", take("c", "b")), give("b", take("b", "a")), give("a")])).toBe(
      "a b c",
    );
  });

  it("is that of declaration where the data leaves it open", () => {
    expect(orderOf([give("d", take("d", "b")), give("c"), give("b"), give("a")])).toBe("c b d a");
  });

  it("follows `after` too", () => {
    expect(orderOf([give("a", "after c"), give("b"), give("c")])).toBe("b c a");
  });

  it("names each need once", () => {
    const { steps } = runOf(give("a") + give("b", `${take("b", "a")}\nafter a`));
    expect(steps[1]?.needs).toEqual(["a"]);
  });

  it("cannot be a circle, which is printed", () => {
    const text = `mlpipe 1\nrun r {\n${give("a", take("a", "c"))}${give("b", take("b", "a"))}${give("c", take("c", "b"))}}\n`;
    const messages = compileText(text).diagnostics.filter(({ code }) => code === "E0401");
    expect(messages.map(({ message }) => message)).toEqual([
      "each of these steps waits for the next: a → c → b → a",
    ]);
  });

  it("of a step after itself is a circle", () => {
    expect(errors(`mlpipe 1\nrun r {\n${give("a", "after a")}}\n`)).toEqual(["E0401 a"]);
  });
});

describe("an input", () => {
  const files = { "rows.csv": "a\n1", "folder/x": "", "page.htm": "", "old.rds": "" };

  it.each([
    ['"rows.csv"', { kind: "file", path: "rows.csv", format: "csv" }],
    ['"./rows.csv": text', { kind: "file", path: "rows.csv", format: "text" }],
    ['"folder"', { kind: "file", path: "folder", format: "folder" }],
    ['"folder/x"', { kind: "file", path: "folder/x", format: "file" }],
    ['"page.htm"', { kind: "file", path: "page.htm", format: "html" }],
    ['run "4f3c"', { kind: "run-id", id: "4f3c", output: "x" }],
  ])("from `%s` is %o", (source, expected) => {
    const run = runOf(`input x from ${source}\nmetric y${fence("y <- x")}`, files);
    expect(run.steps[0]?.inputs[0]?.from).toEqual(expected);
  });

  it.each([
    ["from b", "E0201 b"],
    ["from run b", "E0201 b"],
    ["from run all", "E0201 all"],
    ["from best of other", "E0201 other"],
    ["from best of al", "E0201 al"],
    ["from run other", "E0402 x"],
    ["from best of all", "E0402 x"],
    ['from "row.csv"', 'E0406 "row.csv"'],
    ['from "rows.csv": folder', 'E0406 "rows.csv"'],
    ['from "folder": csv', 'E0406 "folder"'],
    ['from run "a b"', 'E0501 "a b"'],
  ])("`%s` is refused: %s", (source, expected) => {
    const other = `run other {\nmetric m${fence("m <- 1")}}\ncompare all {\nruns other\n}\n`;
    const text = `mlpipe 1\n${other}run a {\ninput x ${source}${fence("x")}}\n`;
    expect(errors(text, files)).toEqual([expected]);
  });

  it("from a run is what any of its steps gives", () => {
    const { runs } = programOf(
      `mlpipe 1\nrun a {\n${give("s")}}\nrun b {\ninput out_s from run a\nmetric m${fence("m <- out_s")}}\n`,
    );
    const output = { kind: "artifact", path: "out_s.csv", format: "csv" };
    expect(runs.get("b")?.steps[0]?.inputs[0]?.from).toEqual({ kind: "run", run: "a", output });
  });

  it("from the best of several runs has to be the same in each", () => {
    const run = (name: string, at: string) =>
      `run ${name} {\nmetric m minimize\nmodel fit at "${at}"${fence("fit <- 1; m <- 1")}}\n`;
    const rest = `compare all {\nruns a, b\nbest by m\n}\nrun c {\ninput fit from best of all\nmetric n${fence("n <- fit")}}\n`;
    expect(said(`mlpipe 1\n${run("a", "x")}${run("b", "x")}${rest}`)).toEqual([]);
    expect(said(`mlpipe 1\n${run("a", "x")}${run("b", "y")}${rest}`)).toEqual(["E0402 fit"]);
  });

  it("that another step gives comes with an edit that names that step", () => {
    const text = `mlpipe 1\nrun r {\n${give("a")}${give("b")}step c {\ninput out_a from b\nmetric m${fence("m <- out_a")}}\n}\n`;
    const [found] = compileText(text).diagnostics;
    expect([found?.code, found?.fix]).toEqual(["E0402", "`a` gives it: write `from a`"]);
    expect(found?.edits.map(({ replacement }) => replacement)).toEqual(["a"]);
  });

  it.each([
    ["a", "`a` is a run, not a step; did you mean `run a`?"],
    ["all", "`all` is a compare, not a step; did you mean `best of all`?"],
  ])("from `%s`, which is no step, comes with the words that are missing", (name, message) => {
    const text = `mlpipe 1\nrun a {\nmetric m minimize\nmodel x${fence("x <- m <- 1")}}\ncompare all {\nruns a\nbest by m\n}\nrun b {\ninput x from ${name}\nmetric n${fence("n <- x")}}\n`;
    const [found] = compileText(text).diagnostics;
    expect(found?.message).toBe(message);
    const [edit] = found?.edits ?? [];
    const { start, end } = edit?.place.span ?? { start: 0, end: 0 };
    expect(said(text.slice(0, start) + edit?.replacement + text.slice(end))).toEqual([]);
  });

  it("is no metric", () => {
    const text = `mlpipe 1\nrun r {\nstep a {\nmetric m${fence("m <- 1")}}\nstep b {\ninput m as x from a\nmetric n${fence("n <- x")}}\n}\n`;
    const [found] = compileText(text).diagnostics;
    expect([found?.code, found?.fix]).toEqual(["E0402", "it is a metric of the run, and no input"]);
  });
});

describe("a format of one language", () => {
  const steps = (out: string, from: string, to: string) =>
    `mlpipe 1\nrun r {\nstep a {\n${out}${fence(from === "r" ? "x <- 1" : "const x = 1", from)}}\n` +
    `step b {\ninput x from a\nmetric m${fence(to === "r" ? "m <- x" : "const m = x", to)}}\n}\n`;

  it.each([
    ["artifact x: csv", "r", "js", []],
    ["artifact x: rds", "r", "r", []],
    ["artifact x: rds", "r", "js", ["E0404 x"]],
    ["artifact x: rds", "js", "r", ["E0404 x"]],
    ["model x", "r", "r", []],
    ["model x", "r", "js", ["E0404 x"]],
    ["model x", "ts", "r", ["E0404 x"]],
    ["model x", "js", "ts", []],
    ["model x: folder", "r", "js", []],
  ])("`%s` from %s to %s: %j", (output, from, to, expected) => {
    expect(errors(steps(output, from, to))).toEqual(expected);
  });

  it("is refused from a file too", () => {
    const text = `mlpipe 1\nrun r {\ninput x from "x.rds"\nmetric m${fence("const m = x", "js")}}\n`;
    expect(errors(text, { "x.rds": "" })).toEqual(["E0404 x"]);
  });
});

describe("runs", () => {
  it("may not need one another in a circle", () => {
    const text = `mlpipe 1
run a {\ninput y from best of all\nartifact x: csv${fence("x <- y")}}
run b {\ninput x from run a\nartifact y: csv${fence("y <- x")}}
compare all {\nruns b\n}
`;
    const messages = compileText(text).diagnostics.map(({ code, message }) => `${code} ${message}`);
    expect(messages).toEqual(["E0403 each of these needs the next one to have run: a → b → a"]);
  });
});

describe("a template", () => {
  const fit = `step fit {\nparam cp: float = 0.1 in 0..1\nparam size: int\ninput rows from split\nmodel tree${fence("tree <- rows + cp + size")}}\n`;
  const split = `step split {\nartifact rows: csv\nartifact more: csv${fence("rows <- more <- 1")}}\n`;
  const inRun = (step: string) =>
    `mlpipe 1\n${fit}run r {\nparam n: int = 5\nparam word = "a"\nparam maybe: int? = null\n${split}${step}}\n`;
  const saidOf = (step: string) => said(inRun(step)).filter((it) => !it.startsWith("E0701"));

  it("takes values, params and steps, and keeps its own defaults", () => {
    const { program } = compileText(inRun("step one = fit { size = n rows = split.more }"));
    const step = program?.runs.get("r")?.steps[1];
    expect(step?.arguments?.map(({ param, value }) => [param.name, value])).toEqual([
      ["cp", { value: 0.1 }],
      ["size", { runParam: "n" }],
    ]);
    expect(step?.inputs).toMatchObject([
      { variable: "rows", from: { step: "split", output: { path: "more.csv" } } },
    ]);
    expect(step?.needs).toEqual(["split"]);
  });

  it.each([
    ["step one = fit {}", ["E0306 one"]],
    ["step one = fit { size = 2.5 }", ["E0301 2.5"]],
    ["step one = fit { size = 2 cp = 2 }", ["E0302 2"]],
    ["step one = fit { size = word }", ["E0301 word"]],
    ["step one = fit { size = n cp = n }", ["E0302 n"]],
    ["step one = fit { size = maybe }", ["E0301 maybe"]],
    ["step one = fit { size = m }", ["E0201 m"]],
    ["step one = fit { size = 1 size = 2 }", ["E0202 size"]],
    ["step one = fit { size = 1 pc = 1 }", ["E0201 pc"]],
    ["step one = fit { size = 1 rows = 3 }", ["E0301 3"]],
    ["step one = fit { size = 1 rows = spilt }", ["E0201 spilt"]],
    ["step one = fit { size = 1 rows = split.rwos }", ["E0402 split.rwos"]],
    ["step one = fit { size = 1 }\nstep two = fit { size = 1 }", ["E0202 two", "E0202 two"]],
  ])("called by `%s`: %j", (step, expected) => {
    expect(saidOf(step)).toEqual(step.includes("two") ? expected.slice(0, 1) : expected);
  });

  it("whose own source is no step of the run asks for one", () => {
    const text = `mlpipe 1\n${fit}run r {\nstep one = fit { size = 1 }\n}\n`;
    expect(said(text)).toEqual(["E0306 one"]);
  });

  it("sees the params of its file only, and in another file has them as arguments", () => {
    const lib = `mlpipe 1\nparam rate = 0.5\nstep fit {\nmetric m${fence("m <- rate")}}\n`;
    const local = compileText(
      `${lib}run r {\nparam own = 1\nstep a = fit {}\nstep b {\nmetric n${fence("n <- own")}}\n}\n`,
    );
    expect(local.program?.runs.get("r")?.steps[0]?.params).toEqual(["rate"]);
    const { runs } = programOf(
      'mlpipe 1\nimport fit from "./lib.mlpipe"\nrun r {\nstep a = fit { rate = 0.75 }\n}\n',
      { "lib.mlpipe": lib },
    );
    expect(runs.get("r")?.steps[0]).toMatchObject({
      params: [],
      arguments: [{ param: { name: "rate" }, value: { value: 0.75 } }],
    });
  });

  it("calls no template itself", () => {
    expect(errors(`mlpipe 1\n${fit}step more = fit { size = 1 }\n`)).toEqual(["E0405 more"]);
  });
});

describe("an import", () => {
  const lib = `mlpipe 1\nexperiment "/Shared/lib"\nrun first {\nmetric m minimize${fence("m <- 1")}}\nrun second {\nmetric m minimize${fence("m <- 1")}}\ncompare both {\nruns first, second\nbest by m\n}\n`;
  const use = "sweep s of first {\ngrid\n}\n";
  const files = { "lib.mlpipe": lib };

  it("brings what it names, with what that needs, in its own experiment", () => {
    const { program } = compileText(
      'mlpipe 1\nimport both from "./lib.mlpipe"\nproject p { main both }\n',
      files,
    );
    expect([...(program?.runs.keys() ?? [])]).toEqual(["first", "second"]);
    expect(program?.runs.get("first")?.experiment).toBe("/Shared/lib");
    expect(program?.own).toEqual([]);
  });

  it("of a run without an experiment puts it into that of the importing file", () => {
    const { program } = compileText(
      'mlpipe 1\nimport one from "./one.mlpipe"\nexperiment "/mine"\nproject p { main one }\n',
      { "one.mlpipe": `mlpipe 1\nrun one {\nmetric m${fence("m <- 1")}}\n` },
    );
    expect(program?.runs.get("one")?.experiment).toBe("/mine");
  });

  it.each([
    ['import first from "./lib.mlpipe"\n', ["E0703 first"]],
    ['import "./lib.mlpipe"\n', ['E0703 "./lib.mlpipe"']],
    ['import fisrt from "./lib.mlpipe"\n', ["E0205 fisrt"]],
    [
      `import first from "./lib.mlpipe"\nrun first {\nmetric m${fence("m <- 1")}}\n`,
      ["E0202 first"],
    ],
  ])("`%s` alone: %j", (text, expected) => {
    expect(said(`mlpipe 1\n${text}`, files)).toEqual(expected);
  });

  it("that cannot be had leads to no unknown names", () => {
    const text = `mlpipe 1\nimport "./gone.mlpipe"\n${use}run r {\nstep a = fit {}\ninput x from best of all\n}\n`;
    expect(
      compileText(text).diagnostics.filter(({ code }) => code !== "E0205" && code !== "E0603"),
    ).toEqual([]);
  });

  it("of a file of a newer edition leads to no unknown names", () => {
    const text = `mlpipe 1\nimport first from "./new.mlpipe"\n${use}`;
    const codes = said(text, { "new.mlpipe": "mlpipe 2\nrun first {}\n" }).map((it) =>
      it.slice(0, 5),
    );
    expect(codes.filter((code) => code !== "E0108" && code !== "E0603")).toEqual([]);
  });

  it("of a file with warnings says only its errors", () => {
    const text = 'mlpipe 1\nimport one from "./one.mlpipe"\nproject p { main one }\n';
    const one = (more: string) =>
      `mlpipe 1\nimport two from "./two.mlpipe"\nrun one {\nmetric m${more}${fence("m <- 1")}}\n`;
    const two = `mlpipe 1\nrun two {\nmetric m${fence("m <- 1")}}\n`;
    expect(said(text, { "one.mlpipe": one(""), "two.mlpipe": two })).toEqual([]);
    expect(said(text, { "one.mlpipe": one(" in 2..1"), "two.mlpipe": two })).toEqual([
      "E0303 2..1",
    ]);
  });
});

describe("a template that nothing calls", () => {
  const fit = `step fit {\nmetric m${fence("m <- 1")}}\n`;

  it("is said in a file with runs, and taken as a library's in one without", () => {
    expect(said(`mlpipe 1\n${fit}run r {\nmetric n${fence("n <- 1")}}\n`)).toEqual(["E0703 fit"]);
    expect(said(`mlpipe 1\n${fit}`)).toEqual([]);
  });
});

describe("on Databricks", () => {
  it.each([
    ['experiment "iris"', ['E0504 "iris"']],
    ['experiment "/Shared/iris"', []],
    ["", ["E0504 r"]],
  ])("`%s`: %j", (experiment, expected) => {
    const text = `mlpipe 1\n${experiment}\nrun r {\nmetric m${fence("m <- 1")}}\n`;
    expect(said(text, {}, "databricks")).toEqual(expected);
  });
});

describe("the project", () => {
  const r = (name: string) => `run ${name} {\nmetric m${fence("m <- 1")}}\n`;

  it.each([
    ["", { name: "main", main: "a", env: undefined }],
    ['project "the iris" { main b }', { name: "the iris", main: "b", env: undefined }],
    ['project p { env docker "r-base:4.2" }', { env: { kind: "docker", file: "r-base:4.2" } }],
    ['project p { env conda "conda.yaml" }', { env: { kind: "conda", file: "conda.yaml" } }],
    ["project p { env renv }", { env: { kind: "renv", file: undefined } }],
  ])("`%s` is %o", (text, expected) => {
    const { project } = programOf(`mlpipe 1\n${text}\n${r("a")}${r("b")}`, { "conda.yaml": "" });
    expect(project).toMatchObject(expected);
  });

  it("is the default experiment of MLflow where the file names none", () => {
    expect(programOf(`mlpipe 1\n${r("a")}`).runs.get("a")?.experiment).toBe("Default");
  });
});

describe("what could not be read", () => {
  it.each([
    `run r {\nstep a {\nartifcat x: csv${fence("x <- 1")}}\nstep b {\ninput x from a\nmetric m${fence("m <- x")}}\n}\n`,
    `run r {\nstpe a {\nartifact x: csv${fence("x <- 1")}}\nstep b {\ninput x from a\nmetric m${fence("m <- x")}}\nexpect n > 1\n}\n`,
    `run r {\nparm cp = 1\ntag t = "\${cp}"\nmetric m${fence("m <- cp")}}\n`,
    `rnu r {\nmetric m${fence("m <- 1")}}\ncompare c {\nruns r\nbest by m\n}\n`,
    'run r {\nscritp "a.R"\n}\n',
  ])("leads to no further finding in `%s`", (text) => {
    const codes = compileText(`mlpipe 1\n${text}`).diagnostics.map(({ code }) => code);
    expect(codes.filter((code) => !code.startsWith("E01"))).toEqual([]);
    expect(codes.length).toBeGreaterThan(0);
  });
});
