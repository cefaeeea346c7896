/** Sweeps, comparisons, launches and contracts: what they may say, and the program that they become. */
import { describe, expect, it } from "vitest";
import { checkText } from "./support/check.ts";
import { messageOf, programOf, said } from "./support/findings.ts";

const file = `mlpipe 1

run learn {
  param cp: float = 0.05 in 0..1
  param depth: int = 3 in 1..30
  param tens: int = 10 in 0..100 by 10
  param kind: string = "tree" in ["tree", "line"]
  param deep: bool = false
  param limit: float? = null
  seed 1
  require depth > cp
  metric error minimize
  metric loss
  artifact notes: text

  \`\`\`r
  error <- cp * depth + tens + nchar(kind) + deep + length(limit)
  loss <- error
  notes <- "done"
  \`\`\`
}

run other {
  metric error maximize
  metric speed maximize

  \`\`\`r
  error <- 1
  speed <- 2
  \`\`\`
}
`;

function sweep(items: string, of = "learn"): string {
  return `${file}\nsweep many of ${of} {\n${items}\n}\n`;
}

function grid(vary: string): string {
  return sweep(`grid\n${vary}\nbest by error`);
}

function random(vary: string): string {
  return sweep(`random 5 trials seed 1\n${vary}\nbest by error`);
}

function compare(items: string): string {
  return `${file}\ncompare all {\n${items}\n}\n`;
}

function launch(items: string, more = ""): string {
  return `${file}${more}\nlaunch go {\n${items}\n}\n`;
}

function contract(reproducible: string): string {
  return file.replace("seed 1", `seed 1\n  ${reproducible}`);
}

