/** The MLproject file says what the program says, also after YAML, Python's `str`, `shlex.quote`, `str.format` and a shell. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { parseParam } from "../src/check/domain.ts";
import type { Param, Program, Run } from "../src/check/program.ts";
import { compile } from "../src/compile.ts";
import { printMlproject, unpassableParams } from "../src/emit/mlproject.ts";
import { memoryFiles } from "../src/source/memory.ts";
import { quoteForShell } from "../src/source/shell-quote.ts";
import { mlflowFolder } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

function programOf(text: string, file = "it.mlpipe"): Program {
  const { program, diagnostics } = compile(file, memoryFiles({ [file]: text }));
  if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return program;
}

const plain = programOf('mlpipe 1\n\nrun it {\n  param x: string = ""\n\n  ```js\n  x\n  ```\n}\n');
const plainRun = plain.runs.get("it") as Run;
const plainParam = plainRun.params[0] as Param;

function withDefaults(values: readonly Pick<Param, "type" | "default" | "nullable">[]): Program {
  const params = values.map((value, i): Param => ({ ...plainParam, ...value, name: `p${i}` }));
  return { ...plain, runs: new Map([["it", { ...plainRun, params }]]) };
}

const value: fc.Arbitrary<Pick<Param, "type" | "default" | "nullable">> = fc.oneof(
  fc.record({
    type: fc.constant("string" as const),
    nullable: fc.constant(false),
    default: fc.oneof(
      fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
      fc.constantFrom(
        "no",
        "1e5",
        "-0",
        "",
        "{x}",
        "'",
        '"',
        "\n",
        "null",
        "~",
        "2026-01-01",
        "0x1",
        "1:30",
        "é\u0085\u2028",
        " a ",
        "#",
        "$HOME",
        "`id`",
      ),
    ),
  }),
  fc.record({
    type: fc.constant("float" as const),
    nullable: fc.constant(false),
    default: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(-0, 1e-5, 1e5, 1e21, 5e-324),
    ),
  }),
  fc.record({
    type: fc.constant("int" as const),
    nullable: fc.constant(false),
    default: fc.maxSafeInteger(),
  }),
  fc.record({
    type: fc.constant("bool" as const),
    nullable: fc.constant(false),
    default: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("int" as const),
    nullable: fc.constant(true),
    default: fc.constant(null),
  }),
);

/** What MLflow does with each file: load, default to text, quote, format; then a shell splits the words. */
const mlflowSteps = `
import json, shlex, subprocess, sys, yaml
answers = []
for text in json.load(sys.stdin):
    entry = yaml.safe_load(text)["entry_points"]["main"]
    values = {k: shlex.quote(str(v["default"])) for k, v in entry.get("parameters", {}).items()}
    command = entry["command"].format(**values)
    shown = subprocess.run(["sh", "-c", "npx() { printf '%s\\\\0' \\"$@\\"; }\\n" + command], capture_output=True, check=True).stdout
    answers.append(shown.decode("utf-8").split("\\0")[:-1])
json.dump(answers, sys.stdout)
`;

function wordsAfterMlflow(files: readonly string[]): readonly (readonly string[])[] {
  const python = mlflowFolder === undefined ? "python3" : join(mlflowFolder, "bin/python");
  const answer = execFileSync(python, ["-c", mlflowSteps], {
    input: JSON.stringify(files),
    maxBuffer: 1 << 28,
    encoding: "utf8",
    env: { ...process.env, PYTHONIOENCODING: "utf-8", LC_ALL: "C.UTF-8" },
  });
  return JSON.parse(answer) as string[][];
}

describe("the MLproject file", () => {
  test.skipIf(mlflowFolder === undefined)(
    "hands every default through MLflow to the command line with type and every bit",
    () => {
      const samples = fc.sample(fc.array(value, { minLength: 1, maxLength: 8 }), {
        numRuns: 60,
        seed: 20261122,
      });
      const files = samples.map((values) => printMlproject(withDefaults(values)));
      const words = wordsAfterMlflow(files);
      samples.forEach((values, at) => {
        const given = (words[at] ?? []).filter((_, i, all) => all[i - 1] === "-P");
        const read = given.map((pair, i) => {
          const param = { ...plainParam, ...values[i] };
          return parseParam(param, pair.slice(pair.indexOf("=") + 1));
        });
        expect(read).toEqual(values.map((one) => ({ kind: "value", value: one.default })));
      });
    },
  );

  test("reads back the same by YAML 1.1 and 1.2, and prints the same bytes each time", () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (values) => {
        const program = withDefaults(values);
        const text = printMlproject(program);
        expect(printMlproject(program)).toBe(text);
        expect(parseYaml(text, { version: "1.1" })).toEqual(parseYaml(text, { version: "1.2" }));
      }),
    );
  });

  test("doubles braces that are not its own, and quotes for the shell", () => {
    const text = programOf(
      "mlpipe 1\n\nrun it {\n  param x = 1\n\n  ```js\n  x\n  ```\n}\n",
      "a {b} 'c'.mlpipe",
    );
    const { command } = (
      parseYaml(printMlproject(text)) as { entry_points: { main: { command: string } } }
    ).entry_points.main;
    expect(command).toBe(`npx --no mlpipe run 'a {{b}} '"'"'c'"'"'.mlpipe' it -P x={x}`);
  });

  test("writes only documented types when asked", () => {
    const program = withDefaults([
      { type: "int", nullable: false, default: 1 },
      { type: "bool", nullable: false, default: true },
      { type: "path", nullable: false, default: "a" },
    ]);
    const types = (text: string): readonly string[] =>
      [...text.matchAll(/type: (\w+)/g)].map(([, type = ""]) => type);
    expect(types(printMlproject(program))).toEqual(["int", "bool", "path"]);
    expect(types(printMlproject(program, { types: "documented" }))).toEqual([
      "float",
      "string",
      "path",
    ]);
  });

  test("leaves out a param that MLflow cannot substitute, and says which", () => {
    const program = programOf(
      "mlpipe 1\n\nrun it {\n  param précision = 1\n  param x = 1\n\n  ```js\n  précision + x\n  ```\n}\n",
    );
    expect(unpassableParams(program).map(({ param }) => param.name)).toEqual(["précision"]);
    expect(
      Object.keys(
        (parseYaml(printMlproject(program)) as { entry_points: { main: { parameters: object } } })
          .entry_points.main.parameters,
      ),
    ).toEqual(["x"]);
  });

  test("is what the language page shows for iris", async () => {
    using folder = temporaryFolder("iris");
    void folder;
    const { readFileSync } = await import("node:fs");
    expect(readFileSync(join(folder.path, "MLproject"), "utf8"))
      .toBe(`# Written by mlpipe from iris.mlpipe. Change that file, then run: mlpipe compile iris.mlpipe

name: iris
entry_points:
  main:
    parameters:
      cp: { type: float, default: 0.05 }
      maxdepth: { type: int, default: 3 }
    command: npx --no mlpipe run iris.mlpipe baseline -P cp={cp} -P maxdepth={maxdepth}
`);
  });
});

describe("quoting for the shell", () => {
  test("gives back any text", () => {
    const texts = fc.sample(
      fc.string({ unit: "binary" }).filter((text) => !text.includes("\0") && text.isWellFormed()),
      { numRuns: 200, seed: 1 },
    );
    const shown = execFileSync(
      "sh",
      ["-c", `printf '%s\\0' ${texts.map(quoteForShell).join(" ")}`],
      { encoding: "utf8" },
    );
    expect(shown.split("\0").slice(0, -1)).toEqual(texts);
  });
});
