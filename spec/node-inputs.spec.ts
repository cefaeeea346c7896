/** Models of Node are handed on as function and state; inputs are read by their format. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { StepInput } from "../src/run/protocol.ts";
import { type Project, fence, model, openProject } from "./support/step.ts";

/** Runs `make` with a model `m`, then `use` with it as an input. */
async function hand(project: Project, make: string, use: string, more: object = {}) {
  const made = await project.run({ name: "make", code: fence(make), models: [model("m", more)] });
  const flavor = made.events.find((event) => event.kind === "model")?.flavor ?? "crate";
  const input: StepInput = {
    variable: "m",
    kind: "model",
    flavor,
    path: path.join(made.result.places.outputs, "m"),
  };
  const used = await project.run({ code: fence(use) }, { inputs: [input] });
  return { made, used };
}

describe("a model", () => {
  test("is its function and its state, and predicts elsewhere what it predicts here", async () => {
    using project = openProject();
    const { made, used } = await hand(
      project,
      "const m = crate((state, rows) => rows.map((row) => state.a * row.x + state.b), { a: 0.1, b: [-0, NaN, Infinity][2] === Infinity ? 0.2 : 0 })\nconsole.log(m.predict([{ x: 3 }])[0])",
      "console.log(m.predict([{ x: 3 }])[0])",
    );
    expect([made.verdict, used.verdict]).toEqual(["", ""]);
    expect(used.log).toBe("0.5\n");
    expect(made.log).toBe("0.5\n");
    expect(made.events).toContainEqual(
      expect.objectContaining({
        kind: "model",
        key: "m",
        path: "m",
        flavor: "crate",
        flavorInfo: { name: "mlpipe_node", version: "0.1.0", model: "model.json" },
        packages: [],
      }),
    );
    const kept = JSON.parse(made.output("m/model.json")) as Readonly<Record<string, unknown>>;
    expect(Object.keys(kept)).toEqual(["format", "version", "source", "state"]);
  });

  test.each([
    ["an arrow function", "crate((s, rows) => rows + s, 1)"],
    ["a function", "crate(function add(s, rows) { return rows + s }, 1)"],
    ["a method", "crate({ add(s, rows) { return rows + s } }.add, 1)"],
    ["an asynchronous function", "crate(async (s, rows) => rows + s, 1)"],
  ])("may be %s", async (_, text) => {
    using project = openProject();
    const { made, used } = await hand(
      project,
      `const m = ${text}`,
      "console.log(await m.predict(2))",
    );
    expect([made.verdict, used.verdict, used.log]).toEqual(["", "", "3\n"]);
  });

  test("does not see the code's variables, neither here nor elsewhere", async () => {
    using project = openProject();
    const { verdict } = await project.runCode(
      "const slope = 2\nconst m = crate((s, x) => x * slope)\nm.predict(1)",
    );
    expect(verdict).toMatch(/^R0810 iris\.mlpipe:12:3 ReferenceError: slope is not defined/);
  });

  test.each([
    ["const m = (rows) => rows", "R0802 iris.mlpipe:10 the model `m` is a function, not a crate"],
    ["const m = crate(3)", "R0802 iris.mlpipe:10:11 crate() needs a function first, not a number"],
    [
      "const m = crate(Math.max)",
      "R0802 iris.mlpipe:10:11 crate() cannot keep this function: it has no source of its own",
    ],
    [
      "const m = crate(class {})",
      "R0802 iris.mlpipe:10:11 crate() cannot keep this function: it has no source of its own",
    ],
    [
      "const m = crate((s) => s, { w: new Float64Array(1) })",
      "R0802 iris.mlpipe:10:11 `state.w` of the crate is a Float64Array; a crate keeps only JSON values",
    ],
    [
      "const m = crate((s) => s, [undefined])",
      "R0802 iris.mlpipe:10:11 `state[0]` of the crate is undefined; a crate keeps only JSON values",
    ],
    ["", "R0801 iris.mlpipe:10 the model `m` is declared, but the code did not produce it"],
  ])("is refused: %s", async (code, verdict) => {
    using project = openProject();
    expect((await project.runCode(code, { models: [model("m")] })).verdict).toBe(verdict);
  });

  test("is tried on the rows of its probe", async () => {
    using project = openProject();
    const { verdict, output } = await project.runCode(
      "const test = [1, 2]\nconst m = crate((s, rows) => rows.map((x) => x * s), 0.1)",
      { models: [model("m", { probe: "test" })] },
    );
    expect(verdict).toBe("");
    expect(JSON.parse(output("m/probe.json"))).toEqual({ rows: [1, 2], predictions: [0.1, 0.2] });
  });

  test.each(["file", "folder"] as const)(
    "may be a %s, which the next step gets as a path",
    async (flavor) => {
      using project = openProject();
      mkdirSync(path.join(project.folder, "net"));
      writeFileSync(path.join(project.folder, "net", "weights.bin"), "w");
      const { made, used } = await hand(
        project,
        `const m = ${flavor === "file" ? '"net/weights.bin"' : '"net"'}`,
        "console.log(m)",
        { flavor },
      );
      expect([made.verdict, used.verdict]).toEqual(["", ""]);
      const got = used.log.trim();
      expect(readFileSync(flavor === "file" ? got : path.join(got, "weights.bin"), "utf8")).toBe(
        "w",
      );
    },
  );

  test("of R, handed to Node by mistake, is told", async () => {
    using project = openProject();
    mkdirSync(path.join(project.folder, "m"));
    project.write("m/crate.bin", "x");
    const input: StepInput = {
      variable: "m",
      kind: "model",
      flavor: "crate",
      path: path.join(project.folder, "m"),
    };
    const { verdict } = await project.run({}, { inputs: [input] });
    expect(verdict).toBe(
      "R0808 iris.mlpipe:10 the input `m` cannot be read: its folder holds no model.json",
    );
  });
});

