/** What each command prints and writes, in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fence, oneRun } from "./support/attempt.ts";
import { readFacts } from "./support/facts.ts";
import { type Ended, entry, mlpipe, runProgram, temporaryFolder } from "./support/mlpipe.ts";

const good = oneRun("  param cp: float = 0.5 in 0..1", "  metric x", fence("js", "const x = cp"));

function shown({ stdout, stderr, code }: Ended): string {
  return `${stdout}${stderr}[${code}]`;
}

const read = (folder: string, name: string): string =>
  readFileSync(path.join(folder, name), "utf8");

/** Without what differs from run to run. */
const stable = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{32}\b/g, "RUN-ID")
    .replaceAll(/\d+\.\d+ ?s\b( {2}[\d.]+ MB)?/g, "TIME")
    .replaceAll(/Node \d+\.\d+\.\d+/g, "Node VERSION");

describe.concurrent("check", () => {
  const misspelt =
    "mlpipe 1\n\nrun it {\n  parm cp: flaot = 0.5\n\n  metric x\n\n  ```js\n  const x = cp\n  ```\n}\n";

  test("--fix mends what needs no thought, round by round, and checks again", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", misspelt);
    const ended = await mlpipe(["check", "--fix", "it.mlpipe"], { cwd: folder.path });
    expect(shown(ended)).toBe("2 fixes applied\nit.mlpipe: no findings; 1 entry\n[0]");
    expect(read(folder.path, "it.mlpipe")).toBe(
      misspelt.replace("parm", "param").replace("flaot", "float"),
    );
  });

  test("--strict makes a warning an error", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good.replace("const x = cp", "const x = 1"));
    const lenient = await mlpipe(["check", "it.mlpipe"], { cwd: folder.path });
    const strict = await mlpipe(["check", "--strict", "it.mlpipe"], { cwd: folder.path });
    expect(lenient.stdout).toMatch(/warning E0701 .*\n(.*\n)*1 warning\n$/);
    expect(strict.stdout).toBe(lenient.stdout);
    expect([lenient.code, strict.code]).toEqual([0, 2]);
  });

  test("--json prints the findings with the fixes, and an empty list where there is none", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good.replace("param cp", "parm cp"));
    folder.write("good.mlpipe", good);
    const bad = await mlpipe(["check", "--json", "it.mlpipe"], { cwd: folder.path });
    const [first] = JSON.parse(bad.stdout);
    expect(first).toMatchObject({ code: "E0101", severity: "error", file: "it.mlpipe" });
    expect(first.edits).toMatchObject([{ replacement: "param" }]);
    expect([bad.code, bad.stderr]).toEqual([2, ""]);
    const fine = await mlpipe(["check", "--json", "good.mlpipe"], { cwd: folder.path });
    expect(shown(fine)).toBe("[]\n[0]");
  });
});

describe.concurrent("fmt", () => {
  const untidy = "mlpipe 1\nrun it {\n metric x\n ```js\n const x = 1\n ```\n}\n";

  test("lays several files out, says which, and leaves what it cannot read", async () => {
    using folder = temporaryFolder();
    for (const name of ["a.mlpipe", "b.mlpipe"]) folder.write(name, untidy);
    folder.write("bad.mlpipe", "mlpipe 1\nrun {");
    const all = ["a.mlpipe", "bad.mlpipe", "b.mlpipe"];
    const checked = await mlpipe(["fmt", "--check", "a.mlpipe", "b.mlpipe"], { cwd: folder.path });
    expect(shown(checked)).toBe(
      "a.mlpipe: would be laid out anew\nb.mlpipe: would be laid out anew\n[3]",
    );
    expect(read(folder.path, "a.mlpipe")).toBe(untidy);
    const ended = await mlpipe(["fmt", ...all], { cwd: folder.path });
    expect(ended.stdout).toBe("a.mlpipe: laid out\nb.mlpipe: laid out\n");
    expect(ended.stderr).toMatch(/^bad\.mlpipe:2:/);
    expect(ended.code).toBe(2);
    expect(read(folder.path, "bad.mlpipe")).toBe("mlpipe 1\nrun {");
    const again = await mlpipe(["fmt", "--check", "a.mlpipe", "b.mlpipe"], { cwd: folder.path });
    expect(shown(again)).toBe("[0]");
  });

  test("--json prints what was found of each file, syntax errors too", async () => {
    using folder = temporaryFolder();
    for (const name of ["a.mlpipe", "b.mlpipe"]) folder.write(name, untidy);
    folder.write("bad.mlpipe", "mlpipe 1\nrun {");
    const run = async (...words: string[]) => {
      const { stdout, stderr, code } = await mlpipe(["fmt", "--json", ...words], {
        cwd: folder.path,
      });
      const found = JSON.parse(stdout) as readonly { file: string; state: string }[];
      return [found.map(({ file, state }) => `${file} ${state}`).join(), stderr, code, found];
    };
    expect(await run("a.mlpipe")).toMatchObject(["a.mlpipe written", "", 0, [{ findings: [] }]]);
    expect(await run("--check", "a.mlpipe", "b.mlpipe")).toMatchObject([
      "a.mlpipe same,b.mlpipe differs",
      "",
      3,
      [{ findings: [] }, { findings: [] }],
    ]);
    expect(await run("bad.mlpipe")).toMatchObject([
      "bad.mlpipe unreadable",
      "",
      2,
      [
        {
          findings: expect.arrayContaining([
            expect.objectContaining({ file: "bad.mlpipe", line: 2 }),
          ]),
        },
      ],
    ]);
  });
});

