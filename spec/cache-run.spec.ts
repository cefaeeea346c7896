/** Steps that need not run again: what comes from the cache, what does not, and that nobody can tell the difference. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { js, runCached } from "./support/cached-runs.ts";
import { readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";

const chain = `mlpipe 1
run chain {
  param share: float = 0.5
  param word: string = "a"
  seed 1
  step make {
    artifact rows: csv
    artifact notes: folder
    metric loss over epoch
    ${js(
      'import { mkdirSync, writeFileSync } from "node:fs"',
      "const rows = [{ x: share }, { x: Math.random() }]",
      'mkdirSync("work/deep", { recursive: true })',
      'writeFileSync("work/deep/a.txt", "deep")',
      'const notes = "work"',
      "const loss = [3, 2.5, share]",
      'log.tag("made", "yes")',
      'console.log("made")',
    )}
  }
  step use {
    input rows from make
    model double: crate
    metric total
    ${js(
      "const total = rows.reduce((sum, row) => sum + row.x, 0)",
      "const double = crate((state, given) => given.map((row) => row.x * state.by), { by: 2 })",
    )}
  }
  step apply {
    input double from use
    metric twice
    ${js("const [twice] = double.predict([{ x: 21 }])", "console.log(word)")}
  }
}
`;

/** Facts of the two last runs, without what says that one came from the cache. */
async function lastTwo(folder: Folder): Promise<readonly unknown[]> {
  const facts = await readFacts(undefined, folder.path);
  return facts.slice(-2).map((run) => ({
    ...run,
    tags: Object.fromEntries(
      Object.entries(run.tags).filter(([key]) => !key.startsWith("mlpipe.cached.")),
    ),
  }));
}

describe.concurrent("a run of steps that ran before", () => {
  test("takes all from the cache, logs the same, and says from which run", async ({ expect }) => {
    using folder = temporaryFolder();
    const first = await runCached(folder, chain);
    expect([first.code, first.ran, first.cached]).toEqual([0, ["make", "use", "apply"], []]);
    rmSync(path.join(folder.path, "work"), { recursive: true });
    const second = await runCached(folder, undefined);
    expect(second).toMatchObject({ code: 0, ran: [], cached: ["make", "use", "apply"] });
    expect(second.metrics).toEqual(first.metrics);
    const [before, after] = await lastTwo(folder);
    expect(after).toEqual(before);
    expect(after).toMatchObject({
      histories: { loss: [3, 2.5, 0.5] },
      tags: { made: "yes" },
      artifacts: expect.arrayContaining(["notes/deep/a.txt", "rows.csv", "double/MLmodel"]),
    });
    const [, run] = await readFacts(undefined, folder.path);
    expect(run?.tags["mlpipe.cached.use"]).toBe(first.runId);
    const log = path.join(folder.path, ".mlpipe", "runs", second.runId, "make", "log.txt");
    expect(readFileSync(log, "utf8")).toBe("made\n");
  });

  test("shows it in one line a step", async ({ expect }) => {
    using folder = temporaryFolder();
    const first = await runCached(folder, chain);
    const { stdout } = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
    expect(stdout).toMatch(
      new RegExp(`^cached  apply  from run ${first.runId}, saved \\d+\\.\\d\\d s$`, "m"),
    );
    expect(stdout).toMatch(
      /^FINISHED in .* {2}run [0-9a-f]{32} {2}\d steps from the cache, \d+\.\d\d s saved$/m,
    );
    expect(stdout).not.toContain("made\n");
  });

  test("runs again only what a change reaches, and finds what it had when the change is undone", async ({
    expect,
  }) => {
    using folder = temporaryFolder();
    await runCached(folder, chain);
    // A comment and another layout are no change.
    const restyled = chain
      .replace("const loss", "// why not\n\nconst   loss")
      .replace("run chain {", "# a note\n\n\nrun chain {");
    expect((await runCached(folder, restyled)).ran).toEqual([]);
    // Only `apply` uses it, and what comes of it is nobody's input.
    expect((await runCached(folder, chain, ["-P", "word=b"])).ran).toEqual(["apply"]);
    // The rows change, and with them their sum, but not the model that is made of it.
    const other = await runCached(folder, undefined, ["-P", "share=0.75"]);
    expect([other.ran, other.cached]).toEqual([["make", "use"], ["apply"]]);
    expect((await runCached(folder, undefined)).ran).toEqual([]);
    const renamed = chain.replace("const total = rows.reduce", "const total = 1 + rows.reduce");
    expect((await runCached(folder, renamed)).ran).toEqual(["use"]);
  });

  test("with --no-cache runs all, and has that from then on", async ({ expect }) => {
    using folder = temporaryFolder();
    await runCached(folder, chain);
    const renewed = await runCached(folder, undefined, ["--no-cache"]);
    expect(renewed.ran).toEqual(["make", "use", "apply"]);
    const [run] = (await runCached(folder, undefined)).cached;
    expect(run).toBe("make");
    const facts = await readFacts(undefined, folder.path);
    expect(facts.at(-1)?.tags["mlpipe.cached.make"]).toBe(renewed.runId);
  });
});

