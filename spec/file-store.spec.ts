import { cp, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFileStore } from "../src/tracking/file-store/open-file-store.ts";
import { readMetricLines, readRunPoint } from "../src/tracking/file-store/metric-lines.ts";
import type { Problem, Source } from "../src/tracking/transfer/source.ts";
import { all, artifactsOf, collectProblems, pointsOf, scratch } from "./support/source.ts";
import { failureOf } from "./support/store.ts";

/** Made by the real MLflow; see make.py beside it. Its own paths are long gone. */
const fixture = join(import.meta.dirname, "support/mlruns-fixture/store");

interface Copy {
  readonly root: string;
  /** The folder of the only experiment with runs, and that of the run named `first`. */
  readonly iris: string;
  readonly first: string;
}

async function copyFixture(): Promise<Copy> {
  const root = join(await scratch(), "mlruns");
  await cp(fixture, root, { recursive: true });
  const { source } = await open(root);
  const iris = (await all(source.experiments())).find(({ name }) => name.startsWith("iris"));
  const folder = join(root, iris?.experiment_id ?? "");
  const runs = await all(source.runs(iris?.experiment_id ?? ""));
  const first = runs.find(({ info }) => info.run_name === "first");
  return { root, iris: folder, first: join(folder, first?.info.run_id ?? "") };
}

async function open(
  root: string,
): Promise<{ readonly source: Source; readonly problems: Problem[] }> {
  const { problems, report } = collectProblems();
  const source = await openFileStore(root, report);
  onTestFinished(() => source.close());
  return { source, problems };
}

/** Everything of every run, by name. */
async function readAll(source: Source): Promise<Record<string, unknown>> {
  const runs: Record<string, unknown> = {};
  for (const { experiment_id } of await all(source.experiments()))
    for (const { info } of await all(source.runs(experiment_id))) {
      const run = await source.run(info.run_id);
      if (run === undefined) continue;
      const owner = { kind: "run", id: info.run_id, uri: info.artifact_uri } as const;
      runs[info.run_name] = {
        ...run,
        points: await pointsOf(source, run),
        artifacts: await artifactsOf(source, owner),
      };
    }
  return runs;
}

