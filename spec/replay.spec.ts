/** A recorded run performed again: from what was recorded, whatever has become of the project, the machine and the tracker. */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { fence, oneRun } from "./support/attempt.ts";
import { readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { pair, pairProject, replay, runWell, sameInPair, verdictsOf } from "./support/replays.ts";

describe("every example is replayed to the same results", () => {
  test.each([
    ["hello", "hello.mlpipe", "hello"],
    ["epochs", "epochs.mlpipe", "perceptron"],
    ["iris", "iris.mlpipe", "baseline"],
    ["quickstart", "quickstart.mlpipe", "quickstart"],
    ["script", "cars.mlpipe", "cars"],
    ["houses", "houses.mlpipe", "learn"],
  ])("%s, in another time zone and another language", async (example, file, run) => {
    using folder = temporaryFolder(example);
    await runWell(folder, [file, run], { TZ: "Asia/Tokyo", LANG: "C.UTF-8" });
    const env = { TZ: "America/Los_Angeles", LANG: "C", LC_ALL: "C" };
    const replayed = await replay(folder, run, { env });
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL", changes: [] } });
    expect(Object.keys(verdictsOf(replayed)).length).toBeGreaterThan(0);
  });

  test("a sweep trial by trial, as one table", async () => {
    using folder = temporaryFolder("sweep");
    await runWell(folder, ["flowers.mlpipe", "neighbours"]);
    const { code, stdout } = await mlpipe(["replay", "neighbours"], { cwd: folder.path });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^trial .*\nneighbours\/01 .*IDENTICAL\n(?:.*\n){5}\nIDENTICAL: 6 of 6 trials\n$/,
    );
  });

  test("a run that takes the best of others, though newer ones would be better by now", async () => {
    using folder = temporaryFolder("houses");
    await runWell(folder, ["houses.mlpipe", "learn"]);
    await runWell(folder, ["houses.mlpipe", "score"]);
    await runWell(folder, ["houses.mlpipe", "learn", "-P", "share=0.9"]);
    const replayed = await replay(folder, "score");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
  });
});

describe("a replay", () => {
  test("is a run of its own, below the one that it replays, with verdict and table", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    const replayed = await replay(folder, "pair");
    expect(verdictsOf(replayed)).toEqual(sameInPair);
    const [first, second, ...more] = await readFacts(undefined, folder.path);
    expect(more).toEqual([]);
    expect(second).toMatchObject({
      name: "replay of pair",
      status: "FINISHED",
      experiment: first?.experiment,
      params: first?.params,
      metrics: first?.metrics,
      tags: {
        "mlflow.parentRunId": replayed.replay?.runId,
        "mlpipe.replay_of": replayed.replay?.runId,
        "mlpipe.verdict": "IDENTICAL",
        "mlpipe.kind": "replay",
      },
    });
    expect(second?.tags).not.toHaveProperty("mlpipe.run");
    expect(second?.artifacts).toContain("mlpipe/replay.json");
  });

  test("can be replayed itself, and agrees", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    const first = await replay(folder, "pair");
    const second = await replay(folder, first.replay?.replayId ?? "");
    expect(second).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
    expect(verdictsOf(second)).toEqual(sameInPair);
  });

  test("of a run with steps from the cache performs them", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    await runWell(folder, ["pair.mlpipe"]);
    const replayed = await replay(folder, "latest");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL", changes: [] } });
    expect(verdictsOf(replayed)).toEqual(sameInPair);
  });

  test("of one step gives it what was recorded of those before it", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    const replayed = await replay(folder, "pair", { words: ["--step", "add"] });
    expect(verdictsOf(replayed)).toEqual({ "add.sum": "IDENTICAL" });
    const none = await replay(folder, "pair", { words: ["--step", "ad"] });
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining("draw, add") });
  });

  test("of steps that differ tells each apart, since each is given what was recorded", async () => {
    using folder = temporaryFolder();
    const loose = pair.replace("  seed 5\n", "");
    pairProject(folder, loose);
    await mlpipe(["run", "pair.mlpipe"], { cwd: folder.path });
    const replayed = await replay(folder, "pair");
    expect(replayed).toMatchObject({
      code: 3,
      replay: {
        verdict: "DIFFERENT",
        guilty: ["draw"],
        suspects: [{ cause: "unseeded-rng", step: "draw" }],
      },
    });
    expect(verdictsOf(replayed)).toMatchObject({ "add.sum": "IDENTICAL" });
    const { stdout } = await mlpipe(["replay", "pair"], { cwd: folder.path });
    expect(stdout).toMatch(
      /\ndraw: unseeded-rng \(.*\): it draws random numbers that nobody has seeded\n\nnext: mlpipe replay [0-9a-f]{32} --diagnose\n$/,
    );
  });

  test("of a run that failed fails in the same place, which is the same", async () => {
    using folder = temporaryFolder();
    const broken = pair.replace("const sum = ", 'throw new Error("no"); const sum = ');
    pairProject(folder, broken);
    await mlpipe(["run", "pair.mlpipe"], { cwd: folder.path });
    const replayed = await replay(folder, "pair");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
    expect(verdictsOf(replayed)).toMatchObject({ "add.": "IDENTICAL" });
  });

  test("of a run within its tolerance is equivalent", async () => {
    using folder = temporaryFolder();
    const text = [
      "mlpipe 1",
      "",
      "run it {",
      "  seed 1",
      "  metric m",
      fence("js", "const m = 100 + (process.hrtime()[1] % 1000) / 1000;"),
      "  reproducible { m within 1.5% }",
      "}",
      "",
    ];
    folder.write("it.mlpipe", text.join("\n"));
    await runWell(folder, ["it.mlpipe"]);
    const replayed = await replay(folder, "it");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "EQUIVALENT" } });
  });
});