describe.concurrent("compile", () => {
  test("writes, says so, checks, and keeps an MLproject that is somebody else's", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    const run = async (...words: string[]) =>
      shown(await mlpipe(["compile", "it.mlpipe", ...words], { cwd: folder.path }));
    const fix = "  write it: mlpipe compile it.mlpipe\n";
    expect(await run("--check")).toBe(`mlpipe: MLproject does not exist\n${fix}[3]`);
    expect(await run()).toBe("MLproject: written\n[0]");
    expect(await run()).toBe("MLproject: up to date\n[0]");
    expect(await run("--check")).toBe("[0]");
    expect(await run("--stdout")).toBe(`${read(folder.path, "MLproject")}[0]`);
    writeFileSync(path.join(folder.path, "it.mlpipe"), good.replace("0.5", "0.25"));
    expect(await run("--check")).toBe(
      `mlpipe: MLproject is not what this file compiles to\n${fix}[3]`,
    );
    expect(await run("--check", "--json")).toBe('{"file":"MLproject","state":"differs"}\n[3]');
    expect(await run("--json")).toBe('{"file":"MLproject","state":"written"}\n[0]');
    expect(await run("--check", "--json")).toBe('{"file":"MLproject","state":"same"}\n[0]');
    expect(await run("--json", "--stdout")).toBe(
      "mlpipe: --stdout and --json exclude each other\n  give one of them\n[2]",
    );
    folder.write("MLproject", "name: mine\n");
    expect(await run()).toBe(
      "mlpipe: MLproject was not written by mlpipe and would be lost\n  move it away, or print the new one: mlpipe compile --stdout\n[2]",
    );
    expect(read(folder.path, "MLproject")).toBe("name: mine\n");
  });
});

describe.concurrent("init", () => {
  test.each([
    ["--r", "stopping.mlpipe", "Rscript"],
    ["--node", "line.mlpipe", "node"],
  ])("%s makes a project without findings, laid out, that runs at once", async (flag, file) => {
    using folder = temporaryFolder();
    const made = await mlpipe(["init", "first", flag], { cwd: folder.path });
    expect(shown(made)).toBe(
      `first/${file}: written\nrun it:  mlpipe run first/${file}\nlook at it:  mlpipe runs, or mlflow ui\n[0]`,
    );
    const cwd = path.join(folder.path, "first");
    expect(readdirSync(cwd).toSorted()).toEqual([".gitignore", file]);
    const checked = await mlpipe(["check", "--strict", file], { cwd });
    expect(shown(checked)).toBe(`${file}: no findings; 1 entry\n[0]`);
    expect(shown(await mlpipe(["fmt", "--check", file], { cwd }))).toBe("[0]");
    const ran = await mlpipe(["run", file], { cwd });
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    const again = await mlpipe(["init", "first", flag], { cwd: folder.path });
    expect(shown(again)).toBe(
      `mlpipe: first/${file} exists already\n  name another folder: mlpipe init <folder>\n[2]`,
    );
  });

  test("leaves what a folder holds", async () => {
    using folder = temporaryFolder();
    folder.write(".gitignore", "mine\n");
    folder.write("notes.txt", "mine\n");
    expect((await mlpipe(["init"], { cwd: folder.path })).code).toBe(0);
    expect(read(folder.path, ".gitignore") + read(folder.path, "notes.txt")).toBe("mine\nmine\n");
  });
});

