/** `mlpipe trace`: what each step of a run really did, in the words of the terminal and as JSON. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { mlpipe, temporaryFolder } from "./support/mlpipe.ts";

const text = `mlpipe 1

run weather {
  seed 3
  secret key from env "SOME_KEY"
  param days = 5
  param unused = 1
  step draw {
    input rows from "rows.csv"
    metric level
    \`\`\`js
    import { readFileSync, writeFileSync } from "node:fs";
    import { execSync } from "node:child_process";
    const extra = readFileSync("extra.csv", "utf8");
    const place = process.env.PLACE ?? "here";
    const today = new Date();
    const draws = Array.from({ length: days }, () => Math.random());
    writeFileSync("left.txt", place);
    execSync("echo " + key);
    log.metric("level", draws.length);
    \`\`\`
  }
}
`;

function project() {
  const folder = temporaryFolder();
  folder.write("weather.mlpipe", text);
  folder.write("rows.csv", "a\n1\n");
  folder.write("extra.csv", "b\n2\n");
  return folder;
}

const env = { SOME_KEY: "a-secret-value" };

test("the command says of each step what it reads, writes, draws and asks for, and logs nothing", async () => {
  using folder = project();
  const ended = await mlpipe(["trace", "weather.mlpipe"], { cwd: folder.path, env });
  expect(shown(ended.stdout)).toBe(`draw  Node 24
  params       days: read
               unused: never read
  inputs       rows: never read
  secrets      key: read
  reads        extra.csv, not declared        weather.mlpipe:14 fs.readFileSync
  writes       left.txt, not declared         weather.mlpipe:18 fs.writeFileSync
  random       seeded by the run (293097277)
               Math.random: 5 times           weather.mlpipe:17
  clock        new Date                       weather.mlpipe:16
  environment  PLACE                          weather.mlpipe:15
  programs     echo ***                       weather.mlpipe:19

Files as recorded.
Declare what a step reads: input extra from "extra.csv"
Use the params that are never read, or take them out.
Whether any of it changes a result: mlpipe verify weather.mlpipe weather
`);
  expect(ended.code).toBe(0);
  expect(readdirSync(folder.path).toSorted()).toEqual(["extra.csv", "rows.csv", "weather.mlpipe"]);
});

test("a param that one step reads is not held against the others", async () => {
  using folder = temporaryFolder();
  const step = (name: string, code: string): string =>
    `  step ${name} {\n    metric ${name}_size\n    \`\`\`js\n    const ${name}_size = ${code}\n    \`\`\`\n  }\n`;
  const steps = step("one", "2 * share") + step("two", "3");
  folder.write("it.mlpipe", `mlpipe 1\n\nrun it {\n  param share = 0.5\n${steps}}\n`);
  const { stdout } = await mlpipe(["trace", "it.mlpipe"], { cwd: folder.path });
  expect(shown(stdout)).toBe(`one  Node 24
  params  share: read

two  Node 24
  params  share: read by other steps only

Files as recorded.
Whether any of it changes a result: mlpipe verify it.mlpipe it
`);
});

/** Without what is the machine's own. */
function shown(printed: string): string {
  return printed
    .replace(/Node (\d+)\S*/g, "Node $1")
    .replace(/^Files as .*$/m, "Files as recorded.");
}

test("as JSON it says the same, with nothing secret in it", async () => {
  using folder = project();
  const words = ["trace", "weather.mlpipe", "weather", "--json", "-P", "days=2"];
  const { stdout } = await mlpipe(words, { cwd: folder.path, env });
  expect(stdout).not.toContain(env.SOME_KEY);
  const { steps } = JSON.parse(stdout) as { steps: readonly unknown[] };
  expect(steps).toMatchObject([
    {
      step: "draw",
      complete: true,
      given: [
        { name: "days", kind: "param", read: true },
        { name: "unused", kind: "param", read: false },
        { name: "rows", kind: "input", read: false },
        { name: "key", kind: "secret", read: true },
      ],
      calls: expect.arrayContaining([
        expect.objectContaining({ about: "random", name: "Math.random", line: 17, count: 2 }),
      ]),
    },
  ]);
});

test("a run that fails is traced as far as it went", async () => {
  using folder = project();
  folder.write(
    "weather.mlpipe",
    text.replace("const today = new Date();", "throw new Error('rain');"),
  );
  const { code, stdout } = await mlpipe(["trace", "weather.mlpipe"], { cwd: folder.path, env });
  expect(code).toBe(1);
  expect(stdout).toContain("the run failed  R0810  weather.mlpipe:16");
  expect(stdout).toContain("unused: not read before it ended");
  expect(stdout).toContain("reads        extra.csv, not declared");
});

test("a file with errors, and one that is not there, are refused", async () => {
  using folder = project();
  folder.write("bad.mlpipe", "mlpipe 1\n\nrun a {\n");
  for (const file of ["bad.mlpipe", path.join("no", "where.mlpipe")])
    expect((await mlpipe(["trace", file], { cwd: folder.path })).code).toBe(2);
});

test.each(["trace", "verify"])(
  "%s says which run it takes of a file that has several, where none is named",
  async (command) => {
    using folder = temporaryFolder();
    const run = (name: string): string =>
      `run ${name} {\n  metric m\n  \`\`\`js\n  const m = 1;\n  \`\`\`\n}\n`;
    folder.write("it.mlpipe", `mlpipe 1\n\n${run("one")}\n${run("two")}\n${run("three")}`);
    const told = async (...words: readonly string[]): Promise<string> => {
      const more = command === "verify" ? ["--law", "L1", "--cases", "1"] : [];
      const all = [command, "it.mlpipe", ...words, ...more];
      const { stdout, code } = await mlpipe(all, { cwd: folder.path });
      expect(code).toBe(0);
      return stdout;
    };
    const taken = "run one of it.mlpipe, which also has two, three\n\n";
    expect((await told()).slice(0, taken.length)).toBe(taken);
    expect(await told("two")).not.toContain("which also has");
    expect(JSON.parse(await told("--json"))).toMatchObject({ run: "one" });
  },
);
