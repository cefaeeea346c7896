/** Whatever is handed to the commands, they end with a documented exit code and say in a few lines what is wrong and where. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { attempt, fence, fileName, oneRun } from "./support/attempt.ts";
import { type Behaviour, startFake } from "./support/fake-server.ts";
import { type Ended, entry, mlpipe, runProgram, temporaryFolder } from "./support/mlpipe.ts";
import { unprivileged } from "./support/unprivileged.ts";

const good = oneRun("  metric x", "", fence("js", "const x = 1"));
const commands = ["check", "fmt", "compile", "plan", "run"] as const;

/** No trace of the program's inside, and at most so many lines that are not the file's own text. */
function expectPlain({ stdout, stderr }: Ended, lines = 5): void {
  expect(stdout + stderr).not.toMatch(/^ +at |internal error|node:internal|\[object /m);
  const said = stderr.split("\n").filter((line) => line !== "" && !/^ *\d* \|/.test(line));
  expect(said.length, stderr).toBeLessThanOrEqual(lines);
}

describe.concurrent("a file that is not a pipeline", () => {
  test.each([
    ["that is not there", undefined, "E0406", "`it.mlpipe` is not there"],
    ["that is a folder", "folder", "E0406", "`it.mlpipe` is a folder, not a file"],
    ["of 10 MB of noise", randomBytes(10 << 20), "E0109", "it.mlpipe is not a UTF-8 text: byte "],
    [
      "that is not UTF-8",
      Buffer.from("mlpipe 1\nrun caf\xe9 {}", "latin1"),
      "E0109",
      "byte 16 cannot be read",
    ],
  ])(
    "%s is refused by every command with its place and code",
    async (_, content, code, message) => {
      using folder = temporaryFolder();
      const file = path.join(folder.path, fileName);
      if (content === "folder") mkdirSync(file);
      else if (content !== undefined) writeFileSync(file, content);
      for (const command of commands) {
        const ended = await mlpipe([command, fileName], { cwd: folder.path });
        const said = command === "check" ? ended.stdout : ended.stderr;
        expect(said).toContain(`it.mlpipe:1:1  error ${code}  `);
        expect(said).toContain(message);
        expect(ended.code, command).toBe(2);
        expectPlain(ended);
      }
      expect(readdirSync(folder.path)).toEqual(content === undefined ? [] : [fileName]);
    },
  );

  test("that is text, and much of it, is refused in bounded time, and nothing is written", async () => {
    using folder = temporaryFolder();
    const text = randomBytes(1 << 18)
      .toString("base64")
      .replace(/.{70}/g, "$&\n");
    folder.write(fileName, text);
    for (const command of commands) {
      const ended = await mlpipe([command, fileName], { cwd: folder.path });
      expect(ended.code, command).toBe(2);
      expect(ended.stderr + ended.stdout).toMatch(/it\.mlpipe:\d+:\d+ {2}error E01\d\d/);
      expect(ended.stderr + ended.stdout).not.toMatch(/^ +at |internal error/m);
      expect(ended.stderr.length).toBeLessThan(100_000);
    }
    expect(readFileSync(path.join(folder.path, fileName), "utf8")).toBe(text);
    expect(readdirSync(folder.path)).toEqual([fileName]);
  });
});

describe.concurrent("a file as other systems save it", () => {
  test.each([
    ["with CRLF", good.replaceAll("\n", "\r\n")],
    ["with a byte order mark and CRLF", `\ufeff${good.replaceAll("\n", "\r\n")}`],
  ])("%s is checked, compiled, run and laid out as any other", async (_, text) => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, text);
    expect([tried.code, tried.stderr, tried.facts[0]?.metrics]).toEqual([0, "", { x: 1 }]);
    for (const command of ["check", "compile", "fmt"])
      expect((await mlpipe([command, fileName], { cwd: folder.path })).code).toBe(0);
    const laidOut = readFileSync(path.join(folder.path, fileName), "utf8");
    expect(laidOut).not.toMatch(/[\r\ufeff]/);
    folder.write("plain.mlpipe", good);
    await mlpipe(["fmt", "plain.mlpipe"], { cwd: folder.path });
    expect(laidOut).toBe(readFileSync(path.join(folder.path, "plain.mlpipe"), "utf8"));
  });
});

