/** What the language promises, end to end: values go in and out with every bit, between languages, steps, runs and the tracker. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attempt, fence, fileName, oneRun } from "./support/attempt.ts";
import { readArtifact, readFacts } from "./support/facts.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";

const mixed = `mlpipe 1

experiment "/Shared/mixed"

#' From R to Node and back.
run mixed {
  param rows: int = 3
  name "mixed \${rows}"
  tag size = "\${rows} rows of \${run.id}, seed \${seed}"
  seed 11
  metric seen
  metric same
  artifact shared: text

  step judge {
    input table as first, facts as facts_first, notes as notes_first from make
    input back, facts_back, notes_back from turn
    \`\`\`r
    same <- sum(identical(back, first), identical(facts_back, facts_first), identical(notes_back, notes_first),
      identical(first$share, c(0.1, 1 / 3, 1e-300)))
    \`\`\`
  }

  step make {
    uses rows
    artifact table: csv
    artifact facts: json
    artifact notes: text at "deep/er/notes.txt"
    env {
      LABEL = "\${run.name} of \${rows}: \${run.id}"
    }
    \`\`\`r
    table <- data.frame(id = seq_len(rows), share = c(0.1, 1 / 3, 1e-300), name = c("a", "b,\\"c\\"", "\\u00e9\\u4e2d"))
    facts <- list(label = Sys.getenv("LABEL"), third = 1 / 3, nested = list(list(1, "a"), list(2, "b")))
    notes <- c("first", "", "zweite \\u00f6")
    set_tag("made by", paste("R", rows))
    \`\`\`
  }

  step turn {
    input table, facts, notes from make
    artifact back: csv
    artifact facts_back: json
    artifact notes_back: text
    \`\`\`js
    if (facts.label !== \`mixed of 3: \${run.id}\`) throw new Error(facts.label)
    if (table[1].share !== 1 / 3) throw new Error(String(table[1].share))
    const back = table
    const facts_back = facts
    const notes_back = notes
    const seen = table.length
    const shared = "from turn"
    log.tag("turned by", \`Node \${params.rows}\`)
    \`\`\`
  }

  step last {
    after judge, turn
    \`\`\`js
    console.log("I am the last")
    \`\`\`
  }
}
`;

describe.concurrent("a run of steps in two languages", () => {
  test("hands data over without a change, in the order of the data, with names, tags and variables filled in", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, mixed, { words: ["mixed"] });
    expect(tried.stderr).toBe("");
    expect(tried.code).toBe(0);
    const [facts] = tried.facts;
    const id = /run ([0-9a-f]{32}) in/.exec(tried.stdout)?.[1];
    expect(facts).toMatchObject({
      experiment: "/Shared/mixed",
      name: "mixed 3",
      status: "FINISHED",
      params: { rows: "3" },
      metrics: { seen: 3, same: 4 },
      tags: {
        size: `3 rows of ${id}, seed 11`,
        "made by": "R 3",
        "turned by": "Node 3",
        "mlflow.note.content": "From R to Node and back.",
      },
    });
    expect(facts?.artifacts).toEqual(
      expect.arrayContaining([
        "deep/er/notes.txt",
        "table.csv",
        "back.csv",
        "facts.json",
        "shared.txt",
      ]),
    );
    const order = [...tried.stdout.matchAll(/^step {2}(\w+)/gm)].map(([, name]) => name);
    expect(order).toEqual(["make", "turn", "judge", "last"]);
    expect(await readArtifact(undefined, folder.path, "mlpipe/log/last.txt")).toBe(
      "I am the last\n",
    );
  });
});

describe.concurrent("artifacts and models", () => {
  const outputs = [
    "  artifact plot: png",
    "  artifact page: html",
    "  artifact blob: file",
    '  artifact parts: folder at "deep/parts"',
    "  artifact facts: json",
    "  artifact note: text",
    "  artifact table: csv",
    "  model weights: file",
    "  model bundle: folder",
    "  model line: crate",
  ];
  const use = (check: string, language: "js" | "r"): string =>
    [
      "run use {",
      "  metric x",
      "  input plot, page, blob, parts, facts, note, table, weights, bundle, line from run make",
      fence(language, check),
      "}",
      "",
    ].join("\n");
  const inNode = [
    'import { mkdirSync, writeFileSync } from "node:fs"',
    'mkdirSync("made/sub", { recursive: true })',
    'writeFileSync("made/sub/a.txt", "a")',
    'writeFileSync("made/w.bin", "weights")',
    "const plot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')",
    'const page = "<!doctype html><p>hi</p>"',
    "const blob = new Uint8Array([0, 255, 1])",
    'const parts = "made"',
    "const facts = { a: [1, null, 'x'] }",
    'const note = ["one", "two"]',
    "const table = [{ a: 1, b: 'x' }, { a: 2.5, b: 'y' }]",
    'const weights = "made/w.bin"',
    'const bundle = "made"',
    "const line = crate(({ k }, rows) => rows.map(({ a }) => k * a), { k: 2 })",
  ];
  const checkInNode = [
    'import { readFileSync } from "node:fs"',
    '  const text = (...at) => readFileSync(at.join("/"), "utf8")',
    '  const good = [readFileSync(plot)[1] === 0x50, text(page).includes("<p>hi"), readFileSync(blob)[1] === 255,',
    '    text(parts, "sub", "a.txt") === "a", facts.a[2] === "x", note.includes("\\ntwo"), table[1].a === 2.5,',
    '    text(weights).includes("weights"), text(bundle, "sub", "a.txt") === "a", line.predict([{ a: 21 }])[0] === 42]',
    "  const x = good.filter(Boolean).length",
    "  console.log(good.join())",
  ].join("\n");
  const inR = [
    'dir.create("made/sub", recursive = TRUE)',
    'cat("a", file = "made/sub/a.txt")',
    'cat("weights", file = "made/w.bin")',
    "plot <- function() graphics::plot(1:3)",
    'page <- "<!doctype html><p>hi</p>"',
    'writeBin(as.raw(c(0, 255, 1)), "made/blob")',
    'blob <- "made/blob"',
    'parts <- "made"',
    'facts <- list(a = list(1, NULL, "x"))',
    'note <- c("one", "two")',
    'table <- data.frame(a = c(1, 2.5), b = c("x", "y"))',
    'weights <- "made/w.bin"',
    'bundle <- "made"',
    "line <- carrier::crate(function(rows) k * rows$a, k = 2)",
  ];
  const checkInR = [
    "text <- function(...) readLines(file.path(...), warn = FALSE)",
    '  good <- c(readBin(plot, "raw", 2)[2] == 0x50, any(grepl("<p>hi", text(page))), readBin(blob, "raw", 2)[2] == 255,',
    '    text(parts, "sub", "a.txt") == "a", facts$a[[3]] == "x", note[2] == "two", identical(table$a, c(1, 2.5)),',
    '    grepl("weights", text(weights)), text(bundle, "sub", "a.txt") == "a", line(data.frame(a = 21)) == 42)',
    "  x <- sum(good)",
    "  print(good)",
  ].join("\n");

  test.each([
    ["js", inNode, checkInNode],
    ["r", inR, checkInR],
  ] as const)(
    "of every format and flavor, made in %s, are read by a later run as they were",
    async (language, make, check) => {
      using folder = temporaryFolder();
      const source = [
        "mlpipe 1",
        "",
        "run make {",
        ...outputs,
        fence(language, ...make),
        "}",
        use(check, language),
      ].join("\n");
      const made = await attempt(folder, source, { words: ["make"] });
      expect(made.stderr).toBe("");
      const files = made.facts[0]?.artifacts ?? [];
      for (const file of [
        "plot.png",
        "page.html",
        "deep/parts/sub/a.txt",
        "facts.json",
        "note.txt",
        "table.csv",
        "line/MLmodel",
        "bundle/MLmodel",
        "weights/MLmodel",
      ])
        expect(files).toContain(file);
      const used = await attempt(folder, source, { words: ["use"] });
      expect(used.stderr).toBe("");
      expect(used.facts.at(-1)?.metrics, used.stdout).toEqual({ x: 10 });
    },
  );

  test("in parquet need {arrow}, and say so where it is not installed", async () => {
    using folder = temporaryFolder();
    const code = 'if (requireNamespace("arrow", quietly = TRUE)) stop("R0812 arrow is here")';
    const tried = await attempt(
      folder,
      oneRun("  artifact t: parquet", fence("r", code, "t <- iris")),
    );
    expect(tried.stderr).toMatch(/error R08\d\d .*arrow/);
    expect(tried.code).toBe(1);
  });
});

describe.concurrent("seeds", () => {
  test("are used as written by a run of one step, and differ from step to step, the same every time", async () => {
    using folder = temporaryFolder();
    const draw = (language: "r" | "js", name: string): string =>
      `  step ${name} {\n  metric ${name}\n${fence(language, language === "r" ? `${name} <- runif(1)` : `const ${name} = Math.random()`)}\n  }`;
    const source = `${oneRun("  seed 2026", draw("r", "a"), draw("r", "b"), draw("js", "c"), draw("js", "d"))}
run single {
  seed 2026
  metric x
${fence("r", "drawn <- runif(1)", 'set.seed(2026, "Mersenne-Twister", "Inversion", "Rejection")', "x <- as.numeric(drawn == runif(1))")}
}
`;
    await attempt(folder, source, { words: ["it"] });
    await attempt(folder, source, { words: ["it"] });
    const { facts } = await attempt(folder, source, { words: ["single"] });
    const [first, second, single] = facts.map(({ metrics }) => metrics);
    expect(Object.keys(first ?? {}).toSorted()).toEqual(["a", "b", "c", "d"]);
    expect(second).toEqual(first);
    expect(new Set(Object.values(first ?? {})).size).toBe(4);
    expect(single).toEqual({ x: 1 });
  });
});

describe.concurrent("where a run is logged", () => {
  const source = oneRun("  metric x", fence("js", "const x = 1"));
  test("is MLflow's Default, or what MLFLOW_EXPERIMENT_NAME, _ID or --experiment-name say", async () => {
    using folder = temporaryFolder();
    await attempt(folder, source);
    await attempt(folder, source, { env: { MLFLOW_EXPERIMENT_NAME: "from the name" } });
    await attempt(folder, source, { env: { MLFLOW_EXPERIMENT_ID: "1" } });
    const env = { MLFLOW_EXPERIMENT_NAME: "not this" };
    const { facts } = await attempt(folder, source, {
      words: ["--experiment-name", "asked for"],
      env,
    });
    const named = source.replace("run it", 'experiment "the file\'s"\n\nrun it');
    const more = await attempt(folder, named, { env });
    expect(facts.map(({ experiment }) => experiment)).toEqual([
      "Default",
      "from the name",
      "from the name",
      "asked for",
    ]);
    expect(more.facts.at(-1)?.experiment).toBe("the file's");
    const none = await attempt(folder, source, { env: { MLFLOW_EXPERIMENT_ID: "77" } });
    expect(none.stderr).toMatch(/77/);
    expect(none.code).toBe(1);
  });

  test("is the store that --tracking-uri names, then MLFLOW_TRACKING_URI", async () => {
    using folder = temporaryFolder();
    mkdirSync(path.join(folder.path, "stores"));
    folder.write(fileName, source);
    const env = { MLFLOW_TRACKING_URI: "sqlite:///stores/b.db" };
    const words = ["run", fileName, "--tracking-uri", "sqlite:///stores/a.db"];
    expect((await mlpipe(words, { cwd: folder.path, env })).code).toBe(0);
    expect((await mlpipe(["run", fileName], { cwd: folder.path, env })).code).toBe(0);
    for (const name of ["a", "b"])
      expect(await readFacts(`sqlite:///stores/${name}.db`, folder.path)).toHaveLength(1);
    const listed = await mlpipe(["runs", "--json"], { cwd: folder.path, env });
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { info: { status: "FINISHED", run_name: "it" } },
    ]);
  });

  test("is told event by event, a line of JSON each, to whoever asks for --json", async () => {
    using folder = temporaryFolder();
    const loud = oneRun(
      "  param n: int = 2",
      "  metric x",
      "  artifact t: text",
      fence("js", 'console.log("a\\u2028b\\nc")', "const x = n", 'const t = "t"'),
      "  expect x >= 1",
    );
    const tried = await attempt(folder, loud, { words: ["--json"] });
    const events = tried.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Told);
    const [said, kinds] = [events.filter(isOutput), events.filter((event) => !isOutput(event))];
    expect(said.map((event) => event.text).join("")).toBe("a\u2028b\nc\n");
    expect(kinds.map(({ kind }) => kind)).toEqual([
      "run-created",
      "params",
      "step-started",
      "metric",
      "step-ended",
      "artifact",
      "expectation",
      "run-ended",
    ]);
    expect(events.at(-1)).toMatchObject({ outcome: { status: "FINISHED", exitCode: 0 } });
    expect([tried.code, tried.stderr]).toEqual([0, ""]);
  });
});

/** A line of `--json`. */
interface Told {
  readonly kind: string;
  readonly text?: string;
}
/** What the step prints comes on its own way, before or after what it says of its metrics. */
const isOutput = ({ kind }: Told): boolean => kind === "output";