describe("a sweep", () => {
  it("becomes its search, values, settings and goal", () => {
    const text = sweep(`
      random 20 trials seed 42
      vary cp in log 0.0001..0.5
      vary depth in 1..15
      vary kind in ["line"]
      set tens = 20
      set limit = null
      parallel 4
      best by error
      tag why = "look"
      expect error <= 0.1`);
    const found = programOf(text).sweeps.get("many");
    expect(found).toMatchObject({
      name: "many",
      of: "learn",
      search: { kind: "random", trials: 20, seed: 42 },
      vary: [
        { param: "cp", log: true, values: { kind: "range", low: 0.0001, high: 0.5 } },
        { param: "depth", log: false, values: { kind: "range", low: 1, high: 15 } },
        { param: "kind", log: false, values: { kind: "list", values: ["line"] } },
      ],
      set: { tens: 20, limit: null },
      parallel: 4,
      bestBy: ["error"],
      tags: [{ key: "why", value: ["look"] }],
      expects: [{ text: "error <= 0.1" }],
    });
    const defaults = found?.params.map(({ name, default: value }) => [name, value]);
    expect(defaults).toContainEqual(["tens", 20]);
    expect(defaults).toContainEqual(["depth", 3]);
  });

  it("takes every value that the param takes, up to both ends", () => {
    const fine = [
      "vary cp in [0, 0.5, 1]",
      "vary cp in 0..1 by 0.25",
      "vary depth in 1..30",
      "vary depth in 0<..<31",
      "vary tens in 0..100 by 20",
      'vary kind in ["tree", "line"]',
      "vary deep in [true, false]",
      "vary limit in [null, 5%, 3]",
    ];
    expect(fine.flatMap((it) => said(grid(it)))).toEqual([]);
    const drawn = ["vary cp in 0..1", "vary cp in log 0.001..1", "vary depth in log 1..30"];
    expect(drawn.flatMap((it) => said(random(it)))).toEqual([]);
  });

  it("says E0304 about values outside the param's domain", () => {
    expect(said(grid("vary cp in [0.5, 1.5]"))).toEqual(["E0304 1.5"]);
    expect(said(grid("vary depth in 0..5"))).toEqual(["E0304 0..5"]);
    expect(said(grid("vary tens in 0..20"))).toEqual(["E0304 0..20"]);
    expect(said(grid('vary kind in ["tree", "forest"]'))).toEqual(['E0304 "forest"']);
    expect(said(random("vary cp in -0.5..1"))).toEqual(["E0304 -0.5..1"]);
    expect(said(random("vary tens in 5..95 by 10"))).toEqual(["E0304 5..95 by 10"]);
    expect(said(grid("vary depth in [1]\nset cp = 2"))).toEqual(["E0304 2"]);
    expect(messageOf(grid("vary depth in 0..5"))).toContain(
      "`vary depth` gives 0, and `depth` lies `in 1..30`",
    );
  });

  it("says E0301, E0303 and E0305 about values that are none", () => {
    expect(said(grid('vary cp in ["0.1"]'))).toEqual(['E0301 "0.1"']);
    expect(said(grid("vary depth in [1, 2.5]"))).toEqual(["E0301 2.5"]);
    expect(said(grid("vary depth in [1]\nset deep = 1"))).toEqual(["E0301 1"]);
    expect(said(grid("vary depth in [null]"))).toEqual(["E0301 null"]);
    expect(said(grid("vary depth in 5..2"))).toEqual(["E0303 5..2"]);
    expect(said(grid("vary depth in []"))).toEqual(["E0303 []"]);
    expect(said(random("vary cp in log 0..1"))).toEqual(["E0303 0..1"]);
    expect(said(grid("vary kind in 1..2"))).toEqual(["E0305 1..2"]);
    expect(said(grid("vary deep in 0..1"))).toEqual(["E0305 0..1"]);
  });

  it("says E0603 about what cannot be laid out", () => {
    expect(said(grid("vary cp in 0..1"))).toEqual(["E0603 0..1"]);
    expect(said(grid("vary depth in 1.."))).toEqual(["E0603 1.."]);
    expect(said(grid("vary cp in log 0.1..1"))).toEqual(["E0603 0.1..1"]);
    expect(said(grid("vary cp in log [0.1, 1]"))).toEqual(["E0603 [0.1, 1]"]);
    expect(said(random("vary limit in 0.."))).toEqual(["E0603 0.."]);
    expect(said(random("vary cp in log 0.1..1 by 0.1"))).toEqual(["E0603 0.1..1 by 0.1"]);
    expect(said(sweep("vary depth in [1]\nbest by error"))).toEqual(["E0603 many"]);
    expect(said(sweep("grid\nbest by error"))).toEqual(["E0603 many"]);
    expect(said(sweep("grid\nrandom 3 trials\nvary depth in [1]"))).toEqual([
      "E0603 random 3 trials",
    ]);
    expect(said(sweep("random 0 trials\nvary depth in [1]"))).toEqual(["E0603 random 0 trials"]);
    expect(said(sweep("grid\nvary depth in [1]\nparallel 0"))).toEqual(["E0603 parallel 0"]);
  });

  it("warns of more than 1,000 runs, and refuses more than 100,000", () => {
    const severities = (items: string) =>
      checkText(sweep(items)).map(({ code, severity }) => `${severity} ${code}`);
    const thousand = "grid\nvary depth in 1..10\nvary cp in 0..0.99 by 0.01";
    expect(severities(thousand)).toEqual([]);
    expect(severities(`${thousand}\nvary deep in [true, false]`)).toEqual(["warning E0603"]);
    expect(severities(thousand.replace("0.01", "0.0001"))).toEqual(["warning E0603"]);
    expect(severities(thousand.replace("0.01", "0.00001"))).toEqual(["error E0603"]);
    expect(severities("random 1001 trials\nvary cp in 0..1")).toEqual(["warning E0603"]);
    expect(messageOf(sweep(`${thousand}\nvary deep in [true, false]`))).toContain(
      "this sweep makes 2,000 runs",
    );
  });

  it("says E0201 about runs and params that are not there", () => {
    expect(said(sweep("grid\nvary depth in [1]", "laern"))).toEqual(["E0201 laern"]);
    expect(said(grid("vary dept in [1]"))).toEqual(["E0201 dept"]);
    expect(said(grid("vary depth in [1]\nset dep = 1"))).toEqual(["E0201 dep"]);
  });

  it("says E0202 about a param or an item that is given twice", () => {
    expect(said(grid("vary depth in [1]\nvary depth in [2]"))).toEqual(["E0202 depth"]);
    expect(said(grid("vary depth in [1]\nset depth = 2"))).toEqual(["E0202 depth"]);
    expect(said(grid("vary depth in [1]\nset cp = 0\nset cp = 1"))).toEqual(["E0202 cp"]);
    expect(said(grid("grid\nvary depth in [1]"))).toEqual(["E0202 grid"]);
  });

  it("says E0306 about a param that no trial has a value for", () => {
    const needs = (items: string) => said(sweep(items).replace("depth: int = 3", "depth: int"));
    expect(needs("grid\nvary cp in [0.1]")).toEqual(["E0306 many"]);
    expect(needs("grid\nvary depth in [1]")).toEqual([]);
    expect(needs("grid\nvary cp in [0.1]\nset depth = 1")).toEqual([]);
  });

  it("says E0307 where none of its values satisfies what the run requires", () => {
    const text = file.replace("require depth > cp", "require depth > tens\n  require tens > 4");
    const fine = text.replace("tens: int = 10", "tens: int = 0").replace("require tens > 4", "");
    const many = (vary: string) => said(`${fine}\nsweep many of learn {\ngrid\n${vary}\n}\n`);
    expect(many("vary tens in [0, 10]\nvary depth in [5, 15]")).toEqual([]);
    expect(many("vary tens in [20, 30]\nvary depth in [5, 15]")).toEqual(["E0307 many"]);
  });

  it("is best by a metric with one direction", () => {
    expect(said(grid("vary depth in [1]").replace("best by error", "best by loss"))).toEqual([
      "E0601 loss",
    ]);
    expect(said(grid("vary depth in [1]").replace("best by error", "best by eror"))).toEqual([
      "E0602 eror",
    ]);
    expect(said(grid("vary depth in [1]").replace("best by error", "best by cp"))).toEqual([
      "E0602 cp",
    ]);
    expect(said(grid("vary depth in [1]").replace("by error", "by error then loss"))).toEqual([
      "E0601 loss",
    ]);
  });
});