describe.concurrent("explain", () => {
  test("lists the codes and prints a page, as text and as JSON", async () => {
    using folder = temporaryFolder();
    const run = async (...words: string[]) =>
      (await mlpipe(["explain", ...words], { cwd: folder.path })).stdout;
    const codes = JSON.parse(await run("--json")) as readonly { code: string; title: string }[];
    expect(await run()).toBe(codes.map(({ code, title }) => `${code}  ${title}\n`).join(""));
    const page = await run("e0203");
    expect(page).toMatch(/^E0203 {2}shadowed name \(error\)\n/);
    const { code, title, text } = JSON.parse(await run("E0203", "--json"));
    expect({ code, title, text }).toEqual({ code: "E0203", title: "shadowed name", text: page });
  });
});

describe.concurrent("run", () => {
  test("prints what happens, line by line, where nobody looks", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    const ended = await mlpipe(["run", "it.mlpipe", "-P", "cp=0.25"], { cwd: folder.path });
    expect(stable(shown(ended))).toBe(
      "it  run RUN-ID in Default\n  cp = 0.25\nstep  it  Node VERSION, it.mlpipe:7\n  x = 0.25\ndone  it  TIME\nFINISHED in TIME  run RUN-ID\n[0]",
    );
  });

  test("--json prints one event a line, from the run's creation to its end", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    const ended = await mlpipe(["run", "it.mlpipe", "--json"], { cwd: folder.path });
    const events = ended.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const kinds = events.map(({ kind }) => kind);
    expect([kinds[0], kinds.at(-1)]).toEqual(["run-created", "run-ended"]);
    expect(events.at(-1).outcome).toMatchObject({ status: "FINISHED", exitCode: 0 });
  });

  test("a reader that goes away does not end the run early", async () => {
    using folder = temporaryFolder();
    const code =
      "for (let i = 0; i < 2000; i++) console.log('a line that nobody reads ' + i)\nconst x = cp";
    folder.write("it.mlpipe", good.replace("const x = cp", code));
    const child = spawn(process.execPath, [entry, "run", "it.mlpipe"], {
      cwd: folder.path,
      stdio: ["ignore", "pipe", "pipe"],
    });
    await once(child.stdout, "data");
    child.stdout.destroy();
    expect(await once(child, "exit")).toEqual([0, null]);
    const [facts] = await readFacts(undefined, folder.path);
    expect([facts?.status, facts?.metrics]).toEqual(["FINISHED", { x: 0.5 }]);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "output that the disk refuses is said, and the run comes to its end",
    async () => {
      using folder = temporaryFolder();
      folder.write("it.mlpipe", good);
      const full = openSync("/dev/full", "w");
      const ended = await runProgram(process.execPath, [entry, "run", "it.mlpipe"], {
        cwd: folder.path,
        stdio: ["ignore", full, "pipe"],
      });
      expect(ended.stderr).toMatch(/^mlpipe: the output cannot be written: ENOSPC.*\n$/);
      expect(ended.code).toBe(1);
      expect((await readFacts(undefined, folder.path))[0]?.status).toBe("FINISHED");
    },
  );
});