const one = (code: string, items = ""): string =>
  `mlpipe 1\nrun one {\n  param x: int = 1\n  metric m\n  ${items}\n${code}\n}\n`;

describe.concurrent("a step that cannot be told by its text", () => {
  test.each([
    ["`cache off`", one(js("const m = x"), "cache off")],
    ["the run's id in its code", one(js("const m = x", "console.log(run.id)"))],
    ["the run's id in its environment", one(js("const m = x"), 'env { RUN = "${run.id}" }')],
    ["random numbers without a seed", one(js("const m = x + Math.random()"))],
    [
      "words with the tracker",
      one(
        js(
          "const m = x",
          "const address = process.env.MLFLOW_TRACKING_URI",
          "const headers = { authorization: `Bearer ${process.env.MLFLOW_TRACKING_TOKEN}` }",
          "await fetch(`${address}/api/2.0/mlflow/experiments/get?experiment_id=0`, { headers })",
        ),
      ),
    ],
    [
      "a file that it reads and changes",
      one(
        js(
          'import { readFileSync, writeFileSync } from "node:fs"',
          'const before = Number(readFileSync("count.txt", "utf8"))',
          'writeFileSync("count.txt", String(before + x))',
          "const m = before",
        ),
      ),
    ],
  ])("because of %s runs each time", async (_, source) => {
    using folder = temporaryFolder();
    folder.write("count.txt", "7");
    for (let time = 0; time < 2; time++) {
      const { code, ran, stderr } = await runCached(folder, source);
      expect([code, ran, stderr]).toEqual([0, ["one"], ""]);
    }
  });

  test("runs again once a file that it names has changed, has come, or has gone", async ({
    expect,
  }) => {
    using folder = temporaryFolder();
    const source = one(
      js(
        'import { existsSync, readFileSync } from "node:fs"',
        'import { times } from "./times.mjs"',
        'const extra = existsSync("extra.txt") ? 100 : 0',
        'const m = times(Number(readFileSync("data.txt", "utf8"))) + extra',
      ),
    );
    const files = {
      "data.txt": "2",
      "times.mjs": 'import { by } from "./by.mjs"\nexport const times = (n) => n * by',
      "by.mjs": "export const by = 3",
    };
    for (const [name, text] of Object.entries(files)) folder.write(name, text);
    expect((await runCached(folder, source)).metrics.m).toBe(6);
    expect((await runCached(folder, undefined)).ran).toEqual([]);
    folder.write("data.txt", "5");
    expect((await runCached(folder, undefined)).metrics.m).toBe(15);
    folder.write("by.mjs", "export const by = 7");
    expect((await runCached(folder, undefined)).metrics.m).toBe(35);
    folder.write("extra.txt", "");
    expect((await runCached(folder, undefined)).metrics.m).toBe(135);
    rmSync(path.join(folder.path, "extra.txt"));
    const back = await runCached(folder, undefined);
    expect([back.metrics.m, back.cached]).toEqual([35, ["one"]]);
  });

  test("writes again what it wrote in the project, where that has gone or is otherwise", async ({
    expect,
  }) => {
    using folder = temporaryFolder();
    const source = one(
      js(
        'import { mkdirSync, writeFileSync } from "node:fs"',
        'mkdirSync("deep", { recursive: true })',
        'writeFileSync("deep/side.txt", `side ${x}`)',
        "const m = x",
      ),
    );
    const side = path.join(folder.path, "deep", "side.txt");
    await runCached(folder, source);
    await runCached(folder, undefined, ["-P", "x=2"]);
    expect((await runCached(folder, undefined)).cached).toEqual(["one"]);
    expect(readFileSync(side, "utf8")).toBe("side 1");
    rmSync(path.dirname(side), { recursive: true });
    expect((await runCached(folder, undefined, ["-P", "x=2"])).cached).toEqual(["one"]);
    expect(readFileSync(side, "utf8")).toBe("side 2");
  });

  test("runs again once a package is there in another version", async ({ expect }) => {
    using folder = temporaryFolder();
    const home = path.join(folder.path, "node_modules", "ten");
    const install = (version: string, value: number): void => {
      mkdirSync(home, { recursive: true });
      const about = { name: "ten", version, type: "module", exports: "./index.js" };
      writeFileSync(path.join(home, "package.json"), JSON.stringify(about));
      writeFileSync(path.join(home, "index.js"), `export const ten = ${value}`);
    };
    install("1.0.0", 10);
    const source = one(js('import { ten } from "ten"', "const m = ten"));
    expect((await runCached(folder, source)).metrics.m).toBe(10);
    expect((await runCached(folder, undefined)).ran).toEqual([]);
    install("1.0.1", 11);
    const newer = await runCached(folder, undefined);
    expect([newer.ran, newer.metrics.m]).toEqual([["one"], 11]);
    install("1.0.0", 10);
    const older = await runCached(folder, undefined);
    expect([older.cached, older.metrics.m]).toEqual([["one"], 10]);
  });
});