describe("a folder that MLflow has written", () => {
  test("gives its experiments, the deleted one too, with their tags", async () => {
    const { source, problems } = await open(fixture);
    expect(await all(source.experiments())).toMatchObject([
      { experiment_id: "0", name: "Default", lifecycle_stage: "active", tags: [] },
      {
        name: "iris: trees & more",
        lifecycle_stage: "active",
        tags: [
          { key: "nested/tag", value: "zwei\nZeilen" },
          { key: "team", value: "flora" },
        ],
      },
      { name: "gone", lifecycle_stage: "deleted" },
    ]);
    expect(problems).toEqual([]);
  });

  test("gives each run with its params, tags, inputs and outputs, every point, and every artifact", async () => {
    const { source, problems } = await open(fixture);
    const runs = await readAll(source);
    expect(runs["first"]).toMatchObject({
      info: {
        status: "FINISHED",
        start_time: 1_700_000_000_000,
        end_time: 1_700_000_060_000,
        user_id: "ada",
        lifecycle_stage: "active",
      },
      data: {
        params: [
          { key: "cp", value: "0.01" },
          { key: "empty", value: "" },
          { key: "lines", value: "a\nb\n" },
          { key: "tree/depth", value: "ünïcode 🌳" },
        ],
        tags: [
          { key: "a/b/c", value: "deep" },
          { key: "mlflow.note.content", value: "# Note\n" },
          { key: "mlflow.runName", value: "first" },
          { key: "mlflow.user", value: "ada" },
        ],
      },
      inputs: {
        dataset_inputs: [
          {
            dataset: { name: "iris.csv", digest: "ab12cd34", schema: '{"a": 1}' },
            tags: [{ key: "mlflow.data.context", value: "training" }],
          },
        ],
      },
      artifacts: { "empty.txt": "", "notes/hello.txt": "hello\n" },
    });
    expect((runs["first"] as { readonly points: unknown }).points).toEqual({
      auc: [
        {
          key: "auc",
          value: 0.9,
          timestamp: 1_700_000_000_900,
          step: 7,
          dataset_name: "iris.csv",
          dataset_digest: "ab12cd34",
        },
      ],
      loss: [0.5, 1e-5, Number.NaN, Infinity, -Infinity, 5e-324].map((value, step) => ({
        key: "loss",
        value,
        timestamp: 1_700_000_000_000 + step,
        step,
      })),
      old: [
        { key: "old", value: 1, timestamp: 1_700_000_000_000, step: 0 },
        { key: "old", value: 2, timestamp: 1_700_000_000_001, step: 0 },
      ],
      "train/accuracy": [
        { key: "train/accuracy", value: 0.1 + 0.2, timestamp: 1_700_000_000_500, step: -3 },
      ],
    });
    expect(runs).toMatchObject({
      child: {
        info: { status: "FAILED" },
        inputs: { model_inputs: [{ model_id: expect.stringMatching(/^m-/) }] },
        outputs: { model_outputs: [{ model_id: expect.stringMatching(/^m-/), step: 2 }] },
      },
      "deleted run": { info: { status: "KILLED", lifecycle_stage: "deleted" } },
      "still running": { info: { status: "RUNNING" } },
      "in the bin": {
        info: { lifecycle_stage: "deleted" },
        data: { params: [{ key: "p", value: "1" }] },
      },
    });
    expect(problems).toEqual([]);
  });

  test("gives its logged models and its registry, without the version that was deleted", async () => {
    const { source, problems } = await open(fixture);
    const [iris] = (await all(source.experiments())).filter(({ name }) => name.startsWith("iris"));
    const [model] = await all(source.loggedModels(iris?.experiment_id ?? ""));
    expect(model).toMatchObject({
      info: { name: "tree", model_type: "tree", status: "LOGGED_MODEL_READY" },
      data: {
        params: [{ key: "depth", value: "3" }],
        metrics: [{ key: "score", value: 0.75, step: 1, dataset_name: "iris.csv" }],
      },
    });
    const id = model?.info.model_id ?? "";
    const owner = { kind: "model", id, uri: model?.info.artifact_uri ?? "" } as const;
    expect(await artifactsOf(source, owner)).toEqual({ MLmodel: `model_id: ${id}\n` });
    expect(await all(source.registeredModels())).toMatchObject([
      {
        name: "Tree",
        description: "all trees",
        aliases: [{ alias: "champion", version: "3" }],
        tags: [{ key: "stage/x", value: "y" }],
      },
    ]);
    expect(await all(source.modelVersions("Tree"))).toMatchObject([
      { version: "1", current_stage: "Production", aliases: [], model_id: id },
      { version: "3", description: "third", aliases: ["champion"] },
    ]);
    expect(problems).toEqual([]);
  });
});

describe("what is malformed is told with its path, and the rest is read", () => {
  test.each<[string, (copy: Copy) => Promise<unknown>, string, string]>([
    [
      "a run without meta.yaml",
      ({ first }) => rm(join(first, "meta.yaml")),
      "meta.yaml",
      "is missing, so that all beside it is left out",
    ],
    [
      "a meta.yaml that is no YAML",
      ({ first }) => writeFile(join(first, "meta.yaml"), "a: [b"),
      "meta.yaml",
      "cannot be read",
    ],
    [
      "a meta.yaml that lacks what MLflow writes",
      ({ first }) => writeFile(join(first, "meta.yaml"), "status: 3"),
      "meta.yaml",
      "run_id is missing",
    ],
    [
      "a run that says it is another",
      async ({ first }) => rename(first, `${first.slice(0, -4)}aaaa`),
      "",
      "says that it is the run",
    ],
    [
      "a line that is no point",
      ({ first }) => writeFile(join(first, "metrics/loss"), "1 2 3\n1 two 3\n1 2 3 4\n"),
      "loss:2",
      "is no point of a metric",
    ],
    [
      "a tag that is no text",
      ({ first }) => writeFile(join(first, "tags/bad"), Buffer.from([0xff, 0xfe])),
      "tags/bad",
      "is no UTF-8 text",
    ],
    [
      "a link, which might lead anywhere",
      ({ first }) => symlink("/etc/hostname", join(first, "tags/linked")),
      "tags/linked",
      "is a link or a device",
    ],
    [
      "a link among the artifacts",
      ({ first }) => symlink("/etc", join(first, "artifacts/etc")),
      "artifacts/etc",
      "is a link or a device",
    ],
    [
      "an input that names a folder elsewhere",
      async ({ first }) => {
        const [input = ""] = await readdir(join(first, "inputs"));
        const meta = "source_type: DATASET\nsource_id: ../../0\n";
        await writeFile(join(first, "inputs", input, "meta.yaml"), meta);
      },
      "",
      "is no folder of a data set",
    ],
    [
      "traces",
      ({ iris }) => mkdir(join(iris, "traces/tr-1"), { recursive: true }),
      "traces",
      "1 traces are not brought over",
    ],
  ])("%s", async (_, harm, place, message) => {
    const copy = await copyFixture();
    await harm(copy);
    const { source, problems } = await open(copy.root);
    expect(Object.keys(await readAll(source))).toEqual(
      expect.arrayContaining(["child", "deleted run", "still running", "in the bin"]),
    );
    const told = problems.find((problem) => problem.message.startsWith(message));
    expect(told?.place ?? problems).toContain(place);
    expect(told?.place).toContain(copy.root);
  });

  test("folders in which a database's runs keep artifacts are no runs, and nothing is said of them", async () => {
    const { root, iris } = await copyFixture();
    await mkdir(join(root, "7/0123/artifacts"), { recursive: true });
    await mkdir(join(root, "7/models/m-1/artifacts"), { recursive: true });
    await mkdir(join(iris, "4567/artifacts"), { recursive: true });
    const { source, problems } = await open(root);
    expect(Object.keys(await readAll(source))).toHaveLength(5);
    expect(problems).toEqual([]);
  });
});

