/** What it costs to trace a step: by the hooks of its language, and with strace too, beside the same step as it is. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { requireProgram } from "../src/cli/open.ts";
import { lower } from "../src/plan/lower.ts";
import type { RunPlan } from "../src/plan/plan.ts";
import { execute } from "../src/repro/execute.ts";
import { findMeans, traced } from "../src/repro/trace/traced.ts";
import type { World } from "../src/run/world.ts";
import { openBed } from "./bed.ts";
import type { Figure } from "./figure.ts";
import { median } from "./measure.ts";

/** Work with many files and many top-level values, as training has. */
const codes = {
  r: `library(rpart)
for (i in 1:600) { name <- file.path(tempdir(), i); writeLines("x", name); text <- readLines(name) }
fits <- lapply(1:60, function(i) rpart(Sepal.Length ~ ., iris[sample(150, 100), ]))
scores <- vapply(fits, function(fit) mean(predict(fit)), 0)
table <- data.frame(fit = seq_along(scores), score = scores)`,
  js: `import fs from "node:fs";
const folder = fs.mkdtempSync("files-");
for (let i = 0; i < 2000; i++) { fs.writeFileSync(folder + "/x", "x" + i); fs.readFileSync(folder + "/x", "utf8"); }
const draws = Array.from({ length: 1e6 }, () => Math.random());
const sum = draws.reduce((a, b) => a + b, 0);
const rows = draws.slice(0, 1000).map((draw) => ({ draw }));`,
} as const;

export async function* measureTraces(rounds: number): AsyncGenerator<Figure> {
  const means = await findMeans(process.env);
  for (const language of ["r", "js"] as const) {
    const name =
      language === "r"
        ? "R, 60 trees and 1200 file operations"
        : "Node, 1e6 draws and 4000 file operations";
    const worlds = {
      plain: undefined,
      hooks: traced(undefined),
      ...(means.strace !== undefined && { strace: traced(undefined, means) }),
    };
    const times = await timeWorlds(language, worlds, rounds);
    const plain = times.get("plain") ?? [];
    for (const [means, each] of [...times].slice(1)) {
      const ratio = median(each.map((time, at) => time / (plain[at] ?? Number.NaN)));
      const shown = `${ratio.toFixed(2)} (${median(each).toFixed(0)} / ${median(plain).toFixed(0)} ms)`;
      yield {
        what: `${name}: traced by ${means === "strace" ? "hooks and strace" : means}`,
        figure: shown,
        aim: "",
      };
    }
  }
}

/** Milliseconds of the step, all worlds in turn after one unmeasured round. */
async function timeWorlds(
  language: keyof typeof codes,
  worlds: Readonly<Record<string, World | undefined>>,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const bed = openBed();
  try {
    const project = path.join(bed.folder, "project");
    mkdirSync(project);
    writeFileSync(
      path.join(project, "one.mlpipe"),
      `mlpipe 1\n\nrun one {\n  seed 1\n  step work {\n    \`\`\`${language}\n    ${codes[language].replaceAll("\n", "\n    ")}\n    \`\`\`\n  }\n}\n`,
    );
    const { program } = requireProgram(path.join(project, "one.mlpipe"));
    const plan = lower(program, "one", { params: {}, adopt: false }) as RunPlan;
    const times = new Map(Object.keys(worlds).map((name) => [name, [] as number[]]));
    for (let round = 0; round <= rounds; round++)
      for (const [name, world] of Object.entries(worlds)) {
        const time = await timeStep(plan, project, path.join(bed.folder, "scratch"), world);
        if (round > 0) times.get(name)?.push(time);
      }
    return times;
  } finally {
    bed.close();
  }
}

async function timeStep(
  plan: RunPlan,
  project: string,
  scratch: string,
  world: World | undefined,
): Promise<number> {
  let time = Number.NaN;
  const { signal } = new AbortController();
  const { results } = await execute({
    plan,
    project,
    scratch,
    env: process.env,
    signal,
    ...(world && { world }),
    listener(event) {
      if (event.kind === "step-ended") time = event.milliseconds;
    },
  });
  if (results.failure) throw new Error(results.failure.message);
  return time;
}