describe("a comparison", () => {
  it("becomes its runs, conditions, goal and columns", () => {
    const text = compare(`
      runs learn
      where error <= 6 and tags.status != "rejected"
      where depth > 2
      best by error
      show depth, error`);
    expect(programOf(text).compares.get("all")).toMatchObject({
      runs: ["learn"],
      where: [{ text: 'error <= 6 and tags.status != "rejected"' }, { text: "depth > 2" }],
      bestBy: ["error"],
      show: ["depth", "error"],
    });
  });

  it("takes sweeps for the run that they repeat", () => {
    const text = `${grid("vary depth in [1]")}\ncompare all {\nruns learn, many\nbest by error\n}\n`;
    expect(said(text)).toEqual([]);
  });

  it("takes a name that one of its runs logs", () => {
    expect(said(compare("runs learn, other\nbest by speed\nshow speed, cp"))).toEqual([]);
    expect(said(compare("runs learn, other\nwhere speed > 1 and cp < 1"))).toEqual([]);
  });

  it("says what is unknown, named twice, or without a direction", () => {
    expect(said(compare("runs lern"))).toEqual(["E0201 lern"]);
    expect(said(compare("runs learn, learn"))).toEqual(["E0202 learn"]);
    expect(said(compare("best by error"))).toEqual(["E0603 all"]);
    expect(said(compare("runs learn\nshow dept"))).toEqual(["E0602 dept"]);
    expect(said(compare("runs learn\nshow notes"))).toEqual(["E0602 notes"]);
    expect(said(compare("runs learn\nwhere eror < 1"))).toEqual(["E0602 eror"]);
    expect(said(compare("runs learn\nwhere error < cp"))).toEqual(["E0301 cp"]);
    expect(said(compare("runs learn\nbest by loss"))).toEqual(["E0601 loss"]);
    expect(said(compare("runs learn\nbest by error\nbest by error"))[0]).toMatch(/^E0202 /u);
  });

  it("says E0601 where its runs disagree about the direction", () => {
    expect(messageOf(compare("runs learn, other\nbest by error"))).toContain(
      "some maximize and others minimize `error`",
    );
  });

  it("says nothing about names of a run that is unknown itself", () => {
    expect(said(compare("runs lern, learn\nshow anything\nwhere what = 1\nbest by that"))).toEqual([
      "E0201 lern",
    ]);
  });
});

describe("a launch", () => {
  it("becomes its place, entry, backend and values", () => {
    const text = launch(`
      git "https://github.com/example/forest" at "v1.2.0"
      entry anything
      backend kubernetes "cluster.json"
      set trees = 500
      set share = 5%
      set name = "x"`);
    expect(programOf(text).launches.get("go")).toMatchObject({
      git: "https://github.com/example/forest",
      at: "v1.2.0",
      entry: "anything",
      backend: { name: "kubernetes", config: "cluster.json" },
      set: { trees: 500, share: 0.05, name: "x" },
    });
  });

  it("starts the main run on this machine where it says no more", () => {
    expect(programOf(launch("")).launches.get("go")).toMatchObject({
      git: undefined,
      entry: "learn",
      backend: { name: "local", config: undefined },
      set: {},
    });
  });

  it("of this project is held to the run that it starts", () => {
    expect(said(launch("entry learn\nset depth = 4"))).toEqual([]);
    expect(said(launch("entry lern"))).toEqual(["E0201 lern"]);
    expect(said(launch("entry learn\nset dep = 4"))).toEqual(["E0201 dep"]);
    expect(said(launch("entry learn\nset depth = 31"))).toEqual(["E0304 31"]);
    expect(said(launch('entry learn\nset depth = "4"'))).toEqual(['E0301 "4"']);
    expect(said(launch("set depth = 31"))).toEqual(["E0304 31"]);
    const required = (items: string) => said(launch(items).replace("depth: int = 3", "depth: int"));
    expect(required("entry learn")).toEqual(["E0306 go"]);
    expect(required("entry learn\nset depth = 1")).toEqual([]);
  });

  it("says what is unknown or given twice", () => {
    expect(said(launch("backend loca"))).toEqual(["E0201 loca"]);
    expect(said(launch("backend local\nbackend local"))).toEqual(["E0202 backend local"]);
    expect(said(launch('git "a"\nset a = 1\nset a = 2'))).toEqual(["E0202 a"]);
    expect(said(launch('git "a"\nset a = [1]'))).toEqual(["E0301 [1]"]);
  });
});

