/** `mlpipe run … --with-deps`: what the inputs need and has never finished is run first, in the order that it needs. */
import { describe, expect, test } from "vitest";
import { fence } from "./support/attempt.ts";
import { type Ended, type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { type NotedRun, readRuns } from "./support/project.ts";

const learn = `run learn {
  param n: int = 1
  metric rmse minimize
  artifact table: csv
${fence("js", "if (n < 0) throw new Error('no')", "const rmse = n, table = [{ a: n }]")}
}
`;
const other = learn.replace("run learn", "run other").replace("= 1", "= 7");
const both = "compare both {\n  runs learn, other\n  best by rmse\n}\n";

function needs(name: string, source: string, output = "table"): string {
  return `run ${name} {\n  input ${output} as it from ${source}\n  artifact ${name}_table: csv\n  metric a\n${fence("js", "const a = it[0].a", `const ${name}_table = it`)}\n}\n`;
}

async function run(
  folder: Folder,
  text: string,
  ...words: readonly string[]
): Promise<Ended & { readonly runs: readonly NotedRun[] }> {
  folder.write("it.mlpipe", `mlpipe 1\n\n${text}`);
  const ended = await mlpipe(["run", "it.mlpipe", ...words], { cwd: folder.path });
  return { ...ended, runs: await readRuns(undefined, folder.path) };
}

const names = (runs: readonly NotedRun[]): readonly string[] => runs.map(({ name }) => name);

describe.concurrent("mlpipe run --with-deps", () => {
  test("runs what is missing, each behind what it needs, and nothing of it a second time", async () => {
    using folder = temporaryFolder();
    const text = [
      needs("report", "run score", "score_table"),
      needs("score", "best of both"),
      both,
      learn,
      other,
    ].join("\n");
    const first = await run(folder, text, "report", "--with-deps");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(names(first.runs)).toEqual(["learn", "other", "score", "report"]);
    expect(first.runs.map(({ status }) => status)).toEqual(Array(4).fill("FINISHED"));
    expect(first.stdout.match(/^FINISHED in .*$/gm)).toHaveLength(4);
    const [learned, , scored] = first.runs;
    expect(first.runs[3]?.tags).toMatchObject({ "mlpipe.input.it": scored?.id });
    expect(scored?.tags).toMatchObject({ "mlpipe.input.it": learned?.id });
    const changed = text.replace("rmse = n,", "rmse = n + 0.5,");
    const again = await run(folder, changed, "report", "--with-deps");
    expect(names(again.runs)).toEqual(["learn", "other", "score", "report", "report"]);
  });

  test("gives -P to the run that is named, and runs only what of a comparison was never run", async () => {
    using folder = temporaryFolder();
    const text = [
      needs("score", "best of both").replace("metric a", "metric a\n  param k: int"),
      both,
      learn,
      other,
    ].join("\n");
    await run(folder, text, "other", "-P", "n=-1");
    await run(folder, text, "learn", "-P", "n=9");
    const { runs, stdout } = await run(folder, text, "score", "-P", "k=3", "--with-deps");
    expect(names(runs)).toEqual(["other", "learn", "other", "score"]);
    expect(runs.map(({ params }) => params)).toEqual([
      { n: "-1" },
      { n: "9" },
      { n: "7" },
      { k: "3" },
    ]);
    expect(stdout).toContain("  a = 7\n");
  });

  test("runs a sweep of which nothing has finished, and takes its best trial", async () => {
    using folder = temporaryFolder();
    const grid = "sweep grid of learn {\n  grid\n  vary n in [3, 2, 5]\n  best by rmse\n}\n";
    const text = [needs("score", "best of grid"), grid, learn].join("\n");
    const first = await run(folder, text, "score", "--with-deps");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(names(first.runs).toSorted()).toEqual([
      "grid",
      "grid/01",
      "grid/02",
      "grid/03",
      "score",
    ]);
    const best = first.runs.find(({ name }) => name === "grid/02");
    expect(first.runs.find(({ name }) => name === "score")?.tags).toMatchObject({
      "mlpipe.input.it": best?.id,
      "mlpipe.input_from.it": "grid/02, best of grid by rmse 2",
    });
    expect((await run(folder, text, "score", "--with-deps")).runs).toHaveLength(6);
  });

  test("serves a launch, and what an experiment is named for", async () => {
    using folder = temporaryFolder();
    const text = [needs("score", "run learn"), learn, "launch nightly {\n  entry score\n}\n"].join(
      "\n",
    );
    const { runs } = await run(folder, text, "nightly", "--with-deps", "--experiment-name", "mine");
    expect(runs.map(({ name, experiment }) => [name, experiment])).toEqual([
      ["learn", "mine"],
      ["nightly", "mine"],
    ]);
  });

  test("ends with the first that fails", async () => {
    using folder = temporaryFolder();
    const text = [needs("score", "run learn"), learn.replace("= 1", "= -1")].join("\n");
    const { code, runs, stderr } = await run(folder, text, "score", "--with-deps");
    expect([code, names(runs), runs[0]?.status]).toEqual([1, ["learn"], "FAILED"]);
    expect(stderr).toContain("error R0810  no");
  });

  test("starts nothing where one of them needs a value", async () => {
    using folder = temporaryFolder();
    const text = [
      needs("report", "run score", "score_table"),
      needs("score", "run learn").replace("metric a", "metric a\n  param k: int"),
      learn,
    ].join("\n");
    const { code, stderr, runs } = await run(folder, text, "report", "--with-deps");
    expect(stderr).toContain(
      "mlpipe: `score` has to be run first, and there is no default for `k`\n  run it yourself: mlpipe run it.mlpipe score -P k=…\n",
    );
    expect([code, runs]).toEqual([2, []]);
  });

  test("is what the error names without it, and is for files alone", async () => {
    using folder = temporaryFolder();
    const text = [needs("score", "run learn"), learn].join("\n");
    const without = await run(folder, text, "score");
    expect(without.stderr).toContain(
      "fix: run it first: mlpipe run it.mlpipe learn; or add --with-deps, which does\n",
    );
    const compare = await run(folder, [both, learn, other].join("\n"), "both", "--with-deps");
    expect([compare.code, compare.stderr]).toEqual([
      2,
      "mlpipe: --with-deps is for a run or a sweep, and `both` is a comparison\n  run what it lays side by side, or with --with-deps a run that takes its best\n",
    ]);
    folder.write("MLproject", "entry_points: {main: {command: true}}\n");
    const project = await mlpipe(["run", ".", "--with-deps"], { cwd: folder.path });
    expect([project.code, project.stderr]).toEqual([
      2,
      "mlpipe: --with-deps is for the steps of a .mlpipe file, and this is an MLproject\n  leave it out\n",
    ]);
  });
});
