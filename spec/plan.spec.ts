/** `mlpipe plan`: everything that will be done, decided before anything is; the same bytes for the same file and values. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Value } from "../src/check/program.ts";
import { printPlan } from "../src/emit/calls.ts";
import { planToJson } from "../src/plan/json.ts";
import { lower } from "../src/plan/lower.ts";
import { chooseParams } from "../src/plan/params.ts";
import type { Plan, RunPlan, StepAction } from "../src/plan/plan.ts";
import { stepSeed } from "../src/plan/seed.ts";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { fence, programOf } from "./support/program.ts";

async function planOf(example: string, ...words: string[]): Promise<string> {
  using folder = temporaryFolder(example);
  const { stdout, stderr, code } = await mlpipe(["plan", ...words], { cwd: folder.path });
  expect([stderr, code]).toEqual(["", 0]);
  return stdout;
}

function lowered(text: string, name: string, given: Readonly<Record<string, string>> = {}): Plan {
  const program = programOf(text);
  const of = program.runs.get(name) ?? program.sweeps.get(name);
  const requires = program.runs.get(name)?.requires ?? [];
  const { values, problems } = chooseParams(of?.params ?? [], requires, given);
  expect(problems).toEqual([]);
  return lower(program, name, { params: values, adopt: false });
}

function runPlan(text: string, name: string): RunPlan {
  const plan = lowered(text, name);
  if (plan.kind !== "run") throw new Error(`a ${plan.kind}`);
  return plan;
}

const stepsOf = (plan: RunPlan): readonly StepAction[] =>
  plan.actions.filter((action) => action.kind === "step");

const tree = `mlpipe 1
experiment "/Shared/iris"
run baseline {
  param cp: float = 0.05 in 0..1
  param maxdepth: int = 3 in 1..30
  metric accuracy maximize in 0..1
  metric recall maximize
  ${fence("accuracy <- cp\nrecall <- maxdepth")}
}
sweep tidy_grid of baseline {
  grid
  vary cp in [0.01, 0.1]
  vary maxdepth in 2..4
  parallel 2
  best by accuracy then recall
}
sweep wide of baseline {
  random 3 trials seed 42
  vary cp in log 0.0001..0.5
  vary maxdepth in 1..15
  best by recall
}
compare trees {
  runs baseline, wide
  where recall >= 0.9
  best by recall then accuracy
  show cp, accuracy
}
launch nightly {
  git "https://github.com/example/iris" at "v1.2.0"
  entry baseline
  backend local
  set cp = 0.5
}
`;

describe("a plan as text", () => {
  test("of one run lists its calls, its process, its outputs and its ends", async () => {
    expect(await planOf("iris", "iris.mlpipe")).toMatchInlineSnapshot(`
      " 1 GET   experiments/get-by-name         experiment_name=/Shared/iris
       2 POST  experiments/create              only if 1 says RESOURCE_DOES_NOT_EXIST
       3 POST  experiments/set-experiment-tag  key=workshop value=MLflow with R, where it differs
       4 POST  runs/create                     run_name=baseline, start_time, tags (mlflow.user, mlflow.source.name, mlflow.source.type, mlflow.source.git.commit, mlflow.source.git.branch, mlflow.source.git.repoURL, mlflow.source.git.dirty, mlpipe.file, mlpipe.edition, mlpipe.source_digest, mlflow.note.content, mlpipe.run, mlpipe.seed, omschrijving, mlpipe.meaning, mlpipe.attempt)
       5 POST  runs/log-batch                  params cp=0.05, maxdepth=3
       6 step  baseline                        r, iris.mlpipe:25-42, seed 2026
       7 POST  runs/log-batch                  metrics accuracy, recall, precision
       8 PUT   model/                          model, flavor crate; POST runs/log-model
       9 PUT   session_info.txt                text
      10 PUT   mlpipe/                         the log, the plan and the source
      11 check expect                          accuracy >= 0.85
      12 POST  runs/update                     FINISHED
         on error: tag mlpipe.error, log, runs/update FAILED, exit 1 · on SIGINT, SIGTERM, timeout: runs/update KILLED, exit 130, 143, 124
      "
    `);
  });

  test("of a run in several steps follows the data", async () => {
    expect(await planOf("houses", "houses.mlpipe", "learn", "-P", "share=0.5"))
      .toMatchInlineSnapshot(`
        " 1 GET   experiments/get-by-name  experiment_name=/Shared/houses
         2 POST  experiments/create       only if 1 says RESOURCE_DOES_NOT_EXIST
         3 POST  runs/create              run_name=learn, start_time, tags (mlflow.user, mlflow.source.name, mlflow.source.type, mlflow.source.git.commit, mlflow.source.git.branch, mlflow.source.git.repoURL, mlflow.source.git.dirty, mlpipe.file, mlpipe.edition, mlpipe.source_digest, mlflow.note.content, mlpipe.run, mlpipe.seed, mlpipe.meaning, mlpipe.attempt)
         4 POST  runs/log-batch           params share=0.5
         5 step  split                    r, houses.mlpipe:16-18, seed 1353750024
         6 PUT   train.csv                csv
         7 PUT   test.csv                 csv
         8 step  fit                      r, houses.mlpipe:30-31, train from split, seed 406079527, timeout 600s
         9 PUT   model/                   model, flavor crate; POST runs/log-model
        10 step  test                     r, houses.mlpipe:42-42, test from split, prices from fit, seed 976107165
        11 POST  runs/log-batch           metrics rmse
        12 PUT   mlpipe/                  the log, the plan and the source
        13 POST  runs/update              FINISHED
           on error: tag mlpipe.error, log, runs/update FAILED, exit 1 · on SIGINT, SIGTERM, timeout: runs/update KILLED, exit 130, 143, 124
        "
      `);
  });

  test("of a grid lists every pair, the last `vary` fastest", () => {
    expect(printPlan(lowered(tree, "tidy_grid"))).toMatchInlineSnapshot(`
      "sweep tidy_grid of baseline: 6 runs below one parent, 2 at a time
       1 run   tidy_grid/01  cp=0.01 maxdepth=2
       2 run   tidy_grid/02  cp=0.01 maxdepth=3
       3 run   tidy_grid/03  cp=0.01 maxdepth=4
       4 run   tidy_grid/04  cp=0.1 maxdepth=2
       5 run   tidy_grid/05  cp=0.1 maxdepth=3
       6 run   tidy_grid/06  cp=0.1 maxdepth=4
         best by accuracy (maximize), then recall (maximize)
      "
    `);
  });

  test("of a random search lists the very draws, which the seed fixes", () => {
    expect(printPlan(lowered(tree, "wide"))).toMatchInlineSnapshot(`
      "sweep wide of baseline: 3 runs below one parent
       1 run   wide/01  cp=0.0553384 maxdepth=3
       2 run   wide/02  cp=0.00107285 maxdepth=6
       3 run   wide/03  cp=0.000138252 maxdepth=14
         best by recall (maximize)
      "
    `);
  });

  test("of a comparison", () => {
    expect(printPlan(lowered(tree, "trees"))).toMatchInlineSnapshot(`
      " 1 GET   experiments/get-by-name  experiment_name=/Shared/iris
       2 POST  runs/search              the finished runs of baseline that are no trials
       3 POST  runs/search              the newest parent of wide, then the finished trials below it
       4 where                          recall >= 0.9
       5 best by                        recall (maximize), then accuracy (maximize)
       6 show                           cp, accuracy
      "
    `);
  });

  test("of a launch", () => {
    expect(printPlan(lowered(tree, "nightly"))).toMatchInlineSnapshot(`
      " 1 git   fetch                    https://github.com/example/iris at v1.2.0
       2 check baseline                 that it takes cp=0.5, and needs no other
       3 GET   experiments/get-by-name  experiment_name=/Shared/iris
       4 POST  experiments/create       only if 3 says RESOURCE_DOES_NOT_EXIST
       5 POST  runs/create              run_name=nightly, start_time, tags (mlflow.user, mlflow.source.*, mlflow.project.*, mlpipe.launch, mlpipe.launch_file)
       6 POST  runs/log-batch           params of baseline, defaults too
       7 launch baseline                backend local
       8 POST  runs/update              FINISHED
         on error: runs/update FAILED, exit 1 · on SIGINT, SIGTERM, timeout: runs/update KILLED, exit 130, 143, 124
      "
    `);
  });

  test("under `mlflow run` uses the run that MLflow has made", async () => {
    using folder = temporaryFolder("hello");
    const env = { MLFLOW_RUN_ID: "0123456789abcdef0123456789abcdef" };
    const { stdout } = await mlpipe(["plan", "hello.mlpipe"], { cwd: folder.path, env });
    expect(stdout).toMatchInlineSnapshot(`
      " 1 GET   runs/get        the run that MLFLOW_RUN_ID names
       2 POST  runs/log-batch  tags mlpipe.file, mlpipe.edition, mlpipe.source_digest, mlflow.note.content, mlpipe.run
       3 POST  runs/log-batch  params who=world
       4 step  hello           js, hello.mlpipe:12-13
       5 POST  runs/log-batch  metrics letters
       6 PUT   mlpipe/         the log, the plan and the source
       7 POST  runs/update     FINISHED
         on error: tag mlpipe.error, log, runs/update FAILED, exit 1 · on SIGINT, SIGTERM, timeout: runs/update KILLED, exit 130, 143, 124
      "
    `);
    const own = await mlpipe(["plan", "hello.mlpipe"], {
      cwd: folder.path,
      env: { MLFLOW_RUN_ID: "" },
    });
    expect(own.stdout).toContain("runs/create");
  });
});

describe.concurrent("a plan as JSON", () => {
  test("is the plan, and the same bytes each time", async () => {
    const once = await planOf("houses", "houses.mlpipe", "learn", "--json");
    expect(await planOf("houses", "houses.mlpipe", "learn", "--json")).toBe(once);
    const plan = JSON.parse(once) as RunPlan;
    expect(`${JSON.stringify(plan, undefined, 2)}\n`).toBe(once);
    expect(printPlan(plan)).toBe(await planOf("houses", "houses.mlpipe", "learn"));
  });

  test("of every kind reads back to what prints the same", () => {
    for (const name of ["baseline", "tidy_grid", "wide", "trees", "nightly"]) {
      const plan = lowered(tree, name);
      expect(printPlan(JSON.parse(planToJson(plan)) as Plan)).toBe(printPlan(plan));
    }
  });

  test("names what JSON cannot hold", () => {
    const text = `mlpipe 1\nrun main {\nmetric x in 0..\n${fence("x <- 1")}}\n`;
    expect(planToJson(lowered(text, "main"))).toContain('"Infinity"');
  });
});

test("the values of -P change their params and nothing else", async () => {
  const as = async (...words: string[]) =>
    (await planOf("iris", "iris.mlpipe", "--json", ...words)).split("\n");
  const [before, after] = [await as(), await as("-P", "cp=0.25")];
  const changed = after.filter((line, at) => line !== before[at]);
  expect(changed.map((line) => line.trim())).toEqual([
    '"value": 0.25',
    '"value": "0.25"',
    '"value": 0.25',
  ]);
});

describe("the seed of a step", () => {
  test("never changes within an edition", () => {
    expect([
      stepSeed(1, "split"),
      stepSeed(1, "fit"),
      stepSeed(2026, "split"),
      stepSeed(0, ""),
      stepSeed(-7, "précision"),
    ]).toMatchInlineSnapshot(`
      [
        1353750024,
        406079527,
        631522725,
        2132083934,
        2064089096,
      ]
    `);
  });

  test("is an integer that every generator takes, and differs between steps", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.string(), (seed, a, b) => {
        const [one, other] = [stepSeed(seed, a), stepSeed(seed, b)];
        expect(Number.isInteger(one) && one >= 0 && one < 2 ** 31).toBe(true);
        // Two names meet by chance once in 2^31.
        expect(one === other).toBe(a.isWellFormed() && b.isWellFormed() ? a === b : one === other);
      }),
    );
  });

  test("is the run's own where the run holds the code itself", () => {
    const [alone] = stepsOf(
      runPlan(`mlpipe 1\nrun main {\nseed 9\n${fence("runif(1)")}}\n`, "main"),
    );
    const [named] = stepsOf(
      runPlan(`mlpipe 1\nrun main {\nseed 9\nstep a {\n${fence("runif(1)")}}\n}\n`, "main"),
    );
    expect([alone?.seed, named?.seed]).toEqual([9, stepSeed(9, "a")]);
  });
});

/** Steps in a chain or a tree: each but the first takes an output of an earlier one; declared in any order. */
const pipelines = fc
  .record({
    parents: fc.array(fc.nat(), { minLength: 0, maxLength: 6 }),
    order: fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
    shared: fc.boolean(),
  })
  .map(({ parents, order, shared }) => {
    const count = parents.length + 1;
    const step = (at: number): string => {
      const parent = at === 0 ? undefined : (parents[at - 1] ?? 0) % at;
      const input = parent === undefined ? "" : `input out${parent} from s${parent}\n`;
      const use = parent === undefined ? "1" : `nrow(out${parent})`;
      return `step s${at} {\n${input}artifact out${at}: csv\nmetric m${at}\n${fence(`m${at} <- ${use}\nout${at} <- cars${shared && at === 0 ? "\ntotal <- 1" : ""}`)}}\n`;
    };
    const steps = Array.from({ length: count }, (_, at) => at).toSorted(
      (a, b) => (order[a] ?? 0) - (order[b] ?? 0) || a - b,
    );
    const beside = shared ? "metric total\n" : "";
    return {
      count,
      shared,
      text: `mlpipe 1\nrun main {\nseed 3\n${beside}${steps.map(step).join("")}}\n`,
    };
  });