describe("a contract", () => {
  it("of exactness ignores what it excepts", () => {
    const found = programOf(contract("reproducible exact except notes")).runs.get("learn");
    expect(found?.contract).toEqual({
      otherwise: "exact",
      tolerances: { notes: { kind: "ignored" } },
      seeds: undefined,
    });
  });

  it("of tolerances has one for each name; an amount is absolute, a percentage relative", () => {
    const text = contract(`reproducible {
      error within 2%
      loss within 0.01
      notes exact
      across seeds 1..5
    }`);
    expect(programOf(text).runs.get("learn")?.contract).toEqual({
      otherwise: "unstated",
      tolerances: {
        error: { kind: "within", amount: 0.02, scale: "rel" },
        loss: { kind: "within", amount: 0.01, scale: "abs" },
        notes: { kind: "exact" },
      },
      seeds: { low: 1, high: 5 },
    });
    const more = contract(
      "reproducible {\nerror within 0.1 rel\nloss within 4 ulp\nnotes ignored\n}",
    );
    expect(programOf(more).runs.get("learn")?.contract?.tolerances).toEqual({
      error: { kind: "within", amount: 0.1, scale: "rel" },
      loss: { kind: "ulp", ulp: 4 },
      notes: { kind: "ignored" },
    });
    const drawn = contract("reproducible {\nerror distribution margin 0.1\n}");
    expect(programOf(drawn).runs.get("learn")?.contract?.tolerances).toEqual({
      error: { kind: "distribution", margin: 0.1 },
    });
  });

  it("says E0605 about what is no output, or no number", () => {
    expect(said(contract("reproducible exact except note"))).toEqual(["E0605 note"]);
    expect(said(contract("reproducible {\nnotes within 0.1\n}"))).toEqual([
      "E0605 notes within 0.1",
    ]);
    expect(said(contract("reproducible {\nerror within -1\n}"))).toEqual(["E0605 error within -1"]);
    expect(said(contract("reproducible {\nerror distribution margin 0\n}"))).toEqual([
      "E0605 error distribution margin 0",
    ]);
    expect(said(contract("reproducible {\ncp exact\n}"))).toEqual(["E0605 cp"]);
    expect(said(contract("reproducible {\nacross seeds 1..\n}"))).toEqual(["E0605 1.."]);
    expect(said(contract("reproducible {\nacross seeds 1..9 by 2\n}"))).toEqual([
      "E0605 1..9 by 2",
    ]);
    expect(messageOf(contract("reproducible exact except note"))).toBe(
      "`note` is no output of `learn`; did you mean `notes`?",
    );
  });

  it("holds a model to what it predicts, where that is recorded", () => {
    const fitted = (model: string, tolerance: string): string =>
      contract(`reproducible {\nfit ${tolerance}\n}`)
        .replace("artifact notes: text", `artifact notes: text\n  ${model}`)
        .replace("notes <-", "fit <- identity\n  notes <-");
    const probed = "model fit { probe notes }";
    expect(
      programOf(fitted(probed, "within 1e-8 rel")).runs.get("learn")?.contract?.tolerances,
    ).toEqual({ fit: { kind: "within", amount: 1e-8, scale: "rel" } });
    expect(said(fitted(probed, "within 4 ulp"))).toEqual([]);
    expect(said(fitted(probed, "within -1"))).toEqual(["E0605 fit within -1"]);
    expect(said(fitted(probed, "distribution margin 0.1"))).toEqual([
      "E0605 fit distribution margin 0.1",
    ]);
    expect(said(fitted("model fit", "within 4 ulp"))).toEqual(["E0605 fit within 4 ulp"]);
    expect(said(fitted("model fit: file { probe notes }", "within 1"))).toEqual([
      "E0605 fit within 1",
    ]);
    expect(said(fitted("model fit", "ignored"))).toEqual([]);
  });

  it("says E0202 about a name with two tolerances, and E0303 about no seeds", () => {
    expect(said(contract("reproducible {\nerror exact\nerror ignored\n}"))).toEqual([
      "E0202 error",
    ]);
    expect(said(contract("reproducible {\nacross seeds 5..1\n}"))).toEqual(["E0303 5..1"]);
  });
});
