/** What a Node step hands out: artifacts in their formats, metrics by name and by standard call; and what is refused. */
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { StepAction } from "../src/plan/plan.ts";
import { messages } from "../src/source/messages.ts";
import { artifact, metrics, openProject } from "./support/step.ts";

const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

describe("an artifact", () => {
  test("is written in its format", async () => {
    using project = openProject();
    const { verdict, output, events } = await project.runCode(
      `const table = [{ x: 1.5, label: "a,b", ok: true }, { x: null, label: "", ok: false }]
       const facts = { a: [1, -0], b: null }
       const words = "one\\ntwo"
       const lines = ["one", "two"]
       const page = "<p>é</p>"
       const plot = Buffer.from("${png}", "base64")
       const bytes = new Uint8Array([0, 255])`,
      {
        artifacts: [
          artifact("table", "csv"),
          artifact("facts", "json"),
          artifact("words", "text"),
          artifact("lines", "text", "deep/er/lines.txt"),
          artifact("page", "html"),
          artifact("plot", "png"),
          artifact("bytes", "file", "bytes.bin"),
        ],
      },
    );
    expect(verdict).toBe("");
    expect(output("table.csv")).toBe('x,label,ok\n1.5,"a,b",TRUE\nNA,"",FALSE\n');
    expect(output("facts.json")).toBe('{\n "a": [\n  1,\n  -0\n ],\n "b": null\n}\n');
    expect(output("words.text")).toBe("one\ntwo");
    expect(output("deep/er/lines.txt")).toBe("one\ntwo\n");
    expect(output("page.html")).toBe("<p>é</p>");
    expect(events.filter((event) => event.kind === "artifact").map((event) => event.path)).toEqual([
      "table.csv",
      "facts.json",
      "words.text",
      "deep/er/lines.txt",
      "page.html",
      "plot.png",
      "bytes.bin",
    ]);
  });

  test("that is a file or folder may be named by its path, or lie where it is declared", async () => {
    using project = openProject();
    const { verdict, output, events } = await project.runCode(
      `import fs from "node:fs"
       fs.mkdirSync("made/inner", { recursive: true })
       fs.writeFileSync("made/inner/a.txt", "a")
       fs.writeFileSync("lying.txt", "lies")
       const named = "made/inner/a.txt"
       const whole = "made"`,
      {
        artifacts: [
          artifact("named", "file", "renamed.txt"),
          artifact("whole", "folder", "whole"),
          artifact("unnamed", "text", "lying.txt"),
        ],
      },
    );
    expect(verdict).toBe("");
    expect(output("renamed.txt")).toBe("a");
    expect(output("whole/inner/a.txt")).toBe("a");
    expect(output("lying.txt")).toBe("lies");
    expect(events).toContainEqual(
      expect.objectContaining({ key: "whole", path: "whole", folder: true }),
    );
  });

  test("given by call counts as produced, and is copied as it is at that moment", async () => {
    using project = openProject();
    const { verdict, output, events } = await project.runCode(
      `import fs from "node:fs"
       fs.writeFileSync("notes.txt", "early"); log.artifact("notes.txt"); fs.writeFileSync("notes.txt", "late")
       log.artifact("notes.txt", "extra/other.txt"); fs.rmSync("notes.txt")`,
      { artifacts: [artifact("notes", "text", "notes.txt")] },
    );
    expect(verdict).toBe("");
    expect(output("notes.txt")).toBe("early");
    expect(output("extra/other.txt")).toBe("late");
    expect(events.filter((event) => event.kind === "artifact").map(({ key }) => key)).toEqual([
      "notes",
      "extra/other.txt",
    ]);
  });

  test.each<[string, string, StepAction["artifacts"][number]["format"], string]>([
    [
      "of the wrong kind",
      "const it = 3",
      "csv",
      "R0802 iris.mlpipe:10 the artifact `it` is a number, which cannot be written as csv",
    ],
    [
      "with a cell that is none",
      "const it = [{ a: [1] }]",
      "csv",
      "R0802 iris.mlpipe:10 the artifact `it` holds, in row 1, column `a`, an array, which is no cell of a table",
    ],
    [
      "that JSON cannot say",
      "\nconst it = { a: NaN }",
      "json",
      "R0802 iris.mlpipe:11 the artifact `it` holds NaN at `a`, which JSON cannot say",
    ],
    [
      "that is no picture",
      "const it = Buffer.from('GIF')",
      "png",
      "R0802 iris.mlpipe:10 the artifact `it` is not a PNG image",
    ],
    [
      "that is not there",
      "const it = 'gone.txt'",
      "file",
      "R0802 iris.mlpipe:10 the artifact `it` is `gone.txt`, but there is nothing at that path",
    ],
    [
      "that is R's",
      "const it = 1",
      "rds",
      "R0809 iris.mlpipe:10 the artifact `it` cannot be written: Node cannot write rds",
    ],
    [
      "that Node cannot write",
      "const it = []",
      "parquet",
      "R0809 iris.mlpipe:10 the artifact `it` cannot be written: Node cannot write parquet",
    ],
  ])("%s is refused, with the line that assigned it", async (_, code, format, verdict) => {
    using project = openProject();
    expect((await project.runCode(code, { artifacts: [artifact("it", format)] })).verdict).toBe(
      verdict,
    );
  });

  test("never leaves the outputs", async () => {
    using project = openProject();
    project.write("a.txt", "a");
    const { verdict } = await project.runCode('log.artifact("a.txt", "../../a.txt")');
    expect(verdict).toBe("R0809 iris.mlpipe:10:5 `../../a.txt` leaves the run's artifacts");
    expect(existsSync(path.join(project.folder, ".mlpipe", "runs", "a.txt"))).toBe(false);
  });
});

