import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTracking } from "../src/tracking/open.ts";
import { readFacts } from "./support/facts.ts";
import { account, startDatabricks, type FakeDatabricks } from "./support/fake-databricks.ts";
import { type Ended, type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { ask, logRuns } from "./support/query-runs.ts";
import { treeRuns, treesFile } from "./support/trees.ts";

const hasR = spawnSync("Rscript", ["--version"]).status === 0;
if (!hasR && process.env["CI"] === "true") throw new Error("no Rscript in CI");
if (!hasR) console.warn("skipped in part: no Rscript, so no model can be made");

let home: Folder;
let fake: FakeDatabricks;

beforeEach(async () => {
  home = temporaryFolder();
  fake = await startDatabricks(home.path);
});
afterEach(async () => {
  await fake.close();
  home[Symbol.dispose]();
  expect(fake.cloud.violations).toEqual([]);
});

/** What a developer's own shell sets must not count. */
const unset = Object.fromEntries(
  ["HOST", "TOKEN", "CONFIG_PROFILE", "CONFIG_FILE", "AUTH_TYPE", "INSECURE"].map((name) => [
    `DATABRICKS_${name}`,
    "",
  ]),
);

const environment = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  ...unset,
  HOME: home.path,
  MLFLOW_TRACKING_URI: "databricks",
  ...more,
});

function configure(signIn: string): void {
  home.write(".databrickscfg", `[DEFAULT]\nhost = ${fake.origin}\n${signIn}\n`);
}

const principal = `client_id = ${account.clientId}\nclient_secret = ${account.clientSecret}`;

/** A file with one step. */
const small = (experiment: string): string =>
  `mlpipe 1\n${experiment}\nrun r {\n  metric m\n\n  \`\`\`js\n  const m = 1;\n  \`\`\`\n}\n`;

function expectNoSecret({ stdout, stderr }: Ended): void {
  for (const secret of [
    account.token,
    account.clientSecret,
    ...fake.tokens,
    ...fake.cloud.signatures.keys(),
  ])
    expect(stdout + stderr).not.toContain(secret);
}

describe("mlpipe run on Databricks", () => {
  test.skipIf(!hasR).each([
    ["AWS_PRESIGNED_URL", "quickstart", principal],
    ["AZURE_SAS_URI", "epochs", `token = ${account.token}`],
  ] as const)(
    "logs over %s what the embedded store gets from %s: params, metrics, tags, artifacts, model",
    async (kind, example, signIn) => {
      using local = temporaryFolder(example);
      using remote = temporaryFolder(example);
      fake.kind = () => kind;
      configure(signIn);
      const file = `${example}.mlpipe`;
      expect((await mlpipe(["run", file], { cwd: local.path })).code).toBe(0);
      const ended = await mlpipe(["run", file], { cwd: remote.path, env: environment() });
      expect(ended.stderr).toBe("");
      expect(ended.code).toBe(0);
      expectNoSecret(ended);
      const here = await readFacts(undefined, local.path);
      const there = await readFacts("databricks", remote.path, environment());
      expect(there).toEqual(here);
      expect(fake.cloud.objects.size).toBeGreaterThan(0);
    },
  );

  test("goes to the profile that the tracking URI names", async () => {
    using folder = temporaryFolder();
    folder.write("a.mlpipe", small('experiment "/Shared/a"'));
    home.write(".databrickscfg", `[DEFAULT]\nhost = x\n[prod]\nhost=${fake.origin}\n${principal}`);
    const words = ["run", "a.mlpipe", "--tracking-uri", "databricks://prod"];
    const ended = await mlpipe(words, { cwd: folder.path, env: environment() });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    expect(fake.tokenRequests).toHaveLength(1);
  });

  test.each([
    ['experiment "iris"', "E0504"],
    ["", "E0504"],
  ])(
    "a file with %j is refused where it says so, and nothing is sent",
    async (experiment, code) => {
      using folder = temporaryFolder();
      folder.write("a.mlpipe", small(experiment));
      configure(principal);
      for (const command of ["run", "check"]) {
        const ended = await mlpipe([command, "a.mlpipe"], { cwd: folder.path, env: environment() });
        expect(ended.code).not.toBe(0);
        expect(ended.stdout + ended.stderr).toContain(code);
        expect(ended.stdout + ended.stderr).toContain("/Shared/");
      }
      expect(fake.requests).toEqual([]);
    },
  );

  test.each([
    [["--experiment-name", "/Shared/b"], {}],
    [[], { MLFLOW_EXPERIMENT_NAME: "/Shared/b" }],
  ])("a file without an experiment takes it from %j %j", async (words, env) => {
    using folder = temporaryFolder();
    folder.write("a.mlpipe", small(""));
    configure(`token = ${account.token}`);
    const more = environment(env as Record<string, string>);
    const ended = await mlpipe(["run", "a.mlpipe", ...words], { cwd: folder.path, env: more });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
    const [run] = await readFacts("databricks", folder.path, more);
    expect([run?.experiment, run?.metrics]).toEqual(["/Shared/b", { m: 1 }]);
  });

  test("a relative name from elsewhere is refused before anything is made", async () => {
    using folder = temporaryFolder();
    folder.write("a.mlpipe", small(""));
    configure(`token = ${account.token}`);
    const words = ["run", "a.mlpipe", "--experiment-name", "iris"];
    const ended = await mlpipe(words, { cwd: folder.path, env: environment() });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(
      `Databricks needs the experiment's path in the workspace, not "iris"`,
    );
    expect(ended.stderr).toContain(`Name it "/Shared/iris"`);
    // A look whether anybody answers at all.
    expect(fake.requests.map((request) => request.path)).toEqual([
      "/api/2.0/mlflow/experiments/search",
    ]);
  });

  test("waits where the workspace asks for it", async () => {
    using folder = temporaryFolder();
    folder.write("a.mlpipe", small('experiment "/Shared/a"'));
    configure(`token = ${account.token}`);
    fake.instead.push({ status: 429, headers: { "retry-after": "1" }, body: "" });
    const ended = await mlpipe(["run", "a.mlpipe"], { cwd: folder.path, env: environment() });
    expect([ended.code, ended.stderr]).toEqual([0, ""]);
  });
});

