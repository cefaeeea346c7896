/** Artifacts in the embedded store: whole or absent, and never outside the run's folder. */
import { lstat, mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { failureOf, readBack, startRun, storeWithRun } from "./support/store.ts";

test("a file is uploaded, listed, replaced and fetched, alone and with its folder", async () => {
  const { tracking, runId, folder } = await storeWithRun();
  const file = join(folder, "in.txt");
  for (const text of ["one", "two!"]) {
    await writeFile(file, text);
    await tracking.upload(runId, file, "plots/map a/é 100%.txt");
  }
  await tracking.upload(runId, file, "b.txt");
  const { info } = await readBack(tracking, runId);
  expect(await tracking.call("artifacts/list", { run_id: runId })).toEqual({
    root_uri: info.artifact_uri,
    files: [
      { path: "b.txt", is_dir: false, file_size: 4 },
      { path: "plots", is_dir: true },
    ],
  });
  expect(
    await tracking.call("artifacts/list", { run_id: runId, path: "plots/map a" }),
  ).toMatchObject({
    files: [{ path: "plots/map a/é 100%.txt", is_dir: false, file_size: 4 }],
  });
  await tracking.download(runId, "plots/map a/é 100%.txt", join(folder, "out.txt"));
  expect(await readFile(join(folder, "out.txt"), "utf8")).toBe("two!");
  await tracking.download(runId, "", join(folder, "all"));
  expect((await readdir(join(folder, "all"), { recursive: true })).toSorted()).toEqual(
    ["b.txt", "plots", "plots/map a", "plots/map a/é 100%.txt"].toSorted(),
  );
});

test("a run without artifacts, a folder that is not there and a file list nothing", async () => {
  const { tracking, runId, folder } = await storeWithRun();
  const { info } = await readBack(tracking, runId);
  expect(await tracking.call("artifacts/list", { run_id: runId })).toEqual({
    root_uri: info.artifact_uri,
  });
  await writeFile(join(folder, "a"), "");
  await tracking.upload(runId, join(folder, "a"), "a");
  for (const path of ["a", "b/c"]) {
    expect((await tracking.call("artifacts/list", { run_id: runId, path })).files).toBeUndefined();
  }
});

const escapes = [
  "../x",
  "a/../../x",
  "/etc/x",
  "",
  "a//b",
  "./a",
  "a/",
  "..",
  "%2e%2e/x",
  "%252e%252e/x",
  "..%2fx",
  "%2fetc/x",
  "a\\..\\x",
  "%5c..",
  "C:/x",
  "c:x",
  "a#b",
  "a%23b",
  "a\0b",
  "a%00b",
  ".artifact.uploading.x",
];

test.each(escapes)("the path %j is refused", async (path) => {
  const { tracking, runId, folder } = await storeWithRun();
  const file = join(folder, "in.txt");
  await writeFile(file, "x");
  expect(await failureOf(tracking.upload(runId, file, path))).toMatchObject({
    code: "INVALID_PARAMETER_VALUE",
  });
  if (path === "") return;
  expect(await failureOf(tracking.download(runId, path, join(folder, "out")))).toMatchObject({
    code: "INVALID_PARAMETER_VALUE",
  });
  expect(await failureOf(tracking.call("artifacts/list", { run_id: runId, path }))).toMatchObject({
    code: "INVALID_PARAMETER_VALUE",
  });
});

test("whatever path is made of dots, slashes and escapes, nothing is written outside the run's folder", async () => {
  const { tracking, experimentId, folder } = await storeWithRun();
  const file = join(folder, "in.txt");
  await writeFile(file, "x");
  const part = fc.constantFrom("..", ".", "/", "\\", "%2e", "%2f", "%25", "a", "b", ":", "c");
  const everything = async (): Promise<ReadonlySet<string>> =>
    new Set(await readdir(folder, { recursive: true }));
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 7 }), async (parts) => {
      const runId = await startRun(tracking, experimentId);
      const path = parts.join("");
      const before = await everything();
      const stored = await tracking.upload(runId, file, path).then(
        () => true,
        () => false,
      );
      const root = `mlruns/${experimentId}/${runId}/artifacts`;
      const made = [...(await everything())].filter((name) => !before.has(name));
      expect(
        made.filter((name) => !`${name}/`.startsWith(`${root}/`) && !root.startsWith(name)),
      ).toEqual([]);
      expect(made.includes(join(root, path))).toBe(stored);
    }),
    { numRuns: 150 },
  );
});

