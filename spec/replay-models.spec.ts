/** Models that are promised within a tolerance: fitted again they differ by rounding, and what they predict decides. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fence } from "./support/attempt.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { type Replayed, replay, runWell, verdictsOf } from "./support/replays.ts";
import { verifyRun } from "./support/verify.ts";

/** The sums of a fit are taken in the order of the rows, which this variable turns round. */
const cars = [
  "mlpipe 1",
  "",
  "run cars {",
  "  model line { probe mtcars }",
  fence(
    "r",
    'rows <- order(seq_len(nrow(mtcars)), decreasing = Sys.getenv("CARS") == "down")',
    "mtcars <- datasets::mtcars",
    "w <- coef(lm(mpg ~ wt + hp + qsec, data = mtcars[rows, ]))",
    "line <- carrier::crate(function(cars) w[[1]] + w[[2]] * cars$wt + w[[3]] * cars$hp + w[[4]] * cars$qsec, w = w)",
  ),
  "}",
  "",
].join("\n");

function promising(tolerance: string): string {
  return cars.replace(/\}\n$/, `  reproducible { line ${tolerance} }\n}\n`);
}

async function turned(text: string): Promise<Replayed> {
  using folder = temporaryFolder();
  folder.write("cars.mlpipe", text);
  await runWell(folder, ["cars.mlpipe"]);
  return await replay(folder, "cars", { env: { CARS: "down" } });
}

describe.skipIf(noR)("a model of R that differs by rounding", () => {
  test("is equivalent within its tolerance, and different without one or beyond it", async () => {
    const within = await turned(promising("within 1e-9"));
    expect(within).toMatchObject({ code: 0, replay: { verdict: "EQUIVALENT" } });
    expect(within.replay?.comparison.rows).toMatchObject([
      {
        key: "line",
        rung: "tolerance",
        notes: ["within 1e-9"],
        difference: {
          files: [{ difference: { kind: "predictions", compared: 32 } }, { path: "crate.bin" }],
        },
      },
    ]);
    const without = await turned(cars);
    expect(without).toMatchObject({ code: 3, replay: { verdict: "DIFFERENT" } });
    expect(verdictsOf(without)).toEqual({ "cars.line": "DIFFERENT" });
    const beyond = await turned(promising("within 1e-25"));
    expect(beyond).toMatchObject({ code: 3, replay: { verdict: "DIFFERENT" } });
    expect(beyond.replay?.comparison.rows[0]?.notes).toEqual([
      expect.stringMatching(/^\d+ of its 32 predicted values are not within 1e-25$/),
    ]);
  });

  test("shows on the terminal and on the page how far apart the predictions are, and where", async () => {
    using folder = temporaryFolder();
    folder.write("cars.mlpipe", promising("within 1e-9"));
    await runWell(folder, ["cars.mlpipe"]);
    const words = ["replay", "cars", "--html", "cars.html"];
    const ended = await mlpipe(words, { cwd: folder.path, env: { CARS: "down" } });
    expect(ended.stdout).toMatch(
      /^ {2}probe\.json {2}\d+ of 32 predicted values\n {4}largest +by +row +before +after +ulp\n {4}absolute +\d\.?\d*e-1\d +\d+ .*\n {4}relative +\d/m,
    );
    const html = readFileSync(path.join(folder.path, "cars.html"), "utf8");
    const text = html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
    expect(text).toMatch(
      /within 1e-9 probe\.json: \d+ of 32 predicted values differ largest by row recorded now absolute \d/,
    );
  });
});

test.skipIf(noR)(
  "a model that its script saves itself has no predictions to be held to",
  async () => {
    using folder = temporaryFolder();
    folder.write(
      "train.R",
      `w <- if (Sys.getenv("CARS") == "down") 1 + 1e-13 else 1
mlflow::mlflow_log_model(carrier::crate(function(x) w * x, w = w), "line")
`,
    );
    folder.write(
      "saved.mlpipe",
      `mlpipe 1

run saved {
  model line { probe asked }
  script "train.R"
  reproducible { line within 1e-9 }
}
`,
    );
    await runWell(folder, ["saved.mlpipe"]);
    const replayed = await replay(folder, "saved", { env: { CARS: "down" } });
    expect(replayed).toMatchObject({ code: 3, replay: { verdict: "DIFFERENT" } });
    expect(replayed.replay?.comparison.rows[0]?.notes).toEqual([
      "no predictions were recorded that could be within 1e-9: they are where mlpipe saves the model, not where its code does",
    ]);
  },
);

describe("a law is kept by a model within its tolerance, and broken beyond it", () => {
  const model = (code: string, tolerance: string): string => `
  model slope { probe asked }
  ${fence(
    "js",
    'import { availableParallelism } from "node:os";',
    "const asked = [1, 2, 3];",
    code,
    "const slope = crate((w, rows) => rows.map((x) => w * x), w);",
  )}
  reproducible { slope ${tolerance} }`;

  test("L1, though it is another one each time", async () => {
    const code = "const w = 1 + Number(process.hrtime.bigint() % 997n) * 1e-13;";
    const words = ["--law", "L1"];
    expect(await verifyRun(model(code, "within 1e-6 rel"), { words })).toMatchObject({ code: 0 });
    expect((await verifyRun(model(code, "within 1e-20"), { words })).text).toMatch(
      /^ {2}differs {2}it\.slope: probe\.json: row 3, [\d.]+ → [\d.]+$/m,
    );
  });

  test("L13, whatever the number of processors does to its sums", async () => {
    const code = "const w = 1 + availableParallelism() * 1e-13;";
    const words = ["--law", "L2,L13"];
    const held = await verifyRun(model(code, "within 0.0001%"), { words });
    expect(held.text).toMatch(/^L13 +threads +held/m);
    const broken = await verifyRun(model(code, "within 4 ulp"), { words });
    expect(broken.text).toMatch(/^L13 +threads +failed/m);
    expect(broken.text).toMatch(/^L2 +perturbation +held/m);
  });
});
