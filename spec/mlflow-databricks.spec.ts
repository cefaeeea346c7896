/** The real MLflow's client keeps to the same rules as ours: the fake workspace takes what it sends, and each reads what the other wrote. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MalformedIni, readIni } from "../src/tracking/databricks/ini.ts";
import { openDatabricks } from "../src/tracking/databricks/open-databricks.ts";
import { readWorkspace } from "../src/tracking/databricks/workspace.ts";
import { byToken, clouds, mebibyte, smallParts } from "./support/databricks.ts";
import { startDatabricks, type FakeDatabricks } from "./support/fake-databricks.ts";
import type { Cloud } from "./support/fake-cloud.ts";
import { askPython, mlflowFolder } from "./support/mlflow.ts";

let folder: string;
let fake: FakeDatabricks;
let settings: Record<string, string>;

describe.skipIf(mlflowFolder === undefined)("the real MLflow's client on Databricks", () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mlpipe-databricks-"));
    fake = await startDatabricks(folder);
    fake.kind = (path) => path.split("/")[0] as Cloud;
    settings = {
      HOME: folder,
      DATABRICKS_HOST: fake.origin,
      ...byToken,
      DATABRICKS_CONFIG_PROFILE: "",
      DATABRICKS_CONFIG_FILE: "",
      ...smallParts,
    };
  });
  afterAll(async () => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("and ours read in every cloud store what the other wrote", { timeout: 120_000 }, async () => {
    const files = {
      "small.txt": "hello",
      "empty.txt": "",
      "big.bin": "0123456789a".repeat(mebibyte),
    };
    for (const owner of ["theirs", "ours"]) {
      await mkdir(join(folder, owner));
      for (const [name, text] of Object.entries(files))
        await writeFile(join(folder, owner, name), `${owner}${text}`.slice(0, text.length));
    }
    const tracking = await openDatabricks({ uri: "databricks", profile: undefined }, settings);
    const { experiment_id } = await tracking.call("experiments/create", { name: "/Shared/both" });
    const { run } = await tracking.call("runs/create", { experiment_id, start_time: 1 });
    const { run_id } = run.info;
    for (const cloud of clouds)
      for (const name of Object.keys(files))
        await tracking.upload(run_id, join(folder, "ours", name), `${cloud}/ours/${name}`);
    const got = await askPython<readonly string[]>(
      `
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
run = client.get_run(given["run"])
repo = get_artifact_repository(run.info.artifact_uri)
listed = []
for cloud in given["clouds"]:
    for name in given["names"]:
        repo.log_artifact(os.path.join("theirs", name), cloud + "/theirs")
    listed += [f.path for f in repo.list_artifacts(cloud)]
    repo.download_artifacts(cloud + "/ours", "got")
answer(listed)
`,
      {
        trackingUri: "databricks",
        folder: await makeFolder(),
        given: { run: run_id, clouds, names: Object.keys(files) },
        environment: { ...settings, MLFLOW_DISABLE_DATABRICKS_SDK_FOR_RUN_ARTIFACTS: "true" },
      },
    );
    expect(got).toEqual(clouds.flatMap((cloud) => [`${cloud}/ours`, `${cloud}/theirs`]));
    await tracking.download(run_id, "", join(folder, "fetched"));
    await tracking.close();
    for (const cloud of clouds)
      for (const name of Object.keys(files)) {
        const sent = await readFile(join(folder, "theirs", name));
        const received = await readFile(join(folder, "fetched", cloud, "theirs", name));
        expect(received.equals(sent), `${cloud} ${name}`).toBe(true);
        const ours = await readFile(join(folder, "ours", name));
        const theirCopy = await readFile(join(folder, "got", cloud, "ours", name));
        expect(theirCopy.equals(ours), `${cloud} ${name}`).toBe(true);
      }
    expect(fake.cloud.violations).toEqual([]);
    expect(fake.cloud.unfinished.size).toBe(0);
  });

  const makeFolder = async (): Promise<string> => {
    await mkdir(join(folder, "got"), { recursive: true });
    return folder;
  };

  it("finds the same host and token as ours", { timeout: 60_000 }, async () => {
    const file = join(folder, "profiles.cfg");
    await writeFile(
      file,
      "[DEFAULT]\nhost = http://127.0.0.1:9\ntoken = d%efault\n\n[prod]\nHost: http://127.0.0.1:10/\nToken = prod\n[bare]\nhost=127.0.0.1:11\n",
    );
    const host = "http://127.0.0.1:12";
    const cases: readonly (readonly [string | null, Record<string, string>])[] = [
      [null, {}],
      ["prod", {}],
      [null, { DATABRICKS_CONFIG_PROFILE: "prod" }],
      ["DEFAULT", { DATABRICKS_CONFIG_PROFILE: "prod" }],
      [null, { DATABRICKS_HOST: host, DATABRICKS_TOKEN: "t" }],
      ["bare", { DATABRICKS_TOKEN: "t" }],
      [null, { DATABRICKS_HOST: host, DATABRICKS_USERNAME: "u", DATABRICKS_PASSWORD: "p" }],
      [null, { DATABRICKS_HOST: host }],
      [null, { DATABRICKS_TOKEN: "t" }],
      ["bare", {}],
      ["none", {}],
      [
        null,
        {
          DATABRICKS_HOST: host,
          DATABRICKS_TOKEN: "t",
          DATABRICKS_CLIENT_ID: "c",
          DATABRICKS_CLIENT_SECRET: "s",
        },
      ],
    ];
    const theirs = await askPython<readonly (readonly string[] | null)[]>(
      `
from databricks.sdk.config import Config
Config._resolve_host_metadata = lambda self: None
for name in list(os.environ):
    if name.startswith("DATABRICKS_"): del os.environ[name]
def read(profile, env):
    os.environ.update(env)
    try:
        config = Config(profile=profile) if profile else Config()
        return [config.host, config.auth_type, config.token or config.username]
    except ValueError:
        return None
    finally:
        for name in env: del os.environ[name]
answer([read(profile, {**env, "DATABRICKS_CONFIG_FILE": given["file"]}) for profile, env in given["cases"]])
`,
      { trackingUri: "http://127.0.0.1:9", folder, given: { file, cases } },
    );
    const ours = await Promise.all(
      cases.map(([profile, env]) => summary(profile, { ...env, DATABRICKS_CONFIG_FILE: file })),
    );
    expect(ours).toEqual(theirs);
    expect(theirs.map((found) => found !== null)).toEqual([
      ...Array.from({ length: 7 }, () => true),
      ...Array.from({ length: 5 }, () => false),
    ]);
  });

  const summary = async (
    profile: string | null,
    env: Record<string, string>,
  ): Promise<readonly string[] | null> => {
    try {
      const { origin, signIn } = await readWorkspace(profile ?? undefined, env);
      const types = { token: "pat", password: "basic", client: "oauth-m2m" } as const;
      const who =
        signIn.kind === "token"
          ? signIn.token
          : signIn.kind === "password"
            ? signIn.username
            : signIn.id;
      return [origin, types[signIn.kind], who.value];
    } catch {
      return null;
    }
  };

  it("reads configuration files as ours does", { timeout: 60_000 }, async () => {
    const line = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom("[a]", "[b c]", "[DEFAULT]", "[a] x", "[]", "  [d]"),
      },
      {
        weight: 6,
        arbitrary: fc
          .tuple(
            fc.constantFrom("", " ", "  ", "\t"),
            fc.constantFrom("k", "K", "two words", "é", "", "#k", ";k"),
            fc.constantFrom("=", ":", " = ", "  :", "", " "),
            fc.constantFrom("v", "", "a = b", "%(x)s", "50%", "v # c", "  v  ", "é"),
          )
          .map((parts) => parts.join("")),
      },
      { weight: 2, arbitrary: fc.constantFrom("", "  ", "# c", "  ; c", "   more", "nothing") },
    );
    const texts = fc.sample(
      fc.array(line, { maxLength: 9 }).map((lines) => lines.join("\n")),
      { numRuns: 3000, seed: 7 },
    );
    const theirs = await askPython<readonly (Record<string, Record<string, string>> | null)[]>(
      `
import configparser
def read(text):
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    sections = {name: dict(values) for name, values in parser._sections.items()}
    return {**sections, "DEFAULT": dict(parser.defaults())} if parser.defaults() else sections
answer([read(text) for text in given])
`,
      { trackingUri: "http://127.0.0.1:9", folder, given: texts },
    );
    texts.forEach((text, at) => {
      expect(plainIni(text), JSON.stringify(text)).toEqual(theirs[at]);
    });
    expect(theirs.filter((read) => read !== null).length).toBeGreaterThan(200);
  });

  function plainIni(text: string): Record<string, Record<string, string>> | null {
    try {
      const sections = [...readIni(text)].filter(
        ([name, { size }]) => name !== "DEFAULT" || size > 0,
      );
      return Object.fromEntries(
        sections.map(([name, values]) => [
          name,
          Object.fromEntries([...values].map(([key, { value }]) => [key, value])),
        ]),
      );
    } catch (error) {
      if (error instanceof MalformedIni) return null;
      throw error;
    }
  }
});
