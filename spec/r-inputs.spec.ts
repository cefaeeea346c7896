/** What the code of an R step starts with: params, inputs, secrets and the names of the run. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { StepInput } from "../src/run/protocol.ts";
import {
  artifact,
  findings,
  float,
  model,
  noR,
  runR,
  testFolder,
  wentWell,
} from "./support/r-step.ts";

const input = (
  folder: string,
  variable: string,
  format: Extract<StepInput, { kind: "artifact" }>["format"],
  file: string,
): StepInput => ({ variable, kind: "artifact", format, path: join(folder, file) });

const crateIn = (folder: string, variable: string, at: string): StepInput => ({
  variable,
  kind: "model",
  flavor: "crate",
  path: join(folder, at),
});

test.skipIf(noR)("a step works in a folder whose letters its locale lacks", async () => {
  const folder = join(testFolder(), "größer – ж");
  mkdirSync(folder);
  writeFileSync(join(folder, "rows.csv"), "a\n1\n");
  const ran = wentWell(
    await runR({
      folder,
      env: { LC_ALL: "C" },
      inputs: [input(folder, "rows", "csv", "rows.csv"), input(folder, "file", "file", "rows.csv")],
      artifacts: [artifact("note", "text")],
      code: "note <- c(readLines(file), rows$a)\n",
    }),
  );
  expect(ran.output("note.text")).toBe("a\n1\n1\n");
});

describe.skipIf(noR)("params", () => {
  test("reach the code with their types", async () => {
    const ran = wentWell(
      await runR({
        params: [
          { name: "n", type: "int", value: 5 },
          { name: "big", type: "int", value: 2 ** 53 - 1 },
          float("rate", 0.1),
          { name: "name", type: "string", value: 'né "quoted" \\ 日本 😀\n' },
          { name: "on", type: "bool", value: true },
          { name: "file", type: "path", value: "/tmp/x.csv" },
          { name: "none", type: "float", value: null },
          { name: "ints", type: "int", value: [1, 2] },
          { name: "floats", type: "float", value: [{ float: "0x1p-1" }, { float: "-inf" }] },
          { name: "texts", type: "string", value: ["a"] },
          { name: "empty", type: "float", value: [] },
        ],
        code: "str(params)\nfor (v in names(params)) stopifnot(identical(get(v), params[[v]]))\ncat(sprintf('%a %.0f', rate, big))\n",
      }),
    );
    expect(ran.stdout.split("\n")).toEqual([
      "List of 11",
      " $ n     : int 5",
      " $ big   : num 9.01e+15",
      " $ rate  : num 0.1",
      ' $ name  : chr "né \\"quoted\\" \\\\ 日本 😀\\n"',
      " $ on    : logi TRUE",
      ' $ file  : chr "/tmp/x.csv"',
      " $ none  : NULL",
      " $ ints  : int [1:2] 1 2",
      " $ floats: num [1:2] 0.5 -Inf",
      ' $ texts : chr "a"',
      " $ empty : num(0) ",
      "0x1.999999999999ap-4 9007199254740991",
    ]);
  });

  test("the run and its seed have names, and params win over them", async () => {
    const text = "cat(run$id, run$name, class(seed), seed, is.null(params$x))\n";
    const ran = wentWell(await runR({ seed: 7, code: text }));
    expect(ran.stdout).toBe("0123456789abcdef trial integer 7 TRUE");
    const own = wentWell(
      await runR({ params: [{ name: "seed", type: "int", value: 3 }], code: "cat(seed)\n" }),
    );
    expect(own.stdout).toBe("3");
  });

  test("secrets come from the environment and stand in no file", async () => {
    const ran = wentWell(
      await runR({
        secrets: { token: "MY_TOKEN" },
        env: { MY_TOKEN: "s3cret" },
        code: "cat(nchar(token), token == Sys.getenv('MY_TOKEN'))\n",
      }),
    );
    expect(ran.stdout).toBe("6 TRUE");
    expect(readFileSync(join(ran.folder, "step.json"), "utf8")).not.toContain("s3cret");
  });

  test("the variables stand below the global environment, which is empty", async () => {
    const ran = wentWell(
      await runR({
        params: [{ name: "x", type: "int", value: 1 }],
        code: "cat(identical(parent.env(environment()), globalenv()), length(ls(globalenv())), ls())\n",
      }),
    );
    expect(ran.stdout).toBe("TRUE 0 params seed x");
  });
});

describe.skipIf(noR)("inputs", () => {
  test("csv is a data.frame of typed columns, without factors", async () => {
    const folder = testFolder();
    const table =
      '\uFEFFid,"my name",on,share,empty,zip,huge\r\n' +
      '1,"a ""b"", c",TRUE,0.1,,"01234",12345678901234567890\r\n' +
      "\r\n" +
      '2,"two\r\nlines",NA,-1e-3,,"NA",1\r\n' +
      "3,é,FALSE,NaN,,NA,2\r\n";
    const ran = wentWell(
      await runR({
        folder,
        files: { "t.csv": table },
        inputs: [input(folder, "t", "csv", "t.csv")],
        code: "str(t)\ndput(t$`my name`)\n",
      }),
    );
    expect(ran.stdout.split("\n")).toEqual([
      "'data.frame':\t3 obs. of  7 variables:",
      " $ id     : int  1 2 3",
      ' $ my name: chr  "a \\"b\\", c" "two\\r\\nlines" "é"',
      " $ on     : logi  TRUE NA FALSE",
      " $ share  : num  0.1 -0.001 NaN",
      " $ empty  : logi  NA NA NA",
      ' $ zip    : chr  "01234" "NA" NA',
      ' $ huge   : chr  "12345678901234567890" "1" "2"',
      'c("a \\"b\\", c", "two\\r\\nlines", "é")',
      "",
    ]);
  });

  test("a csv that quotes everything is read by its content", async () => {
    const folder = testFolder();
    const ran = wentWell(
      await runR({
        folder,
        files: { "t.csv": '"a","b"\n"1","x"\n"2","y"\n' },
        inputs: [input(folder, "t", "csv", "t.csv")],
        code: "cat(sapply(t, class))\n",
      }),
    );
    expect(ran.stdout).toBe("integer character");
  });

  test("json is lists, and vectors where an array is all of one kind", async () => {
    const folder = testFolder();
    const ran = wentWell(
      await runR({
        folder,
        files: {
          "j.json":
            '{"n": [1, 2.5, null], "s": "\\u00e9\\ud83d\\ude00\\"", "rows": [{"a": 1}, {"a": null}], "no": null, "on": [true, false], "mixed": [1, "a"], "none": [], "deep": [[1, 2], [3]]}',
        },
        inputs: [input(folder, "j", "json", "j.json")],
        code: "dput(j)\n",
      }),
    );
    expect(ran.stdout.replaceAll(/\s+/g, " ").replaceAll("( ", "(").trim()).toBe(
      'list(n = c(1, 2.5, NA), s = "é😀\\"", rows = list(list(a = 1), list(a = NULL)), no = NULL, on = c(TRUE, FALSE), mixed = list(1, "a"), none = list(), deep = list(c(1, 2), 3))',
    );
  });

  test("text is lines, rds is the object, all else is a path", async () => {
    const folder = testFolder();
    await runR({ folder, code: "saveRDS(list(a = 1:3), 'o.rds')\n" });
    const ran = wentWell(
      await runR({
        folder,
        files: { "t.txt": "één\r\ntwo", "p.png": "x" },
        inputs: [
          input(folder, "lines", "text", "t.txt"),
          input(folder, "object", "rds", "o.rds"),
          input(folder, "image", "png", "p.png"),
        ],
        code: "dput(lines)\ndput(object)\ncat(basename(image), file.exists(image))\n",
      }),
    );
    expect(ran.stdout).toBe('c("één", "two")\nlist(a = 1:3)\np.png TRUE');
  });

  test.each([
    ["csv", "a,b\n1,2\n3\n", "record 3 has 1 fields, the header has 2"],
    [
      "csv",
      'a,b\n1,"2\n',
      "line 2 has a quote that is not closed, or one in the middle of a field",
    ],
    ["csv", "", "the file is empty"],
    ["csv", Buffer.from([0x61, 0x0a, 0xe9]), "the file is not UTF-8 text"],
    ["json", '{"a": 1,\n "b" 2}', "line 2: this does not belong here in JSON"],
    ["json", '{"a": [1, 2}', "line 1: the text ends inside an array or object"],
    ["json", "{'a': 1}", "line 1: this is not JSON"],
    ["rds", "no", "unknown input format"],
    ["rds", gzipSync("no"), "unknown input format"],
  ] as const)("a damaged %s is told before the code runs: %j", async (format, content, problem) => {
    const folder = testFolder();
    const inputs = [input(folder, "given", format, "file")];
    const ran = await runR({ folder, files: { file: content }, inputs, code: "cat('ran')\n" });
    expect(ran.stdout).toBe("");
    expect(findings(ran)[0]).toContain(
      `R0808 the input \`given\` cannot be read: ${problem} | look at ${folder}/file: it should hold`,
    );
  });

  test("parquet without {arrow} says what to install", async () => {
    const folder = testFolder();
    const inputs = [input(folder, "given", "parquet", "p")];
    const ran = await runR({ folder, files: { p: "x" }, inputs, code: "1\n", env: { R_LIBS: "" } });
    expect(findings(ran)[0]).toMatch(
      /^R0812 the input `given` is parquet, which needs the package `arrow`; it is not installed \| in R: install\.packages\("arrow"\)/,
    );
  });

  test("a crate comes with the packages that MLmodel names", async () => {
    const folder = testFolder();
    await runR({
      folder,
      code: "library(rpart)\nfit <- rpart(Species ~ ., iris)\ntree <- crate(function(x) stats::predict(fit, x, type = 'class'), fit = fit)\n",
      models: [model("tree")],
    }).then(wentWell);
    const mlmodel = (packages: string): string =>
      `artifact_path: tree\nflavors:\n  crate:\n    version: "0.1.0"\n    model: crate.bin\n    packages:\n      ${packages}: "4.1.19"\nutc_time_created: now\n`;
    const inputs = [crateIn(folder, "tree", "out/tree")];
    const text = "cat(as.character(tree(iris[c(1, 70), ])), isNamespaceLoaded('rpart'))\n";
    const files = { "out/tree/MLmodel": mlmodel("rpart") };
    const ran = wentWell(await runR({ folder, files, inputs, code: text }));
    expect(ran.stdout).toBe("setosa versicolor TRUE");
    const missing = { "out/tree/MLmodel": mlmodel("notThere") };
    const failed = await runR({ folder, files: missing, inputs, code: text });
    expect(findings(failed)[0]).toMatch(
      /^R0812 the model `tree` needs the package `notThere`; it is not installed \| /,
    );
  });

  test("a model of files is the path of its one file", async () => {
    const folder = testFolder();
    const saved = await runR({
      folder,
      code: "writeLines('w', 'weights.bin'); net <- 'weights.bin'\n",
      models: [model("net", { flavor: "file" })],
    });
    wentWell(saved);
    const ran = wentWell(
      await runR({
        folder,
        files: { "out/net/MLmodel": "flavors:\n" },
        inputs: [{ variable: "net", kind: "model", flavor: "file", path: join(folder, "out/net") }],
        code: "cat(basename(net), readLines(net))\n",
        artifacts: [artifact("none", "csv", { required: false })],
      }),
    );
    expect(ran.stdout).toBe("weights.bin w");
  });
});
