/** The workshop's own scripts and its project, replayed: what gives the same again does, and what does not is told. */
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { oneRun } from "./support/attempt.ts";
import { mlpipe, root, temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";
import { replay, runWell, verdictsOf } from "./support/replays.ts";

const workshop = path.join(root, "spec", "workshop");

describe.skipIf(noR)("of the workshop", () => {
  test.each(["explicit.R", "context.R"])(
    "the script %s, which logs by {mlflow} itself, is replayed to the same",
    async (name) => {
      using folder = temporaryFolder();
      folder.write(name, readFileSync(path.join(workshop, name), "utf8"));
      folder.write("it.mlpipe", oneRun(`  script "${name}"`));
      const ran = await mlpipe(["run", "it.mlpipe"], { cwd: folder.path });
      expect(ran.code).toBe(0);
      const replayed = await replay(folder, "latest", { env: { TZ: "Asia/Tokyo" } });
      expect(replayed).toMatchObject({ code: 0, replay: { changes: [] } });
      const verdicts = Object.values(verdictsOf(replayed));
      expect(verdicts.length).toBeGreaterThan(1);
      expect(new Set(verdicts)).toEqual(new Set(["IDENTICAL"]));
    },
  );

  test("the project draws random numbers for its cross-validation, which no seed holds still", async () => {
    using folder = temporaryFolder();
    cpSync(path.join(workshop, "project"), folder.path, { recursive: true });
    await mlpipe(["run", "."], { cwd: folder.path });
    const replayed = await replay(folder, "latest");
    expect(replayed).toMatchObject({ code: 3, replay: { verdict: "DIFFERENT", changes: [] } });
    const [row] = replayed.replay?.comparison.rows ?? [];
    expect(JSON.stringify(row?.difference)).toContain("cptable");
  });

  test("the project with a seed in its script is replayed to the same", async () => {
    using folder = temporaryFolder();
    cpSync(path.join(workshop, "project"), folder.path, { recursive: true });
    const script = readFileSync(path.join(folder.path, "train.R"), "utf8");
    folder.write("train.R", `set.seed(1)\n${script}`);
    await mlpipe(["run", "."], { cwd: folder.path });
    const replayed = await replay(folder, "latest");
    expect(replayed).toMatchObject({ code: 0, replay: { verdict: "IDENTICAL" } });
  });

  test("the tree of the iris example is the same in a folder elsewhere", async () => {
    using folder = temporaryFolder("iris");
    await runWell(folder, ["iris.mlpipe", "baseline"]);
    using other = temporaryFolder();
    cpSync(folder.path, other.path, { recursive: true });
    const replayed = await replay(other, "baseline");
    expect(verdictsOf(replayed)).toMatchObject({ "baseline.tree": "IDENTICAL" });
  });
});