/** Any double but NaN and the infinities, as people write it. */
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
/** Any text that a command line can carry; MLflow's limit is 6000 characters. */
const text = fc.string({ unit: "binary", maxLength: 30 }).filter((it) => !it.includes("\0"));
const int = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });

function bitsOf(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}

describe("values given by -P", () => {
  const bitsIn = {
    js: (names: readonly string[], texts: readonly string[]) => [
      "const bits = (it) => { const b = Buffer.alloc(8); b.writeDoubleBE(it); return b.toString('hex') }",
      `const got = [${names.map((name) => `bits(${name})`).join(", ")}, ${texts.map((name) => `Buffer.from(${name}).toString("hex")`).join(", ")}]`,
    ],
    r: (names: readonly string[], texts: readonly string[]) => [
      'bits <- function(it) paste(format(writeBin(as.double(it), raw(), endian = "big")), collapse = "")',
      'bytes <- function(it) paste(format(charToRaw(enc2utf8(it))), collapse = "")',
      `got <- c(${names.map((name) => `bits(${name})`).join(", ")}, ${texts.map((name) => `bytes(${name})`).join(", ")})`,
    ],
  } as const;

  test.each(["js", "r"] as const)(
    "reach %s with every bit, and MLflow as text that reads back as the same",
    async (language) => {
      const batch = { minLength: 15, maxLength: 15 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(float, batch),
          fc.array(int, batch),
          fc.array(text, batch),
          async (floats, ints, texts) => {
            using folder = temporaryFolder();
            const params = [
              ...floats.map((value, i) => ({ name: `f${i}`, type: "float", value })),
              ...ints.map((value, i) => ({ name: `n${i}`, type: "int", value })),
              ...texts.map((value, i) => ({ name: `s${i}`, type: "string", value })),
            ];
            const named = (type: string): readonly string[] =>
              params.filter((it) => it.type === type).map(({ name }) => name);
            const numbers = [...named("float"), ...named("int")];
            const tried = await attempt(
              folder,
              oneRun(
                ...params.map(({ name, type }) => `  param ${name}: ${type}`),
                "  artifact got: json",
                fence(language, ...bitsIn[language](numbers, named("string"))),
              ),
              {
                words: params.flatMap(({ name, value }) => [
                  "-P",
                  `${name}=${Object.is(value, -0) ? "-0" : value}`,
                ]),
              },
            );
            expect(tried.stderr).toBe("");
            const got: unknown = JSON.parse(await readArtifact(undefined, folder.path, "got.json"));
            const hex = texts.map((it) => Buffer.from(it).toString("hex"));
            expect(got).toEqual([...[...floats, ...ints].map(bitsOf), ...hex]);
            const logged = tried.facts[0]?.params ?? {};
            for (const [i, value] of floats.entries())
              expect(bitsOf(Number(logged[`f${i}`]))).toBe(bitsOf(value));
            for (const [i, value] of texts.entries()) expect(logged[`s${i}`]).toBe(value);
          },
        ),
        { numRuns: 3 },
      );
    },
  );

  test("are typed as declared: whole numbers, truth values, paths, addresses, and nothing at all", async () => {
    using folder = temporaryFolder();
    folder.write("data.csv", "a\n1\n");
    const source = oneRun(
      "  param n: int",
      "  param ok: bool",
      "  param file: path",
      "  param where: uri",
      "  param none: float? = 1.5",
      "  param size: float = 1",
      "  metric x",
      fence(
        "r",
        "stopifnot(identical(n, -7L), identical(ok, TRUE), is.null(none), identical(size, 1e5),",
        '  identical(file, normalizePath("data.csv")), identical(where, "https://example.org/a?b=c&d=$(id)"))',
        "x <- 1",
      ),
    );
    const given = [
      "n=-7",
      "ok=true",
      "file=data.csv",
      "where=https://example.org/a?b=c&d=$(id)",
      "none=null",
      "size=1e5",
    ];
    const tried = await attempt(folder, source, { words: given.flatMap((it) => ["-P", it]) });
    expect(tried.stderr).toBe("");
    expect(tried.facts[0]?.params).toEqual({
      n: "-7",
      ok: "true",
      file: "data.csv",
      where: "https://example.org/a?b=c&d=$(id)",
      size: "100000",
    });
  });
});