describe("artifacts", () => {
  test("are read where the run says, below the folder, or else beside the run, though the folder was moved", async () => {
    const { root, first } = await copyFixture();
    await mkdir(join(root, "elsewhere"));
    await rename(join(first, "artifacts"), join(root, "elsewhere/artifacts"));
    await editMeta(first, `file://${root}/elsewhere/artifacts`);
    const { source } = await open(root);
    expect((await readAll(source))["first"]).toMatchObject({ artifacts: { "empty.txt": "" } });
  });

  test("outside of the folder are not read, whatever a run says, but by order", async () => {
    const { root, first } = await copyFixture();
    const outside = await scratch();
    await writeFile(join(outside, "secret.txt"), "s");
    await rm(join(first, "artifacts"), { recursive: true });
    await editMeta(first, `file://${outside}`);
    const { source, problems } = await open(root);
    expect((await readAll(source))["first"]).toMatchObject({ artifacts: {} });
    expect(problems[0]?.message).toContain(`are in ${outside}, beside the store`);
    const trusting = await openFileStore(root, () => {}, [outside]);
    expect((await readAll(trusting))["first"]).toMatchObject({ artifacts: { "secret.txt": "s" } });
  });

  test("on other machines are told of", async () => {
    const { root, first } = await copyFixture();
    await rm(join(first, "artifacts"), { recursive: true });
    await editMeta(first, "s3://bucket/1/artifacts");
    const { source, problems } = await open(root);
    await readAll(source);
    expect(problems[0]?.message).toContain(
      "not brought over: the artifacts of this run are in s3:",
    );
  });
});

async function editMeta(run: string, artifactUri: string): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const file = join(run, "meta.yaml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/^artifact_uri: .*$/m, `artifact_uri: ${artifactUri}`));
}

test("a folder that is none is refused with what to do", async () => {
  const folder = await scratch();
  const refused = await failureOf(openFileStore(folder, () => {}));
  expect(refused).toMatchObject({ code: "STORE_UNUSABLE" });
  expect(refused.fix).toContain("mlruns");
  expect(await failureOf(openFileStore(join(folder, "absent"), () => {}))).toMatchObject({
    code: "STORE_UNUSABLE",
  });
});

test("every double comes back from a line that Python has written", () => {
  const python = (value: number): string =>
    Number.isNaN(value) ? "nan" : String(value).replace("Infinity", "inf");
  fc.assert(
    fc.property(fc.double(), fc.maxSafeNat(), fc.maxSafeInteger(), (value, timestamp, step) => {
      const line = `${timestamp} ${Object.is(value, -0) ? "-0.0" : python(value)} ${step}\n`;
      expect(readMetricLines("k", line, readRunPoint)).toEqual({
        points: [{ key: "k", value, timestamp, step: step + 0 }],
        malformed: [],
      });
    }),
  );
});

test("no text makes the reader of lines fail, and each line is a point or told", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (lines) => {
      const text = lines.map((line) => `${line.replace(/[\r\n]/g, "")}\n`).join("");
      const { points, malformed } = readMetricLines("k", text, readRunPoint);
      expect(points.length + malformed.length).toBe(lines.length);
    }),
  );
});
