/** Executions that are only looked at: what a run gives in a copy of its project, in surroundings as they are asked for. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { requireProgram } from "../src/cli/open.ts";
import { lower } from "../src/plan/lower.ts";
import type { RunPlan } from "../src/plan/plan.ts";
import { copyProject } from "../src/repro/copy-project.ts";
import { type ExecuteRequest, type Execution, execute } from "../src/repro/execute.ts";

const text = `mlpipe 1

run pair {
  seed 3
  step draw {
    metric level
    artifact rows: csv
    \`\`\`js
    import { writeFileSync } from "node:fs";
    writeFileSync("left-behind.txt", process.env.WEATHER ?? "none");
    const level = Number(process.env.LEVEL ?? 0.1);
    const rows = [{ a: 1 }, { a: 2 }];
    \`\`\`
  }
  step add {
    input rows from draw
    metric sum
    \`\`\`js
    log.metric("seen", rows.length, 7);
    const sum = rows.reduce((all, row) => all + row.a, 0);
    \`\`\`
  }
}
`;

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-execute-"));
  mkdirSync(path.join(root, "project"));
  writeFileSync(path.join(root, "project", "pair.mlpipe"), text);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(name: string, more: Partial<ExecuteRequest> = {}): Promise<Execution> {
  const { project, program } = requireProgram(path.join(root, "project", "pair.mlpipe"));
  const plan = lower(program, "pair", { params: {}, adopt: false }) as RunPlan;
  const { signal } = new AbortController();
  const scratch = path.join(root, name);
  return execute({ plan, project: project.folder, scratch, env: process.env, signal, ...more });
}

test("an execution gives the outputs of every step and leaves the project as it was", async () => {
  const { results } = await run("plain");
  expect(results).toEqual({
    failure: undefined,
    steps: [
      {
        step: "draw",
        failure: undefined,
        outputs: [
          { kind: "metric", key: "level", points: [{ step: 0, value: 0.1 }] },
          {
            kind: "artifact",
            key: "rows",
            format: "csv",
            path: expect.stringMatching(/rows\.csv$/),
          },
        ],
      },
      {
        step: "add",
        failure: undefined,
        outputs: [
          { kind: "metric", key: "sum", points: [{ step: 0, value: 3 }] },
          { kind: "metric", key: "seen", points: [{ step: 7, value: 2 }] },
        ],
      },
    ],
  });
  const rows = results.steps[0]?.outputs[1];
  expect(rows?.kind === "artifact" && readFileSync(rows.path, "utf8")).toBe("a\n1\n2\n");
  expect(readdirSync(path.join(root, "project"))).toEqual(["pair.mlpipe"]);
});

test("a world sets variables and starts the command of a step by another", async () => {
  const env = { LEVEL: "0.25", WEATHER: undefined };
  const { results, project } = await run("world", {
    env: { ...process.env, WEATHER: "rain" },
    world: { before: ["env", "LEVEL=0.5"], env },
  });
  expect(results.steps[0]?.outputs[0]).toMatchObject({ points: [{ value: 0.5 }] });
  expect(readFileSync(path.join(project, "left-behind.txt"), "utf8")).toBe("none");
});

test("a step can be given what another execution of the step before it has given", async () => {
  const before = path.join(root, "before");
  mkdirSync(before);
  writeFileSync(path.join(before, "rows.csv"), '"a"\n40\n2\n');
  const givenBefore = (step: string): string | undefined => (step === "draw" ? before : undefined);
  const { results } = await run("given", { givenBefore });
  expect(results.steps[1]?.outputs[0]).toMatchObject({ key: "sum", points: [{ value: 42 }] });
});

test("a step that fails is told in the results with its place", async () => {
  const { results } = await run("failing", { env: { ...process.env, LEVEL: "none" } });
  expect(results.failure?.place).toBe("pair.mlpipe:11");
  expect(results.steps.map(({ step, failure }) => [step, failure?.code])).toEqual([
    ["draw", "R0802"],
  ]);
});

test("a project that the folders for temporary files lie in is copied without them", async () => {
  const project = path.join(root, "around");
  const temporary = path.join(project, "data", "tmp");
  mkdirSync(path.join(temporary, "another-execution"), { recursive: true });
  writeFileSync(path.join(project, "data", "kept.csv"), "a\n1\n");
  vi.stubEnv("TMPDIR", temporary);
  const target = path.join(temporary, "scratch", "around");
  await copyProject(project, target);
  vi.unstubAllEnvs();
  expect(readdirSync(target, { recursive: true }).toSorted()).toEqual([
    "data",
    path.join("data", "kept.csv"),
    path.join("data", "tmp"),
  ]);
});

test("a project whose folder is a link is copied, and what is written in the copy stays there", async () => {
  const link = path.join(root, "link");
  symlinkSync(path.join(root, "project"), link);
  const target = path.join(root, "copied", "link");
  await copyProject(link, target);
  writeFileSync(path.join(target, "more.txt"), "");
  expect(readdirSync(target)).toEqual(["more.txt", "pair.mlpipe"]);
  expect(readdirSync(path.join(root, "project"))).toEqual(["pair.mlpipe"]);
});
