/** The real MLflow runs what mlpipe compiles; a real server gets what the embedded store gets. */
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { TrackedRun } from "../src/tracking/entities.ts";
import { type RunFacts, readFacts } from "./support/facts.ts";
import { mlflowFolder, plainEnvironment, startMlflow } from "./support/mlflow.ts";
import {
  type Ended,
  type Folder,
  mlpipe,
  root,
  runProgram,
  temporaryFolder,
} from "./support/mlpipe.ts";

/** As after `npm install mlpipe` in the folder: `npx --no mlpipe` finds the built command. */
function installMlpipe(folder: Folder): void {
  const bin = path.join(folder.path, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(path.join(root, "dist", "cli", "bin.js"), path.join(bin, "mlpipe"));
}

/** The store of all tests here: MLflow takes many seconds to make a new one. Each test has an experiment of its own. */
const store = temporaryFolder();
const storeUri = `sqlite:///${store.path}/mlflow.db`;
afterAll(() => store[Symbol.dispose]());

/** `mlflow run .` in the experiment `name`, with this Node first on the path. */
function mlflowRun(folder: Folder, name: string, ...words: readonly string[]): Promise<Ended> {
  const program = path.join(mlflowFolder ?? "", "bin", "mlflow");
  const all = ["run", ".", "--env-manager", "local", "--experiment-name", name, ...words];
  return runProgram(program, all, {
    cwd: folder.path,
    env: plainEnvironment({
      PATH: `${path.dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
      MLFLOW_TRACKING_URI: storeUri,
    }),
  });
}

async function onlyRun(name: string): Promise<RunFacts> {
  const facts = (await readFacts(storeUri, store.path)).filter(
    ({ experiment }) => experiment === name,
  );
  expect(facts).toHaveLength(1);
  return facts[0] as RunFacts;
}

const hasR = spawnSync("Rscript", ["--version"]).status === 0;
if (!hasR && process.env["CI"] === "true") throw new Error("no Rscript in CI");
if (!hasR) console.warn("skipped in part: no Rscript, so the iris example cannot run");

describe.skipIf(mlflowFolder === undefined)("mlflow run on a compiled project", () => {
  test("runs the quickstart: one run, finished, params logged once, model and the very numbers of `mlpipe run` there", async () => {
    using folder = temporaryFolder("quickstart");
    installMlpipe(folder);
    const ended = await mlflowRun(folder, "quickstart", "-P", "share=0.5");
    expect(ended.stderr).toContain("Run (ID '");
    expect(ended.code).toBe(0);
    const run = await onlyRun("quickstart");
    expect(run.status).toBe("FINISHED");
    expect(run.params).toEqual({ share: "0.5" });
    expect(Object.keys(run.metrics)).toEqual(["predicted", "rmse"]);
    using direct = temporaryFolder("quickstart");
    const words = ["run", "quickstart.mlpipe", "-P", "share=0.5"];
    expect((await mlpipe(words, { cwd: direct.path })).code).toBe(0);
    const [own] = await readFacts(undefined, direct.path);
    expect(run.histories).toEqual(own?.histories);
    expect(run.tags).toMatchObject({ "mlflow.source.type": "PROJECT", "mlpipe.run": "quickstart" });
    expect(run.artifacts).toContain("width/MLmodel");
  });

  test.skipIf(!hasR)("runs iris with its defaults", async () => {
    using folder = temporaryFolder("iris");
    installMlpipe(folder);
    expect((await mlflowRun(folder, "iris")).code).toBe(0);
    const run = await onlyRun("iris");
    expect([run.status, run.params]).toEqual(["FINISHED", { cp: "0.05", maxdepth: "3" }]);
    expect(run.metrics["accuracy"]).toBe(0.9);
  });

  test("a value outside the domain fails with mlpipe's message, not silently", async () => {
    using folder = temporaryFolder("quickstart");
    installMlpipe(folder);
    const ended = await mlflowRun(folder, "outside", "-P", "share=7");
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("-P share=7: `share` must be in 0<..<1");
    expect((await onlyRun("outside")).status).toBe("FAILED");
  });

  test("a param that is not declared fails with a hint, not silently", async () => {
    using folder = temporaryFolder("hello");
    installMlpipe(folder);
    const ended = await mlflowRun(folder, "undeclared", "-P", "whom=you");
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("--whom");
    expect((await onlyRun("undeclared")).status).toBe("FAILED");
  });

  test("a text with quotes, braces, spaces and letters beyond ASCII arrives as it is", async () => {
    using folder = temporaryFolder("hello");
    installMlpipe(folder);
    const who = 'l\'été {x} "$HOME" `id`; #';
    const ended = await mlflowRun(folder, "text", "-P", `who=${who}`);
    expect(ended.stdout).toContain(`Hello, ${who}!`);
    expect((await onlyRun("text")).metrics).toEqual({ letters: who.length });
  });
});

describe.skipIf(mlflowFolder === undefined)("a real server as the remote", () => {
  test("gets the same facts as the embedded store, artifacts included", async () => {
    using local = temporaryFolder("epochs");
    using remote = temporaryFolder("epochs");
    using served = temporaryFolder();
    const server = await startMlflow(served.path);
    try {
      expect((await mlpipe(["run", "epochs.mlpipe"], { cwd: local.path })).code).toBe(0);
      const env = { MLFLOW_TRACKING_URI: server.uri };
      const ended = await mlpipe(["run", "epochs.mlpipe"], { cwd: remote.path, env });
      expect(ended.stderr).toBe("");
      expect(ended.code).toBe(0);
      expect(await readFacts(server.uri, remote.path)).toEqual(
        await readFacts(undefined, local.path),
      );
    } finally {
      await server.stop();
    }
  });

  test("finds the runs that inputs come from, and keeps the data sets", async () => {
    using folder = temporaryFolder();
    using served = temporaryFolder();
    folder.write("rows.csv", "a\n1\n2\n");
    const code = (text: string): string => `  \`\`\`js\n  ${text}\n  \`\`\`\n`;
    const score = (name: string, from: string): string =>
      `run ${name} {\n  input out from ${from}\n  metric n\n${code("const n = out.length")}}\n`;
    const learn = `mlpipe 1\n\nrun learn {\n  input rows from "rows.csv": csv\n  metric m maximize\n  artifact out: csv\n${code("const m = 1, out = rows")}}\ncompare all {\n  runs learn\n  best by m\n}\n${score("newest", "run learn")}${score("best", "best of all")}`;
    const server = await startMlflow(served.path);
    try {
      folder.write("it.mlpipe", learn);
      const env = { MLFLOW_TRACKING_URI: server.uri };
      const perform = (name: string) =>
        mlpipe(["run", "it.mlpipe", name], { cwd: folder.path, env });
      const [, id = ""] = /run ([0-9a-f]{32}) in /.exec((await perform("learn")).stdout) ?? [];
      folder.write("it.mlpipe", `${learn}${score("named", `run "${id.slice(0, 12)}"`)}`);
      for (const name of ["newest", "best", "named"]) expect((await perform(name)).stderr).toBe("");
      const shown = await mlpipe(["runs", "show", "latest", "--json"], { cwd: folder.path, env });
      const { inputs, data } = JSON.parse(shown.stdout) as TrackedRun;
      expect(inputs?.dataset_inputs).toMatchObject([
        {
          dataset: { name: "out.csv", source: `{"uri":"runs:/${id}/out.csv"}` },
          tags: [{ key: "mlflow.data.context", value: "out" }],
        },
      ]);
      expect(data.tags).toContainEqual({ key: "mlpipe.input.out", value: id });
    } finally {
      await server.stop();
    }
  });
});