describe("an input", () => {
  const input = (
    format: Extract<StepInput, { kind: "artifact" }>["format"],
    file: string,
  ): StepInput => ({
    variable: "it",
    kind: "artifact",
    format,
    path: file,
  });

  test.each([
    ["csv", "a,b\n1,x\n", '[{"a":1,"b":"x"}]'],
    ["json", '{"a":[0.1]}', '{"a":[0.1]}'],
    ["text", "\uFEFFone\ntwo\n", '"one\\ntwo\\n"'],
  ] as const)("that is %s is read", async (format, text, shown) => {
    using project = openProject();
    const inputs = [input(format, project.write("it", text))];
    const { log } = await project.run(
      { code: fence("console.log(JSON.stringify(it))") },
      { inputs },
    );
    expect(log).toBe(`${shown}\n`);
  });

  test.each(["file", "folder", "png", "html"] as const)(
    "that is %s is its absolute path",
    async (format) => {
      using project = openProject();
      const file = project.write("it", "");
      const { log } = await project.run(
        { code: fence("console.log(it)") },
        { inputs: [input(format, file)] },
      );
      expect(log).toBe(`${file}\n`);
    },
  );

  test.each([
    ["csv", "a,b\n1\n", /line 2 has 1 cell, the header has 2$/],
    ["json", "{", /JSON/],
    ["text", new Uint8Array([255]), /not valid/],
    ["rds", "", /Node cannot read rds$/],
  ] as const)(
    "that is damaged %s fails the step before its code begins",
    async (format, text, problem) => {
      using project = openProject();
      const inputs = [input(format, project.write("it", text))];
      const { verdict, log } = await project.run({ code: fence("console.log(1)") }, { inputs });
      expect(verdict).toMatch(/^R0808 iris\.mlpipe:10 the input `it` cannot be read: /);
      expect(verdict).toMatch(problem);
      expect(log).not.toMatch(/^1$/m);
    },
  );
});