describe.concurrent("words on the command line", () => {
  const typed = oneRun(
    "  param n: int = 3 in 1..9",
    "  param ok: bool = true",
    "  param file: path?",
    "  metric x",
    fence("js", "const x = n + Number(ok) + Number(file === null)"),
  );
  test.each([
    [["rum", fileName], "`rum`", "did you mean `run`?"],
    [["run"], "file", "mlpipe run <file>"],
    [["run", fileName, "--jsn"], "--jsn", "did you mean `--json`?"],
    [["run", fileName, "itt"], "it.mlpipe has no `itt`; did you mean `it`?", "it has it"],
    [["run", fileName, "-P", "n"], "-P n: expected name=value", "for example"],
    [["run", fileName, "-P", "n=1", "-P", "n=2"], "-P n is given twice", "give it once"],
    [["run", fileName, "-P", "m=1"], "there is no param `m`", "it has n, ok, file"],
    [["run", fileName, "-P", "n=x"], "`n`", ""],
    [["run", fileName, "-P", "n=10"], "`n`", "1..9"],
    [["run", fileName, "-P", "ok=yes"], "`ok`", ""],
    [["runs", "-n", "0"], "-n 0: expected a whole number from 1", ""],
    [["compile", fileName, "--mlproject-types", "new"], "--mlproject-types", "`documented`"],
    [["explain", "E9999"], "there is no code `E9999`", ""],
  ])("%j is refused", async (words, message, help) => {
    using folder = temporaryFolder();
    folder.write(fileName, typed);
    const ended = await mlpipe(words, { cwd: folder.path });
    expect(ended.stderr).toContain(message);
    expect(ended.stderr).toContain(help);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expectPlain(ended, 3);
    expect(readdirSync(folder.path)).toEqual([fileName]);
  });
});

/** Runs mlpipe as somebody who may not write in `folder`. */
function asReader(words: readonly string[], folder: string): Promise<Ended> {
  chmodSync(folder, 0o555);
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("MLFLOW_"));
  const [file, ...rest] = unprivileged([process.execPath, entry, ...words]);
  return runProgram(file, rest, { cwd: folder, env: Object.fromEntries(own) });
}

describe.concurrent("what the disk refuses", () => {
  test("a folder that may not be written is said by the commands that write", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, good.replace("\n\n  ```", "\n  ```"));
    const compiled = await asReader(["compile", fileName], folder.path);
    expect(compiled.stderr).toMatch(
      /^mlpipe: the operating system refused: EACCES: .*MLproject'\n {2}see /,
    );
    const run = await asReader(["run", fileName], folder.path);
    expect(run.stderr).toMatch(
      /mlflow\.db cannot be opened or made .*\n {2}see that its folder exists/,
    );
    const doctor = await asReader(["doctor"], folder.path);
    expect(doctor.stdout).toMatch(/broken +folder .* cannot be written/);
    for (const ended of [compiled, run, doctor]) {
      expect(ended.code).toBe(1);
      expectPlain(ended);
    }
    const checked = await asReader(["check", fileName], folder.path);
    expect(checked.code).toBe(0);
    chmodSync(folder.path, 0o755);
    expect(readdirSync(folder.path)).toEqual([fileName]);
  });

  test("an MLproject that somebody wrote, or that is a folder, is not touched", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, good);
    folder.write("MLproject", "name: mine\n");
    const refused = await mlpipe(["compile", fileName], { cwd: folder.path });
    expect(refused.stderr).toContain("MLproject was not written by mlpipe and would be lost");
    expect(refused.code).toBe(2);
    expect(readFileSync(path.join(folder.path, "MLproject"), "utf8")).toBe("name: mine\n");
    using other = temporaryFolder();
    other.write(fileName, good);
    mkdirSync(path.join(other.path, "MLproject"));
    const blocked = await mlpipe(["compile", fileName], { cwd: other.path });
    expect(blocked.stderr).toContain("the operating system refused: EISDIR");
    expect(blocked.code).toBe(1);
    expectPlain(blocked, 2);
  });
});