describe("mlpipe push and import", () => {
  test("bring runs to a workspace and from it, once", async () => {
    using folder = temporaryFolder();
    using other = temporaryFolder();
    folder.write("a.mlpipe", small('experiment "/Shared/a"'));
    configure(principal);
    const env = { ...environment(), MLFLOW_TRACKING_URI: "" };
    const said = async (cwd: string, ...words: readonly string[]): Promise<string> => {
      const ended = await mlpipe(words, { cwd, env });
      expectNoSecret(ended);
      expect([ended.code, ended.stderr]).toEqual([0, ""]);
      return ended.stdout;
    };
    await said(folder.path, "run", "a.mlpipe");
    expect(await said(folder.path, "push", "databricks")).toContain("runs: 1 new");
    expect(await said(folder.path, "push", "databricks")).toContain("runs: 1 unchanged");
    expect(await said(other.path, "import", "databricks")).toContain("runs: 1 new");
    const here = await readFacts(undefined, folder.path);
    const there = await readFacts(undefined, other.path);
    const untagged = (facts: typeof here) => facts.map((run) => ({ ...run, tags: {} }));
    expect(untagged(there)).toEqual(untagged(here));
    expect(here).toHaveLength(1);
  });

  test("leave out an experiment that no workspace can have, told once, and bring the rest", async () => {
    using folder = temporaryFolder();
    folder.write("a.mlpipe", small(""));
    folder.write("b.mlpipe", small('experiment "/Shared/b"'));
    configure(principal);
    const env = { ...environment(), MLFLOW_TRACKING_URI: "" };
    for (const words of [
      ["a.mlpipe", "--experiment-name", "Default"],
      ["a.mlpipe", "--experiment-name", "Default"],
      ["b.mlpipe"],
    ])
      expect((await mlpipe(["run", ...words], { cwd: folder.path, env })).code).toBe(0);
    const ended = await mlpipe(["push", "databricks"], { cwd: folder.path, env });
    expect(ended.stderr.match(/Default/g)).toHaveLength(2);
    expect(ended.stderr).toMatch(/experiment Default: .*Databricks needs .* not "Default"\n/);
    expect(ended.stdout).toMatch(/runs: 1 new; .*; 1 not brought over\n$/);
    expect(ended.code).toBe(1);
  });
});

describe("mlpipe doctor on Databricks", () => {
  const findings = async (env: Record<string, string>): Promise<Record<string, string>> => {
    const ended = await mlpipe(["doctor", "--json"], { cwd: home.path, env });
    expectNoSecret(ended);
    const all = JSON.parse(ended.stdout) as readonly Record<string, string>[];
    const found = all.find(({ what }) => what === "tracking") ?? {};
    expect(ended.code).toBe(found["state"] === "ok" ? 0 : 1);
    return found;
  };

  test("finds it well where sign-in works", async () => {
    configure(principal);
    expect(await findings(environment())).toMatchObject({
      state: "ok",
      detail: `databricks: ${fake.origin}`,
    });
  });

  test("says what is missing, and where to write it", async () => {
    expect(await findings(environment())).toEqual({
      what: "tracking",
      state: "broken",
      detail:
        "Nothing says which Databricks workspace is meant: DATABRICKS_HOST is not set, and ~/.databrickscfg is not there",
      mend: "Set DATABRICKS_HOST to https://HOST and DATABRICKS_TOKEN to a token of it, or write host = and token = below [DEFAULT] in ~/.databrickscfg.",
    });
    configure("");
    expect(await findings(environment())).toMatchObject({
      state: "broken",
      detail:
        "~/.databrickscfg line 2 names a Databricks workspace, but nothing says how to sign in there",
    });
    configure("token = dapi-old");
    expect(await findings(environment())).toMatchObject({
      state: "broken",
      mend: expect.stringContaining("Check ~/.databrickscfg line 3: it may have expired"),
    });
  });
});

test("mlpipe compare finds on Databricks what it finds in the embedded store, and leads to the workspace's pages", async () => {
  configure(`token = ${account.token}`);
  home.write("sweep.mlpipe", treesFile);
  const said: string[] = [];
  for (const uri of ["databricks", "sqlite:///mlflow.db"]) {
    const tracking = await openTracking(uri, { folder: home.path, environment: environment() });
    const ids = await logRuns(tracking, home, "/Shared/iris", treeRuns);
    await tracking.close();
    const words = ["compare", "sweep.mlpipe", "--html", `${uri.slice(0, 6)}.html`];
    const asked = { folder: home, uri, ids };
    said.push((await ask(words, asked, environment({ MLFLOW_TRACKING_URI: uri }))).stdout);
  }
  expect(said[0]).toContain("★  tidy_grid/04");
  expect(said[0]).toBe(said[1]);
  const page = readFileSync(`${home.path}/databr.html`, "utf8");
  expect(page).toContain(`href="${fake.origin}/ml/experiments/`);
});
