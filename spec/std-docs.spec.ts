/** `mlpipe docs`: all of the standard library is documented, by the command itself. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { stdMetrics } from "../src/check/std/metrics.ts";
import { documentStandard } from "../src/cli/std-docs.ts";
import { memoryFiles } from "../src/source/memory.ts";
import { standard } from "./support/check.ts";
import { type Ended, mlpipe, root } from "./support/mlpipe.ts";

const docs = (...words: readonly string[]): Promise<Ended> =>
  mlpipe(["docs", ...words], { cwd: root });

describe("mlpipe docs", () => {
  test("lists the modules and what is in them", async () => {
    const { stdout, code } = await docs();
    expect(code).toBe(0);
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      "std/metrics  metrics of guesses, by one definition in R and in JavaScript",
      "             rmse, mae, r2, accuracy, precision, recall, f1, auc, log_loss, confusion",
      "std/split    which rows are for training and which for testing, the same in R and in JavaScript",
      "             holdout, folds",
    ]);
  });

  test("prints of a metric its direction, domain, definition and source", async () => {
    const { stdout } = await docs("r2");
    expect(stdout).toBe(`r2(truth, guess)  maximize  in ..1
  share of the variance of \`truth\` that \`guess\` explains
    1 - Σ(t - g)² / Σ(t - mean(t))²
    an error where all of truth are alike
  source: Draper and Smith 1998, chapter 1; scikit-learn, r2_score
`);
  });

  test("prints of a step its params as its file has them", async () => {
    const { stdout } = await docs("knn");
    expect(stdout).toContain("step … = knn { … }\n");
    expect(stdout).toContain('    param k: int = 5 in 1..  "how many neighbours vote"\n');
    expect(stdout).not.toContain("```");
  });

  test("prints a whole module by its path, with or without std/, and as JSON", async () => {
    const [whole, short, json] = await Promise.all([
      docs("std/metrics"),
      docs("metrics"),
      docs("std/metrics", "--json"),
    ]);
    expect(short.stdout).toBe(whole.stdout);
    const { entries } = JSON.parse(json.stdout) as { entries: { name: string; goal?: string }[] };
    expect(entries.map(({ name }) => name)).toEqual([...stdMetrics.keys(), "confusion"]);
    expect(entries.find(({ name }) => name === "auc")).toMatchObject({
      goal: "maximize",
      domain: "in 0..1",
    });
  });

  test.each([
    ["std/metrcs", "; did you mean `std/metrics`?"],
    ["rsme", "; did you mean `rmse`?"],
    ["elephant", ""],
  ])("does not know %s", async (name, question) => {
    const { stderr, code } = await docs(name);
    expect(stderr).toBe(
      `mlpipe: there is no \`${name}\` in the standard library${question}\n  list its modules: mlpipe docs\n`,
    );
    expect(code).toBe(2);
  });
});

test("every module has entries, and every entry says what it is and how it is written", () => {
  const modules = documentStandard(memoryFiles(standard));
  for (const { path: of, use, entries } of modules) {
    expect([use, entries], of).not.toContainEqual([]);
    for (const { name, signatures, what, details } of entries)
      expect([signatures[0], what, details[0]], `${of} ${name}`).not.toContain(undefined);
    for (const { name, what } of entries) expect(what, `${of} ${name}`).not.toBe("");
  }
});

test("the metrics that are documented are those that R and Node have", async () => {
  const node: object = await import(new URL("../stdlib/node/metrics.mjs", import.meta.url).href);
  const names = [...stdMetrics.keys(), "confusion"].toSorted();
  expect(Object.keys(node).toSorted()).toEqual(names);
  const r = readFileSync(path.join(root, "stdlib", "r", "metrics.R"), "utf8");
  const listed = r.slice(r.indexOf("metrics <- list(")).matchAll(/(\w+) = metric_(\w+)/g);
  expect([...listed].map(([, name]) => name).toSorted()).toEqual(names);
});