describe.concurrent("a step in R", () => {
  test.skipIf(!hasR())(
    "comes from the cache, whatever its comments, until a param, a package's version or a sourced file changes",
    async ({ expect }) => {
      using folder = temporaryFolder();
      folder.write("helpers.R", "twice <- function(n) n * 2\n");
      const source = `mlpipe 1
run one {
  param x: float = 1.5
  param unused: int = 1
  metric m
  artifact fit: rds
  \`\`\`r
  source("helpers.R")
  fit <- MASS::fractions(x)   # a fraction
  m <- twice(x)
  \`\`\`
}
`;
      expect((await runCached(folder, source)).metrics.m).toBe(3);
      const restyled = source
        .replace("# a fraction", "")
        .replace("m <- twice(x)", "m<-\n twice( x )");
      expect(await runCached(folder, restyled)).toMatchObject({
        cached: ["one"],
        metrics: { m: 3 },
      });
      expect((await runCached(folder, undefined, ["-P", "x=2"])).metrics.m).toBe(4);
      folder.write("helpers.R", "twice <- function(n) n * 20\n");
      expect((await runCached(folder, undefined)).metrics.m).toBe(30);
    },
  );
});

function hasR(): boolean {
  try {
    execFileSync("Rscript", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Every file of the cache that holds what a step gave, or says so. */
function filesOf(folder: Folder, kind: "objects" | "steps"): readonly string[] {
  const root = path.join(folder.path, ".mlpipe", "cache", kind);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe.concurrent("what is torn in the cache", () => {
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };
  test.each([
    ["an entry cut short", "steps", (file: string) => truncateSync(file, 40), ["R0860"]],
    ["an entry with a flipped bit", "steps", flip, ["R0860"]],
    ["a file with a flipped bit", "objects", flip, ["R0860"]],
    ["a file that is gone", "objects", (file: string) => rmSync(file), []],
  ] as const)(
    "%s is never used: the step runs, and is kept anew",
    async (_, kind, tear, warned) => {
      using folder = temporaryFolder();
      const source = one(js("const m = x", 'const text = "some text"'), "artifact text: text");
      await runCached(folder, source);
      for (const file of filesOf(folder, kind)) tear(file);
      const torn = await runCached(folder, undefined);
      expect(torn).toMatchObject({ code: 0, ran: ["one"], warned, metrics: { m: 1 } });
      expect(await runCached(folder, undefined)).toMatchObject({ cached: ["one"], warned: [] });
    },
  );
});