describe("a metric", () => {
  test.each([
    [
      "that is missing, with the nearest variable",
      "let acuracy = 1",
      "R0801 iris.mlpipe:10 the metric `accuracy` is declared, but the code did not produce it; the code has `acuracy`, is that the one?",
    ],
    [
      "that is missing",
      "let other = 1",
      "R0801 iris.mlpipe:10 the metric `accuracy` is declared, but the code did not produce it",
    ],
    [
      "that is never assigned",
      "let accuracy",
      "R0801 iris.mlpipe:10 the metric `accuracy` is declared, but the code did not produce it",
    ],
    [
      "that is NaN",
      "\nlet accuracy = 1\naccuracy = 0 / 0",
      "R0802 iris.mlpipe:12 the metric `accuracy` is NaN, not a finite number",
    ],
    [
      "that is infinite",
      "const accuracy = -1 / 0",
      "R0802 iris.mlpipe:10 the metric `accuracy` is -Infinity, not a finite number",
    ],
    [
      "that is a text",
      "const accuracy = '1'",
      "R0802 iris.mlpipe:10 the metric `accuracy` is a string, not a finite number",
    ],
    [
      "that is null",
      "const accuracy = null",
      "R0802 iris.mlpipe:10 the metric `accuracy` is null, not a finite number",
    ],
    [
      "that is an array",
      "const accuracy = [1]",
      "R0802 iris.mlpipe:10 the metric `accuracy` is an array, not a finite number",
    ],
    [
      "that is a number by call only in looks",
      "\n\n  log.metric('accuracy', '1')",
      "R0802 iris.mlpipe:12:7 log.metric: the metric `accuracy` is a string, not a number",
    ],
  ])("%s, fails the step", async (_, code, verdict) => {
    using project = openProject();
    expect((await project.runCode(code, { metrics: metrics("accuracy") })).verdict).toBe(verdict);
  });

  test("and the words are those of the one table of messages", async () => {
    using project = openProject();
    const { result } = await project.runCode("let acuracy = 1", { metrics: metrics("accuracy") });
    const said = { kind: "metric", name: "accuracy", nearest: "acuracy" };
    expect(result.failure).toMatchObject({
      message: messages.R0801.say(said),
      fix: messages.R0801.fix(said),
    });
  });

  test("of the same name as something of Node itself must be the code's own", async () => {
    using project = openProject();
    const { verdict } = await project.runCode("", { metrics: metrics("performance") });
    expect(verdict).toMatch(/^R0801 /);
  });

  test("that is a truth value is 1 or 0, with a warning", async () => {
    using project = openProject();
    const { metrics: found, heard } = await project.runCode("const ok = true", {
      metrics: metrics("ok"),
    });
    expect(found).toEqual({ ok: 1 });
    expect(heard).toContainEqual(
      expect.objectContaining({
        kind: "warning",
        failure: expect.objectContaining({ code: "R0807", place: "iris.mlpipe:10" }),
      }),
    );
  });

  test("that need not come may be missing", async () => {
    using project = openProject();
    const [optional] = metrics("later");
    expect(optional).toBeDefined();
    const { verdict, events } = await project.runCode("", {
      metrics: optional ? [{ ...optional, required: false }] : [],
    });
    expect(verdict).toBe("");
    expect(events.map((event) => event.kind)).toEqual(["start", "end"]);
  });

  test.each([
    ["[0.5, 0.25]", [1, 2], [0.5, 0.25]],
    ["new Float32Array([0.5])", [1], [0.5]],
    ["{ 10: 0.5, 20: 0.25 }", [10, 20], [0.5, 0.25]],
    ["new Map([[0, 0.5], [5, 1]])", [0, 5], [0.5, 1]],
  ])("over steps may be %s", async (value, steps, values) => {
    using project = openProject();
    const { events } = await project.runCode(`const loss = ${value}`, {
      metrics: metrics("loss").map((it) => ({ ...it, over: "epoch" })),
    });
    const hex = values.map((it) => `0x1p${it === 1 ? "+0" : it === 0.5 ? "-1" : "-2"}`);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: "metrics", key: "loss", values: hex, steps }),
    );
  });

  test.each([
    ["[]", "is an empty vector"],
    ["3", "is a number, not a vector of numbers"],
    ["{ first: 1 }", "has the step `first`, which is not a whole number"],
  ])("over steps may not be %s", async (value, problem) => {
    using project = openProject();
    const { verdict } = await project.runCode(`const loss = ${value}`, {
      metrics: metrics("loss").map((it) => ({ ...it, over: "epoch" })),
    });
    expect(verdict).toBe(`R0802 iris.mlpipe:10 the metric \`loss\` ${problem}`);
  });

  test("every problem is told, the first is the step's failure", async () => {
    using project = openProject();
    const { verdict, events } = await project.runCode("", { metrics: metrics("a", "b") });
    expect(verdict).toContain("`a`");
    expect(events.filter((event) => event.kind === "error")).toHaveLength(2);
  });
});