describe.concurrent("a store", () => {
  test("is not made by those who only look", async () => {
    using folder = temporaryFolder();
    const runs = await mlpipe(["runs"], { cwd: folder.path });
    expect([runs.code, runs.stdout, runs.stderr]).toEqual([0, "no runs yet\n", ""]);
    expect((await mlpipe(["doctor"], { cwd: folder.path })).stdout).toMatch(/ok +tracking/);
    const none = await mlpipe(["runs", "--experiment-name", "iris"], { cwd: folder.path });
    expect(none.stderr).toBe(
      "mlpipe: sqlite:///mlflow.db has no experiment `iris`\n  it has Default\n",
    );
    expect(none.code).toBe(2);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("that is no database is refused, and keeps every byte", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, good);
    const bytes = "not a database, but long enough to be taken for one ".repeat(20);
    folder.write("mlflow.db", bytes);
    for (const words of [["run", fileName], ["runs"]]) {
      const ended = await mlpipe(words, { cwd: folder.path });
      expect(ended.stderr).toMatch(/mlflow\.db is no SQLite database .*\n {2}name another file/);
      expect([ended.code, ended.stdout]).toEqual([1, ""]);
      expectPlain(ended, 2);
    }
    expect(readFileSync(path.join(folder.path, "mlflow.db"), "utf8")).toBe(bytes);
  });

  test("that has lost its end is refused, and not changed", async () => {
    using folder = temporaryFolder();
    await attempt(folder, good);
    const file = path.join(folder.path, "mlflow.db");
    truncateSync(file, 20_000);
    const before = readFileSync(file);
    const ended = await mlpipe(["run", fileName], { cwd: folder.path });
    expect(ended.stderr).toMatch(/mlflow\.db is damaged .*\n {2}restore a copy/);
    expect(ended.code).toBe(1);
    expectPlain(ended, 2);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("that another program locks is waited for, and then given up with a word", async () => {
    using folder = temporaryFolder();
    await attempt(folder, good);
    {
      using _ = await lock(path.join(folder.path, "mlflow.db"));
      const env = { MLPIPE_TRACKING_TIMEOUT: "1" };
      const ended = await mlpipe(["run", fileName], { cwd: folder.path, env });
      expect(ended.stderr).toMatch(/mlflow\.db is locked|other program|busy/i);
      expect([ended.code, ended.stdout]).toEqual([1, ""]);
      expectPlain(ended);
    }
    const again = await attempt(folder, good);
    expect(again.facts.map(({ status }) => status)).toEqual(["FINISHED", "FINISHED"]);
  });
});

/** Another program that writes the file until the end of the scope. */
async function lock(file: string): Promise<Disposable> {
  const code = `const { DatabaseSync } = require("node:sqlite")
    const db = new DatabaseSync(process.argv[1])
    db.exec("BEGIN EXCLUSIVE")
    console.log("locked")
    process.stdin.resume()`;
  const holder = spawn(process.execPath, ["-e", code, file], { stdio: ["pipe", "pipe", "ignore"] });
  await once(holder.stdout, "data");
  return { [Symbol.dispose]: () => void holder.kill("SIGKILL") };
}

describe.concurrent("a tracking server", () => {
  const patience = {
    MLFLOW_HTTP_REQUEST_TIMEOUT: "1",
    MLPIPE_TRACKING_TIMEOUT: "1",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
  };
  const page = "<!doctype html><title>Sign in</title>";
  const html = { "content-type": "text/html" };
  const bad: readonly (readonly [string, Behaviour, RegExp])[] = [
    ["that fails", { kind: "answer", status: 500, body: "no disk" }, /500/],
    [
      "that answers with a page",
      { kind: "answer", status: 200, headers: html, body: page },
      /not|page|JSON/i,
    ],
    [
      "that asks for a name",
      { kind: "answer", status: 401, headers: html, body: page },
      /401|MLFLOW_TRACKING|sign|log ?in/i,
    ],
    ["that breaks off in the middle", { kind: "half" }, /breaks off in the middle/],
  ];
  test.each(bad)("%s fails the run before anything starts", async (_, behaviour, message) => {
    const server = await startFake();
    try {
      server.script("/", ...Array.from({ length: 50 }, () => behaviour));
      using folder = temporaryFolder();
      folder.write(fileName, good);
      for (const words of [["run", fileName], ["runs"]]) {
        const all = [...words, "--tracking-uri", server.uri];
        const ended = await mlpipe(all, { cwd: folder.path, env: patience });
        expect(ended.stderr).toMatch(message);
        expect(ended.stderr).toContain("127.0.0.1");
        expect([ended.code, ended.stdout]).toEqual([1, ""]);
        expectPlain(ended, 3);
      }
      expect(readdirSync(folder.path)).toEqual([fileName]);
    } finally {
      await server.close();
    }
  });

  test.each(["foo:bar", "databricks-uc", "./mlruns", "http://"])(
    "named by %j is refused with what to write instead",
    async (uri) => {
      using folder = temporaryFolder();
      folder.write(fileName, good);
      const ended = await mlpipe(["run", fileName], {
        cwd: folder.path,
        env: { MLFLOW_TRACKING_URI: uri },
      });
      expect(ended.stderr).toMatch(/^mlpipe: .*\n {2}\S.*\n$/);
      expect([ended.code, ended.stdout]).toEqual([1, ""]);
      expectPlain(ended, 2);
      expect(readdirSync(folder.path)).toEqual([fileName]);
    },
  );
});