test("links that leave the run's folder are neither followed nor listed nor fetched", async () => {
  const { tracking, runId, folder } = await storeWithRun();
  const root = (await readBack(tracking, runId)).info.artifact_uri;
  const outside = join(folder, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "secret");
  await mkdir(root, { recursive: true });
  await symlink(outside, join(root, "door"));
  await symlink(join(outside, "secret"), join(root, "key"));
  await writeFile(join(root, "plain"), "plain");
  const denied = { code: "PERMISSION_DENIED" };
  expect(await failureOf(tracking.upload(runId, join(root, "plain"), "door/new"))).toMatchObject(
    denied,
  );
  expect(
    await failureOf(tracking.upload(runId, join(root, "plain"), "door/deep/new")),
  ).toMatchObject(denied);
  expect(await readdir(outside)).toEqual(["secret"]);
  expect(
    await failureOf(tracking.download(runId, "door/secret", join(folder, "out"))),
  ).toMatchObject(denied);
  expect(await failureOf(tracking.download(runId, "key", join(folder, "out")))).toMatchObject(
    denied,
  );
  expect(await failureOf(tracking.download(runId, "", join(folder, "out")))).toMatchObject(denied);
  await expect(lstat(join(folder, "out"))).rejects.toThrow("ENOENT");
  expect(
    await failureOf(tracking.call("artifacts/list", { run_id: runId, path: "door" })),
  ).toMatchObject(denied);
  expect(
    (await tracking.call("artifacts/list", { run_id: runId })).files?.map(({ path }) => path),
  ).toEqual(["plain"]);
});

test("a link in the artifacts that an upload would replace is replaced itself, not what it points at", async () => {
  const { tracking, runId, folder } = await storeWithRun();
  const root = (await readBack(tracking, runId)).info.artifact_uri;
  await mkdir(root, { recursive: true });
  await writeFile(join(root, "old"), "old");
  await symlink("old", join(root, "link"));
  await writeFile(join(folder, "new"), "new");
  await tracking.upload(runId, join(folder, "new"), "link");
  expect(await readFile(join(root, "old"), "utf8")).toBe("old");
  expect(await readFile(join(root, "link"), "utf8")).toBe("new");
});

test("a file that is missing, a folder and a target that exists are refused, and leave nothing behind", async () => {
  const { tracking, runId, folder } = await storeWithRun();
  const failed = { code: "FILE_FAILED" };
  expect(await failureOf(tracking.upload(runId, join(folder, "nothing"), "a/b"))).toMatchObject(
    failed,
  );
  expect(await failureOf(tracking.upload(runId, folder, "a/b"))).toMatchObject(failed);
  const root = (await readBack(tracking, runId)).info.artifact_uri;
  expect(await readdir(join(root, "a"))).toEqual([]);
  await writeFile(join(folder, "x"), "x");
  await tracking.upload(runId, join(folder, "x"), "a/x");
  for (const path of ["a", "a/x/y"])
    expect(await failureOf(tracking.upload(runId, join(folder, "x"), path))).toMatchObject({
      code: "INVALID_PARAMETER_VALUE",
    });
  expect(await failureOf(tracking.download(runId, "a", join(folder, "x")))).toMatchObject({
    ...failed,
    message: `${join(folder, "x")} exists already`,
  });
  expect(await failureOf(tracking.download(runId, "b", join(folder, "y")))).toMatchObject({
    code: "RESOURCE_DOES_NOT_EXIST",
  });
  expect(await readdir(root)).toEqual(["a"]);
});

test.each([
  ["file:///FOLDER/elders", "elders/RUN/artifacts/a"],
  ["elders dan", "elders dan/RUN/artifacts/a"],
  ["mlflow-artifacts:/7", "mlartifacts/7/RUN/artifacts/a"],
])("artifacts of an experiment at %s lie in %s", async (location, place) => {
  const { tracking, folder } = await storeWithRun();
  const { experiment_id } = await tracking.call("experiments/create", {
    name: "elders",
    artifact_location: location.replace("/FOLDER", folder),
  });
  const runId = await startRun(tracking, experiment_id);
  await writeFile(join(folder, "x"), "x");
  await tracking.upload(runId, join(folder, "x"), "a");
  expect(await readFile(join(folder, place.replace("RUN", runId)), "utf8")).toBe("x");
});

test("artifacts of an experiment in a cloud are refused, with what to do instead", async () => {
  const { tracking, folder } = await storeWithRun();
  const { experiment_id } = await tracking.call("experiments/create", {
    name: "cloud",
    artifact_location: "s3://bucket/x?region=eu",
  });
  const runId = await startRun(tracking, experiment_id);
  expect((await readBack(tracking, runId)).info.artifact_uri).toBe(
    `s3://bucket/x/${runId}/artifacts?region=eu`,
  );
  expect(await failureOf(tracking.upload(runId, join(folder, "mlflow.db"), "a"))).toMatchObject({
    code: "FILE_FAILED",
    message: "the artifacts of this run are in s3:, which mlpipe reaches only through a server",
    fix: "use the http address of an MLflow server as tracking URI",
  });
});