describe("a standard metric", () => {
  const call = (name: string): StepAction["metrics"] =>
    metrics(name).map((it) => ({
      ...it,
      call: {
        function: name,
        arguments: [
          { name: "truth", variable: "truth" },
          { name: "guess", variable: "guess" },
        ],
      },
    }));

  test("is computed from the code's variables, as published", async () => {
    using project = openProject();
    const numbers = await project.runCode(
      "const truth = [3, -0.5, 2, 7]\nconst guess = [2.5, 0, 2, 8]",
      { metrics: ["rmse", "mae", "r2"].flatMap(call) },
    );
    // The worked example of scikit-learn's r2_score, mean_absolute_error and root_mean_squared_error.
    expect(numbers.metrics.r2).toBeCloseTo(0.9486081370449679, 15);
    expect(numbers.metrics).toMatchObject({ mae: 0.5, rmse: Math.sqrt(0.375) });
    const classes = await project.runCode(
      "const truth = [0, 1, 2, 0, 1, 2]\nconst guess = [0, 2, 1, 0, 0, 1]",
      { metrics: ["accuracy", "precision", "recall", "f1"].flatMap(call) },
    );
    // The worked example of scikit-learn's precision_score, recall_score and f1_score with average="macro".
    expect(classes.metrics.precision).toBeCloseTo(2 / 9, 15);
    expect(classes.metrics.recall).toBeCloseTo(1 / 3, 15);
    expect(classes.metrics.f1).toBeCloseTo(0.8 / 3, 15);
    expect(classes.metrics.accuracy).toBeCloseTo(1 / 3, 15);
  });

  test.each([
    [
      "const truth = [1]\nconst guess = [1, 2]",
      "rmse",
      "R0802 iris.mlpipe:11 rmse: `truth` is of length 1, `guess` of length 2",
    ],
    [
      "const truth = [], guess = []",
      "accuracy",
      "R0802 iris.mlpipe:10 accuracy: `truth` has no element",
    ],
    [
      "const truth = [1, 'a'], guess = [1, 2]",
      "mae",
      "R0802 iris.mlpipe:10 mae: `truth[1]` is no number",
    ],
    [
      "const truth = [1]",
      "f1",
      "R0801 iris.mlpipe:10 f1(…) needs the variable `guess`, but the code did not produce it",
    ],
  ])("of %j cannot be computed", async (code, name, verdict) => {
    using project = openProject();
    expect((await project.runCode(code, { metrics: call(name) })).verdict).toBe(verdict);
  });
});