describe("for every run", () => {
  test("a step stands behind those whose outputs it takes, and is collected before the next begins", () => {
    fc.assert(
      fc.property(pipelines, ({ text, count }) => {
        const { actions } = runPlan(text, "main");
        const done = new Set<string>();
        actions.forEach((action, at) => {
          if (action.kind !== "step") return;
          for (const { from } of action.inputs)
            if (from.kind === "step") expect(done.has(from.step)).toBe(true);
          expect(actions[at + 1]).toEqual({ kind: "collect", step: action.name });
          done.add(action.name);
        });
        expect(done.size).toBe(count);
        expect(actions.at(-1)).toEqual({ kind: "finish" });
      }),
      { numRuns: 50 },
    );
  });

  test("an output that a step declares is required of it alone; a shared one of the run", () => {
    fc.assert(
      fc.property(pipelines, ({ text, count, shared }) => {
        const plan = runPlan(text, "main");
        const required = stepsOf(plan).flatMap(({ metrics, artifacts }) =>
          [...metrics, ...artifacts].filter((one) => one.required).map(({ key }) => key),
        );
        const expected = Array.from({ length: count }, (_, at) => [`m${at}`, `out${at}`]).flat();
        expect(required.toSorted()).toEqual(expected.toSorted());
        expect(plan.shared).toEqual(shared ? ["total"] : []);
        expect(planToJson(runPlan(text, "main"))).toBe(planToJson(plan));
      }),
      { numRuns: 50 },
    );
  });

  test("a param is logged in the order of the file, a hundred at a time, and null not at all", () => {
    const names = Array.from({ length: 203 }, (_, at) => `p${at}`);
    const params = names.map((name) => `param ${name}: int = 1\n`).join("");
    const uses = names.join(" + ");
    const text = `mlpipe 1\nrun main {\n${params}param none: float? = null\nmetric x\n${fence(`x <- ${uses}\nprint(none)`)}}\n`;
    const batches = runPlan(text, "main").actions.flatMap((action) =>
      action.kind === "call" && action.purpose === "log-params"
        ? [(action.request as { params: readonly { key: string; value: Value }[] }).params]
        : [],
    );
    expect(batches.map(({ length }) => length)).toEqual([100, 100, 3]);
    expect(batches.flat().map(({ key }) => key)).toEqual(names);
  });
});
