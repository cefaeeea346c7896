/** A step's process ends when it should, with everything it has started, and its output is kept within bounds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { idsSince, markId } from "../src/run/process-ids.ts";
import { type ProcessRequest, type ProcessResult, runProcess } from "../src/run/process.ts";

interface Ran {
  readonly result: ProcessResult;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  command: string,
  args: readonly string[],
  more: Partial<ProcessRequest> = {},
): Promise<Ran> {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  const result = await runProcess({
    command,
    args,
    cwd: tmpdir(),
    env: process.env,
    timeoutMs: undefined,
    graceMs: 2000,
    signal: new AbortController().signal,
    onOutput: (stream, bytes) => void chunks[stream].push(bytes),
    ...more,
  });
  const text = (parts: readonly Buffer[]): string => Buffer.concat(parts).toString();
  return { result, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
}

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "mlpipe-process-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Waits for a file that a child writes when it has come so far; the test's own timeout ends a vain wait. */
async function appears(file: string): Promise<string> {
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await wait(5);
  return readFileSync(file, "utf8").trim();
}

/** Commands of living processes that hold `text` in their arguments. */
function living(text: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const state = /\) (\S)/.exec(readFileSync(`/proc/${id}/stat`, "latin1"))?.[1];
        const command = readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
        return state !== "Z" && command.includes(text) ? [`${id} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

/** A number of seconds that no other process sleeps. */
function uniqueSeconds(): string {
  return `1${process.pid}.${process.hrtime.bigint() % 1_000_000n}`;
}

describe("a process", () => {
  test("gets its arguments as they are, and its exit code and streams come back", async () => {
    const nasty = ["$HOME", "a b", "'\"", "", "*", "; exit 9"];
    const { result, stdout, stderr } = await run("sh", [
      "-c",
      'printf "%s|" "$@"; echo bad >&2; exit 3',
      "sh",
      ...nasty,
    ]);
    expect(result).toMatchObject({ kind: "ended", exitCode: 3, signal: null, stopped: undefined });
    expect(stdout).toBe(nasty.map((text) => `${text}|`).join(""));
    expect(stderr).toBe("bad\n");
  });

  test("that kills itself is told by its signal", async () => {
    const { result } = await run("sh", ["-c", "kill -9 $$"]);
    expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", stopped: undefined });
  });

  test.each([
    ["that is not there", "/no/such/program", {}, "ENOENT"],
    ["that may not be executed", "/etc/passwd", {}, "EACCES"],
    ["in a folder that is not there", "true", { cwd: "/no/such/folder" }, "ENOENT"],
  ])("%s is a value, not an exception", async (_, command, more, code) => {
    const { result } = await run(command, [], more);
    expect(result).toMatchObject({ kind: "not-started", code });
  });

  test("finds nothing on its standard input, and leads a group of its own", async () => {
    const { stdout } = await run("sh", ["-c", "cat; ps -o pid= -o pgid= -p $$"]);
    const [id, group] = stdout.trim().split(/\s+/);
    expect(group).toBe(id);
  });

  test("that never ends is ended by its timeout", async () => {
    const { result } = await run(process.execPath, ["-e", "for (;;);"], { timeoutMs: 100 });
    expect(result).toMatchObject({ signal: "SIGTERM", stopped: "timeout" });
  });

  test("with a timeout longer than Node's timers can hold is not ended at once", async () => {
    const { result } = await run("sleep", ["0.1"], { timeoutMs: 2 ** 40 });
    expect(result).toMatchObject({ exitCode: 0, stopped: undefined });
  });

  test("that ignores SIGTERM is killed after its time of grace", async () => {
    const ready = path.join(folder(), "ready");
    const stop = new AbortController();
    const running = run(
      "sh",
      ["-c", `trap '' TERM; echo on > ${ready}; while :; do sleep 0.05; done`],
      {
        signal: stop.signal,
        graceMs: 100,
      },
    );
    await appears(ready);
    stop.abort("SIGINT");
    expect((await running).result).toMatchObject({ signal: "SIGKILL", stopped: "abort" });
  });

  test("that is stopped (SIGSTOP) is ended all the same", async () => {
    const { result } = await run("sh", ["-c", "kill -STOP $$"], { timeoutMs: 50, graceMs: 100 });
    expect(result).toMatchObject({ signal: "SIGKILL", stopped: "timeout" });
  });

  test("may end in its own way on SIGTERM", async () => {
    const ready = path.join(folder(), "ready");
    const stop = new AbortController();
    const code = `process.on("SIGTERM", () => { console.log("tidy"); process.exit(7) }); require("fs").writeFileSync(process.argv[1], "on"); setInterval(() => {}, 1000)`;
    const running = run(process.execPath, ["-e", code, ready], { signal: stop.signal });
    await appears(ready);
    stop.abort("SIGTERM");
    const { result, stdout } = await running;
    expect(result).toMatchObject({ exitCode: 7, stopped: "abort" });
    expect(stdout).toBe("tidy\n");
  });
});

describe("what a process leaves behind is ended", () => {
  beforeEach(({ skip }) => skip(process.platform !== "linux", "looks for processes in /proc"));

  test.each([
    ["in the background", "sleep $0 & exit 0"],
    ["by a grandchild", "sh -c 'sleep $0 & exit 0' $0; exit 0"],
    ["in a session of its own", "setsid sleep $0 & exit 0"],
    [
      "in a session of its own, without our pipes",
      "setsid sleep $0 >/dev/null 2>&1 </dev/null & exit 0",
    ],
    ["that ignores signals", "(trap '' TERM INT HUP; setsid sleep $0) & exit 0"],
  ])("%s, when it ends well", async (_, script) => {
    const seconds = uniqueSeconds();
    const { result } = await run("sh", ["-c", script, seconds], { graceMs: 300 });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(living(seconds)).toEqual([]);
  });

  test.each([
    ["in the background", "sleep $0 & wait"],
    ["in a session of its own", "setsid sleep $0 & wait"],
    ["with an environment of its own, in our group", "env -i sleep $0 & wait"],
  ])("%s, when it is interrupted", async (_, script) => {
    const seconds = uniqueSeconds();
    const stop = new AbortController();
    const running = run("sh", ["-c", script, seconds], { signal: stop.signal });
    while (living(`sleep ${seconds}`).length === 0) await wait(5);
    stop.abort("SIGINT");
    expect((await running).result).toMatchObject({ stopped: "abort" });
    expect(living(seconds)).toEqual([]);
  });

  test("when the runner itself exits in the middle", async () => {
    const seconds = uniqueSeconds();
    const module = path.join(import.meta.dirname, "..", "src", "run", "process.ts");
    const code = `import(${JSON.stringify(module)}).then(({ runProcess }) => { void runProcess({ command: "sleep", args: ["${seconds}"], cwd: "/", env: {}, graceMs: 1, signal: new AbortController().signal, onOutput() {} }); process.stdin.once("data", () => process.exit(5)) })`;
    const runner = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "ignore", "inherit"] });
    while (living(`sleep ${seconds}`).length === 0) await wait(5);
    runner.stdin.write("go");
    const [exitCode] = (await once(runner, "exit")) as readonly unknown[];
    expect(exitCode).toBe(5);
    while (living(`sleep ${seconds}`).length > 0) await wait(5);
  });

  test("when the runner is killed in the middle, but for groups that have ended", async () => {
    const seconds = [uniqueSeconds(), uniqueSeconds()];
    const module = path.join(import.meta.dirname, "..", "src", "run", "process.ts");
    const code = `import(${JSON.stringify(module)}).then(async ({ runProcess }) => { const run = (s) => runProcess({ command: "sleep", args: [s], cwd: "/", env: {}, graceMs: 1, signal: new AbortController().signal, onOutput() {} }); for (const s of ${JSON.stringify(seconds)}) { void run(s); await run("0"); } console.log("all of them are guarded"); })`;
    const runner = spawn(process.execPath, ["-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    // Between a process's begin and the guard's knowledge of it there is a moment that nothing covers.
    await once(runner.stdout, "data");
    for (const each of seconds) expect(living(`sleep ${each}`)).toHaveLength(1);
    runner.kill("SIGKILL");
    for (const each of seconds) while (living(`sleep ${each}`).length > 0) await wait(5);
  });

  test("wherever its id is, once ids have come round", async () => {
    const mark = markId(process.pid);
    const child = spawn("sleep", ["60"]);
    onTestFinished(() => void child.kill());
    await once(child, "spawn");
    const [now, later] = [idsSince(mark), idsSince({ ...mark, count: -(2 ** 32) })];
    expect(later).toEqual(expect.arrayContaining([1, process.pid, child.pid]));
    expect(now).toContain(child.pid);
  });

  test("and a process that nobody can find does not make the runner wait for ever", async () => {
    const seconds = uniqueSeconds();
    const ready = path.join(folder(), "ready");
    const hide = `env -i setsid /bin/sh -c 'echo on > "$1"; exec sleep "$0"' "$0" "$1" & until [ -e "$1" ]; do sleep 0.01; done`;
    const { result } = await run("sh", ["-c", hide, seconds, ready], { graceMs: 100 });
    const left = living(seconds);
    for (const line of left) process.kill(Number.parseInt(line, 10), "SIGKILL");
    expect(result).toMatchObject({ exitCode: 0 });
    expect(left).toHaveLength(1);
  });
});

describe.skipIf(process.platform !== "linux")("the memory of a process", () => {
  const taking = (bytes: number, more = ""): readonly string[] => [
    "-e",
    `${more}const taken = Buffer.alloc(${bytes}, 1); setTimeout(() => taken.length, 600)`,
  ];
  const peakOf = ({ result }: Ran): number | undefined =>
    result.kind === "ended" ? result.peakBytes : undefined;

  test("is told at its largest, also where it has given some back", async () => {
    const given = `let most = Buffer.alloc(200e6, 1); setTimeout(() => { most = undefined; gc() }, 100); setTimeout(() => {}, 600)`;
    const peak = peakOf(await run(process.execPath, ["--expose-gc", "-e", given]));
    expect(peak).toBeGreaterThan(200e6);
    expect(peak).toBeLessThan(400e6);
  });

  test("counts that of what it has started", async () => {
    const child = JSON.stringify(taking(100_000_000));
    const start = `require("node:child_process").spawn(process.execPath, ${child});`;
    const peak = peakOf(await run(process.execPath, taking(100_000_000, start)));
    expect(peak).toBeGreaterThan(200e6);
  });

  test("is not looked at where it is over at once", async () => {
    expect(peakOf(await run("true", []))).toBeUndefined();
  });
});