describe("what was recorded is what is replayed", () => {
  test("after the project's folder was moved and its files were changed, which is told", async () => {
    using folder = temporaryFolder();
    const home = path.join(folder.path, "home");
    mkdirSync(home);
    pairProject({
      ...folder,
      path: home,
      write: (name, text) => folder.write(`home/${name}`, text),
    });
    await runWell({ ...folder, path: home }, ["pair.mlpipe"]);
    const moved = { ...folder, path: path.join(folder.path, "moved") };
    renameSync(home, moved.path);
    writeFileSync(path.join(moved.path, "data", "rows.csv"), "a\n5\n");
    writeFileSync(path.join(moved.path, "pair.mlpipe"), pair.replace("+ k", "- k"));
    const replayed = await replay(moved, "pair");
    expect(replayed).toMatchObject({
      code: 0,
      replay: {
        verdict: "IDENTICAL",
        notes: [
          "pair.mlpipe has changed since; it was replayed as it was recorded",
          "data/rows.csv has changed since; it was replayed as it was recorded",
        ],
      },
    });
  });

  test("when only the store is left, and when only the tracker is left", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    rmSync(path.join(folder.path, "data"), { recursive: true });
    expect((await replay(folder, "pair")).replay?.verdict).toBe("IDENTICAL");
    rmSync(path.join(folder.path, ".mlpipe"), { recursive: true });
    rmSync(path.join(folder.path, "pair.mlpipe"));
    expect((await replay(folder, "pair")).replay?.verdict).toBe("IDENTICAL");
  });

  test("or it says what is gone, and where it was looked for", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    forgetInputs(folder);
    rmSync(path.join(folder.path, "data"), { recursive: true });
    const { code, stderr } = await replay(folder, "pair");
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /`data\/rows\.csv`, which the step add was given \(6 bytes, sha256 [0-9a-f]{12}\), is gone; looked in .*\.mlpipe\/inputs, .*data\/rows\.csv, the artifacts of the run [0-9a-f]{32}, other runs of that name in sqlite:\/\/\/mlflow\.db\n {2}put the file back/,
    );
    expect(await readFacts(undefined, folder.path)).toHaveLength(1);
  });

  test("but a file of which only a changed one is left is used, and told as the cause", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    forgetInputs(folder);
    folder.write("data/rows.csv", "a\n1\n3\n");
    const replayed = await replay(folder, "pair");
    expect(replayed).toMatchObject({
      code: 3,
      replay: {
        verdict: "DIFFERENT",
        guilty: ["add"],
        changes: [{ cause: "data", name: "data/rows.csv", step: "add" }],
        suspects: [{ cause: "data", step: "add" }],
      },
    });
  });

  test("from the copy of another run of the same name, where its own is gone", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    forgetInputs(folder);
    await runWell(folder, ["pair.mlpipe"]);
    rmSync(path.join(folder.path, ".mlpipe", "inputs"), { recursive: true });
    rmSync(path.join(folder.path, "data"), { recursive: true });
    const replayed = await replay(folder, "latest~1");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
  });

  test.each([
    ["mlpipe/manifest.json", (text: string) => text.replace("0.1", "0.2")],
    ["mlpipe/plan.json", (text: string) => `${text} `],
    ["mlpipe/source/pair.mlpipe", (text: string) => `${text}\n`],
    ["drawn.csv", () => "x\n1\n"],
  ])("and %s that somebody has changed in the tracker is refused", async (name, change) => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    const file = path.join(artifactsOf(folder), name);
    writeFileSync(file, change(readFileSync(file, "utf8")));
    const { code, stderr } = await replay(folder, "pair");
    expect(code).toBe(4);
    expect(stderr).toContain(`${name}, an artifact of the run`);
    expect(stderr).toContain("is not what was recorded");
  });

  test.each(["mlpipe/manifest.json", "mlpipe/plan.json", "drawn.csv"])(
    "and %s that is gone from the tracker is refused",
    async (name) => {
      using folder = temporaryFolder();
      pairProject(folder);
      await runWell(folder, ["pair.mlpipe"]);
      rmSync(path.join(artifactsOf(folder), name));
      const { code, stderr } = await replay(folder, "pair");
      expect(code).toBe(4);
      expect(stderr).toContain(`${name}, an artifact of the run`);
      expect(stderr).toContain("is gone from sqlite:///mlflow.db");
    },
  );

  test.each([
    ["the same bytes", '"{}"', "IDENTICAL", "same bytes, by digest"],
    ["other bytes", '" ".repeat(process.pid) + "{}"', "IDENTICAL", "same content, by digest"],
    ["other content", "`[${process.pid}]`", "DIFFERENT", "differs: content, by its digest"],
  ])(
    "but an output of %s that is gone and no step needs is compared by its digest",
    async (_, text, verdict, why) => {
      using folder = temporaryFolder();
      const code = [
        'import { writeFileSync } from "node:fs";',
        `writeFileSync("it.json", ${text});`,
      ];
      folder.write("it.mlpipe", oneRun("  artifact it: json", fence("js", ...code)));
      await runWell(folder, ["it.mlpipe"]);
      rmSync(path.join(artifactsOf(folder), "it.json"));
      const { code: exit, stdout } = await mlpipe(["replay", "it"], { cwd: folder.path });
      expect(exit).toBe(verdict === "DIFFERENT" ? 3 : 0);
      expect(stdout).toContain(`it      ${verdict}  ${why}\n`);
      expect(stdout).toContain("its recorded files are gone, so it was compared by their digests");
    },
  );

  test("but a step that does without what is gone is replayed alone", async () => {
    using folder = temporaryFolder();
    pairProject(folder);
    await runWell(folder, ["pair.mlpipe"]);
    rmSync(path.join(artifactsOf(folder), "drawn.csv"));
    const whole = await replay(folder, "pair");
    expect(whole).toMatchObject({ code: 4, stderr: expect.stringContaining(" --step draw") });
    const replayed = await replay(folder, "pair", { words: ["--step", "draw"] });
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
    expect(replayed.replay?.comparison.rows).toMatchObject([
      { key: "level", rung: "bytes" },
      { key: "drawn", rung: "bytes", byDigest: true },
    ]);
  });

  test("and a run that mlpipe has not made is refused", async () => {
    using folder = temporaryFolder();
    const tracking = await openTracking(undefined, { folder: folder.path });
    await tracking.call("runs/create", { experiment_id: "0", run_name: "theirs", start_time: 1 });
    await tracking.close();
    const { code, stderr } = await replay(folder, "theirs");
    expect(code).toBe(4);
    expect(stderr).toMatch(/^mlpipe: the run [0-9a-f]{32} \(theirs\) was not made by mlpipe/);
  });
});

/** Of the only run. */
function artifactsOf(folder: Folder): string {
  const runs = path.join(folder.path, "mlruns", "0");
  const [name = ""] = readdirSync(runs);
  return path.join(runs, name, "artifacts");
}

/** No copy of what any run was given is left. */
function forgetInputs(folder: Folder): void {
  rmSync(path.join(folder.path, ".mlpipe"), { recursive: true });
  const runs = path.join(folder.path, "mlruns", "0");
  for (const name of readdirSync(runs))
    rmSync(path.join(runs, name, "artifacts", "mlpipe", "inputs"), {
      recursive: true,
      force: true,
    });
}
