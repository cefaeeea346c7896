/** Where a run's inputs come from and what is said when they are not there; and what becomes of secrets. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { attempt, fence, fileName, oneRun } from "./support/attempt.ts";
import { readArtifact } from "./support/facts.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";

const use = fence("js", "const x = it.length");

describe.concurrent("an input that is not there", () => {
  test.each([
    [
      "of a run that was never run",
      `run other {\n  artifact it: text\n${fence("js", 'const it = "a"')}\n}\n`,
      "  input it from run other",
      "R0843  the experiment Default has no finished run of `other`",
      "fix: run it first: mlpipe run it.mlpipe other; or add --with-deps, which does\nFAILED in ",
      false,
    ],
    [
      "of a run that the tracker does not know",
      "",
      '  input it from run "0123456789abcdef0123456789abcdef"',
      "R0845  no run is meant by `0123456789abcdef0123456789abcdef`: sqlite:///mlflow.db has none whose id begins so",
      "fix: list the runs with their ids: mlpipe runs",
      false,
    ],
    [
      "of the best of a comparison whose runs were never run",
      `run other {\n  artifact it: text\n  metric m minimize\n${fence("js", 'const it = "a"; const m = 1')}\n}\ncompare all {\n  runs other\n  best by m\n}\n`,
      "  input it from best of all",
      "R0843  the experiment Default has no finished run of `other`",
      "fix: run it first: mlpipe run it.mlpipe other",
      false,
    ],
    [
      "of a file that a step before has removed",
      "",
      '  step first {\n  ```js\n  import { rmSync } from "node:fs"\n  rmSync("it.txt")\n  ```\n  }\n  step second {\n  after first\n  input it from "it.txt": text\n  ```js\n  const x = 1\n  ```\n  }',
      "R0841  the input file `it.txt` is not in ",
      "fix: put the file back",
      true,
    ],
    [
      "of a link that a step before has led out of the folder",
      "",
      '  step first {\n  ```js\n  import { rmSync, symlinkSync } from "node:fs"\n  rmSync("it.txt")\n  symlinkSync(process.execPath, "it.txt")\n  ```\n  }\n  step second {\n  after first\n  input it from "it.txt": text\n  ```js\n  const x = 1\n  ```\n  }',
      "R0841  the input file `it.txt` is not in ",
      "fix: put the file back",
      true,
    ],
  ])("%s fails the run, and says what to do", async (_, others, items, message, fix, logged) => {
    using folder = temporaryFolder();
    folder.write("it.txt", "here");
    const source = `${oneRun("  metric x", items, ...(items.includes("step") ? [] : [use]))}${others}`;
    const tried = await attempt(folder, source, { words: ["it"] });
    expect(tried.stderr).toContain(message);
    expect(tried.stderr).toContain(fix);
    expect(tried.stderr).not.toMatch(/^ +at |internal error/m);
    expect([tried.code, tried.facts.map(({ status }) => status)]).toEqual([
      1,
      logged ? ["FAILED"] : [],
    ]);
  });

  test("but a file whose name begins with two dots is there", async () => {
    using folder = temporaryFolder();
    folder.write("..it.txt", "here");
    const source = oneRun("  metric x", '  input it from "..it.txt": text', use);
    expect((await attempt(folder, source)).facts[0]?.metrics).toEqual({ x: 4 });
  });

  test("as a declared file is found missing before anything starts", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(
      folder,
      oneRun("  metric x", '  input it from "it.txt": text', use),
    );
    expect(tried.stderr).toMatch(/it\.mlpipe:5:\d+ {2}error E0406/);
    expect([tried.code, tried.facts]).toEqual([2, []]);
  });

  test("as the file of a path param is found missing before anything starts", async () => {
    using folder = temporaryFolder();
    const source = oneRun("  param it: path", "  metric x", use);
    const tried = await attempt(folder, source, { words: ["-P", "it=gone.csv"] });
    expect(tried.stderr).toMatch(
      /error R0850 {2}the param `it` names `gone\.csv`, which is not in /,
    );
    expect(tried.stderr).toContain("nothing was logged");
    expect([tried.code, tried.facts]).toEqual([1, []]);
  });
});

describe.concurrent("a model to be registered", () => {
  test("becomes a version of its name in the registry, under its alias, once the run has done well", async () => {
    using folder = temporaryFolder();
    const model = '  model m: crate at "m" {\n    register "iris-tree" alias champion\n  }';
    const code = fence(
      "js",
      "const m = crate((state, rows) => rows.map(() => state), 7)",
      "const x = 1",
    );
    const tried = await attempt(folder, oneRun("  metric x", model, code));
    expect([tried.code, tried.stderr, tried.facts[0]?.status]).toEqual([0, "", "FINISHED"]);
    expect(tried.stdout).toContain("  m is iris-tree version 1, champion\n");
    const again = await mlpipe(["run", fileName], { cwd: folder.path });
    expect(again.stdout).toContain("  m is iris-tree version 2, champion\n");
    const tracking = await openTracking(undefined, { folder: folder.path });
    const { model_version } = await tracking.call("registered-models/get-by-alias", {
      name: "iris-tree",
      alias: "champion",
    });
    const { run } = await tracking.call("runs/get", { run_id: model_version.run_id ?? "" });
    await tracking.close();
    expect([model_version.version, model_version.source]).toEqual([
      "2",
      `${run.info.artifact_uri}/m`,
    ]);
  });
});

/** Names of the files below the folder that hold the text. */
function filesWith(text: string, folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

describe.concurrent("a secret", () => {
  const secret = "hunter2-äöü-$(id)";

  test("that is not set fails the run before anything starts", async () => {
    using folder = temporaryFolder();
    const source = oneRun(
      "  metric x",
      '  secret token from env "MY_TOKEN"',
      fence("js", "const x = token.length"),
    );
    const tried = await attempt(folder, source);
    expect(tried.stderr).toContain(
      "R0829  the secret `token` needs the environment variable MY_TOKEN, which is not set",
    );
    expect([tried.code, tried.facts]).toEqual([1, []]);
  });

  test.each([
    [
      "js",
      [
        "console.log(`the token is ${token}.`)",
        "console.error(token)",
        'log.tag("who", `I am ${token}`)',
        "const x = token.length",
        "throw new Error(`refused: ${token}`)",
      ],
    ],
    [
      "r",
      [
        'cat("the token is ", token, ".\\n", sep = "")',
        "message(token)",
        'set_tag("who", paste("I am", token))',
        "x <- nchar(token)",
        'stop("refused: ", token)',
      ],
    ],
  ] as const)("in %s is in no output, log, tag, plan or file", async (language, code) => {
    using folder = temporaryFolder();
    const source = oneRun(
      "  metric x",
      '  secret token from env "MY_TOKEN"',
      fence(language, ...code),
    );
    const tried = await attempt(folder, source, { env: { MY_TOKEN: secret } });
    expect(tried.stdout).toContain("the token is ***.");
    expect(tried.stderr).toContain("error R0810  refused: ***");
    expect(tried.stdout + tried.stderr).not.toContain(secret);
    expect(tried.facts[0]?.tags).toMatchObject({ who: "I am ***" });
    expect(tried.facts[0]?.tags["mlpipe.error"]).toContain("refused: ***");
    expect(await readArtifact(undefined, folder.path, "mlpipe/log/it.txt")).toContain(
      "the token is ***.",
    );
    expect(filesWith("hunter2", folder.path)).toEqual([]);
    expect(JSON.stringify(tried.facts)).not.toContain(secret);
  });
});

describe.concurrent("an input from a run of before", () => {
  const learn = [
    "run learn {",
    "  param n: int = 1",
    "  artifact note: text",
    '  artifact table: csv at "data/table.csv"',
    '  model twice: crate at "models/twice"',
    fence(
      "js",
      "const note = `note ${n}`",
      "const table = [{ a: n, b: 'x' }]",
      "const twice = crate((factor, rows) => rows.map(({ a }) => a * factor), 2)",
    ),
    "}",
    "",
  ].join("\n");

  test("is that of the newest finished one by its name, or of the very one by its id, at its path or not", async () => {
    using folder = temporaryFolder();
    folder.write("learn.mlpipe", `mlpipe 1\n\n${learn}`);
    const ids: string[] = [];
    for (const n of [1, 2]) {
      const ended = await mlpipe(["run", "learn.mlpipe", "-P", `n=${n}`], { cwd: folder.path });
      expect(ended.stderr).toBe("");
      ids.push(/run ([0-9a-f]{32}) in Default/.exec(ended.stdout)?.[1] ?? "");
    }
    const check = (n: number): string =>
      fence(
        "js",
        `if (note !== "note ${n}" || table[0].a !== ${n}) throw new Error(JSON.stringify([note, table]))`,
        "const [x] = twice.predict([{ a: 21 }])",
      );
    const byName = await attempt(
      folder,
      `${oneRun("  metric x", "  input note, table, twice from run learn", check(2))}${learn}`,
      { words: ["it"] },
    );
    expect(byName.stderr).toBe("");
    expect(byName.facts.at(-1)?.metrics).toEqual({ x: 42 });
    const byId = await attempt(
      folder,
      oneRun("  metric x", `  input note, table, twice from run "${ids[0]}"`, check(1)),
    );
    expect(byId.stderr).toBe("");
    expect(byId.facts.at(-1)?.metrics).toEqual({ x: 42 });
    const wrong = await attempt(
      folder,
      oneRun("  metric x", `  input nte as it from run "${ids[0]}"`, use),
    );
    expect(wrong.stderr).toMatch(
      /R0844 {2}the run [0-9a-f]{32} has no artifact or model `nte`; it has .*note/,
    );
    expect(wrong.code).toBe(1);
  });

  test("may cross from R to Node as data, and a crate of R to R", async () => {
    using folder = temporaryFolder();
    const r = [
      "run learn {",
      "  artifact table: csv",
      "  artifact fit: rds",
      "  model line: crate",
      fence(
        "r",
        'table <- data.frame(a = c(0.1, 1 / 3), b = c("x", "y, \'z\'"))',
        "fit <- lm(dist ~ speed, cars)",
        "line <- carrier::crate(function(rows) stats::predict(fit, rows), fit = fit)",
      ),
      "}",
      "",
    ].join("\n");
    const node = `${oneRun("  metric x", "  input table from run learn", fence("js", "const x = table[1].a"))}${r}`;
    expect((await attempt(folder, node, { words: ["learn"] })).stderr).toBe("");
    const inNode = await attempt(folder, node, { words: ["it"] });
    expect(inNode.stderr).toBe("");
    expect(inNode.facts.at(-1)?.metrics).toEqual({ x: 1 / 3 });
    const code = fence(
      "r",
      "other <- predict(lm(dist ~ speed, cars), data.frame(speed = 10))",
      "x <- as.numeric(line(data.frame(speed = 10)) == other && identical(coef(fit), coef(lm(dist ~ speed, cars))))",
    );
    const inR = await attempt(
      folder,
      `${oneRun("  metric x", "  input line, fit from run learn", code)}${r}`,
      { words: ["it"] },
    );
    expect(inR.stderr).toBe("");
    expect(inR.facts.at(-1)?.metrics).toEqual({ x: 1 });
  });
});