describe.concurrent("runs", () => {
  test("lists the newest first, as a table and as JSON", async () => {
    using folder = temporaryFolder();
    folder.write("it.mlpipe", good);
    for (const cp of ["0.25", "0.5"])
      await mlpipe(["run", "it.mlpipe", "-P", `cp=${cp}`], { cwd: folder.path });
    const table = await mlpipe(["runs"], { cwd: folder.path });
    const times = stable(table.stdout).replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "DAY");
    expect(times.replaceAll(/ {2,}/g, "  ")).toBe(
      "RUN  NAME  EXPERIMENT  STATUS  STARTED  TOOK  cp  x\nRUN-ID  it  Default  FINISHED  DAY  TIME  0.5  0.5\nRUN-ID  it  Default  FINISHED  DAY  TIME  0.25  0.25\n",
    );
    const { stdout } = await mlpipe(["runs", "--json", "-n", "1"], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject([
      {
        info: {
          run_name: "it",
          status: "FINISHED",
          run_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
        data: { params: [{ key: "cp", value: "0.5" }], metrics: [{ key: "x", value: 0.5 }] },
      },
    ]);
  });
});

test("doctor says the same as text and as JSON, each lack with what mends it", async () => {
  using folder = temporaryFolder();
  const text = await mlpipe(["doctor"], { cwd: folder.path });
  const { stdout } = await mlpipe(["doctor", "--json"], { cwd: folder.path });
  const findings = JSON.parse(stdout) as readonly Record<string, string>[];
  expect(findings.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["Node", "R", "git", "folder", "tracking"]),
  );
  for (const { what = "", state = "", detail = "", mend = "" } of findings) {
    expect(text.stdout.replaceAll(/ {2,}/g, " ")).toContain(`${state} ${what} ${detail}`);
    if (state !== "ok") expect(mend).not.toBe("");
    expect(text.stdout).toContain(mend);
  }
  expect(readdirSync(folder.path)).toEqual([]);
});

describe("completion", () => {
  /** What bash would offer for these words, the last of them being typed. */
  async function offered(folder: string, ...words: string[]): Promise<readonly string[]> {
    const { stdout: script } = await mlpipe(["completion", "bash"], { cwd: folder });
    const asks = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { echo "files"; }
_mlpipe; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ended = await runProgram("bash", ["--norc", "-c", asks, "bash", ...words], {
      cwd: folder,
    });
    expect(ended.stderr).toBe("");
    return ended.stdout.split("\n").filter((line) => line !== "");
  }

  test("bash completes commands, flags, shells and files", async () => {
    using folder = temporaryFolder();
    const at = (...words: string[]) => offered(folder.path, "mlpipe", ...words);
    expect(await at("ru")).toEqual(["run", "runs"]);
    expect(await at("run", "it.mlpipe", "--t")).toEqual(["--tracking-uri"]);
    expect(await at("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await at("help", "co")).toEqual(["compile", "compare", "completion"]);
    expect(await at("run", "i")).toEqual(["files"]);
    expect(await at("runs", "s")).toEqual(["show"]);
    expect(await at("runs", "--f")).toEqual(["--filter"]);
  });

  test.each([
    ["zsh", ["-n", "-c"]],
    ["fish", ["--no-execute", "-c"]],
  ])("%s accepts its script", async (shell, words) => {
    using folder = temporaryFolder();
    const { stdout: script, code } = await mlpipe(["completion", shell], { cwd: folder.path });
    expect(code).toBe(0);
    for (const command of ["run", "check", "completion"]) expect(script).toContain(command);
    // Quotes in pairs is what can be seen without the shell.
    for (const line of script.split("\n")) expect(line.split("'").length % 2, line).toBe(1);
    const installed = await runProgram("sh", ["-c", `command -v ${shell}`], {});
    if (installed.code !== 0) console.warn(`${shell} is not installed: only quotes were looked at`);
    else expect((await runProgram(shell, [...words, script], {})).stderr).toBe("");
  });
});

test.each([
  ["-j 4", "--jobs"],
  ["--resume", "--resume"],
  ["--no-cache", "--no-cache"],
])("`mlpipe run` of a comparison refuses %s, which says nothing to it", async (option, flag) => {
  using folder = temporaryFolder("sweep");
  const words = ["run", "flowers.mlpipe", "best", ...option.split(" ")];
  const ended = await mlpipe(words, { cwd: folder.path });
  expect(shown(ended)).toBe(
    `mlpipe: ${flag} is for the steps of a .mlpipe file, and \`best\` is a comparison\n  leave it out\n[2]`,
  );
});

test.each([
  ["share=0.5", "-P share: the sweep"],
  ["shre=0.5", "-P shre: there is no param `shre`; if you mean `share`: the sweep"],
])("-P %s names a param that the sweep varies, and is refused", async (pair, beginning) => {
  using folder = temporaryFolder("sweep");
  const words = ["plan", "flowers.mlpipe", "neighbours", "-P", pair];
  expect(shown(await mlpipe(words, { cwd: folder.path }))).toBe(
    `mlpipe: ${beginning} \`neighbours\` varies \`share\` itself\n  change its line \`vary share in …\`\n[2]`,
  );
});
