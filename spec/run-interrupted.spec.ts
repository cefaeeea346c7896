/** A run that is ended from outside: by a signal, by the death of mlpipe itself, by a disk that is full, by a tracker that goes away. */
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { attempt, fence, fileName, oneRun, processesIn, startMlpipe } from "./support/attempt.ts";
import { readArtifact, readFacts } from "./support/facts.ts";
import { startFake } from "./support/fake-server.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { mountTinyDisk } from "./support/tiny-disk.ts";

const grandchildren = {
  js: fence(
    "js",
    'import { spawn } from "node:child_process"',
    'spawn("sleep", ["1000"], { detached: true })',
    'spawn("sh", ["-c", "trap : TERM; sleep 1000 & wait"])',
    'console.log("I am ready")',
    "for (;;);",
  ),
  r: fence(
    "r",
    'system("setsid sleep 1000 & sleep 1000", wait = FALSE)',
    'cat("I am ready\\n")',
    "repeat {}",
  ),
} as const;

describe.concurrent("a run whose step and grandchildren are at work", () => {
  test.each([
    ["js", "SIGINT", 130],
    ["js", "SIGTERM", 143],
    ["r", "SIGINT", 130],
    ["r", "SIGTERM", 143],
    ["js", "SIGHUP", 143],
  ] as const)("in %s is KILLED by %s, with all of them", async (language, signal, exitCode) => {
    using folder = temporaryFolder();
    folder.write(fileName, oneRun("  metric x", grandchildren[language]));
    const running = startMlpipe(["run", fileName], folder.path);
    await running.says("I am ready");
    expect(processesIn(folder.path).length).toBeGreaterThan(2);
    running.child.kill(signal);
    const ended = await running.ended;
    expect([ended.code, ended.signal]).toEqual([exitCode, null]);
    expect(ended.stderr).toMatch(
      new RegExp(
        `it\\.mlpipe:6 {2}error R08(23|53) {2}.*${signal}[^]*\nKILLED in .* run [0-9a-f]{32}\n$`,
      ),
    );
    expect(processesIn(folder.path)).toEqual([]);
    const facts = await readFacts(undefined, folder.path);
    expect(facts.map(({ status }) => status)).toEqual(["KILLED"]);
    expect(facts[0]?.tags["mlpipe.error"]).toContain(signal);
    expect(await readArtifact(undefined, folder.path, "mlpipe/log/it.txt")).toContain("I am ready");
  });

  test("keeps the first of two ends: a signal, and the timeout while the step takes its time", async () => {
    using folder = temporaryFolder();
    const stubborn = fence(
      "js",
      'process.on("SIGTERM", () => console.log("asked to end"))',
      'console.log("I am ready")',
      "setInterval(() => {}, 1000)",
      "await new Promise(() => {})",
    );
    folder.write(fileName, oneRun("  metric x", "  timeout 2s", stubborn));
    const running = startMlpipe(["run", fileName], folder.path);
    await running.says("I am ready");
    running.child.kill("SIGINT");
    await running.says("asked to end");
    running.child.kill("SIGTERM");
    const ended = await running.ended;
    expect(ended.stderr).toMatch(/error R0823 .*SIGINT/);
    expect(ended.code).toBe(130);
    expect(processesIn(folder.path)).toEqual([]);
    expect((await readFacts(undefined, folder.path)).map(({ status }) => status)).toEqual([
      "KILLED",
    ]);
  });

  test("is ended at once by a second signal that comes later than an echo of the first", async () => {
    using folder = temporaryFolder();
    const stubborn = fence(
      "js",
      "let asked = 0",
      'process.on("SIGTERM", () => setTimeout(() => console.log("still here"), 1200))',
      'console.log("I am ready")',
      "setInterval(() => {}, 1000)",
      "await new Promise(() => {})",
    );
    folder.write(fileName, oneRun("  metric x", stubborn));
    const running = startMlpipe(["run", fileName], folder.path);
    await running.says("I am ready");
    running.child.kill("SIGINT");
    await running.says("still here");
    running.child.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    await untilGone(folder.path);
  });

  test("leaves no process when mlpipe itself is killed, and is ended by the next command", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, oneRun("  metric x", grandchildren.r.replace("setsid ", "")));
    const running = startMlpipe(["run", fileName], folder.path);
    await running.says("I am ready");
    running.child.kill("SIGKILL");
    expect((await running.ended).signal).toBe("SIGKILL");
    await untilGone(folder.path);
    // Nobody is left to end it. What the step wrote is in .mlpipe/runs.
    const facts = await readFacts(undefined, folder.path);
    expect(facts.map(({ status }) => status)).toEqual(["RUNNING"]);
    const [runId = ""] = readdirSync(path.join(folder.path, ".mlpipe", "runs"));
    const log = path.join(folder.path, ".mlpipe", "runs", runId, "it", "log.txt");
    expect(readFileSync(log, "utf8")).toContain("I am ready");
    const next = await attempt(folder, oneRun("  metric x", fence("js", "const x = 1")));
    expect(next.stderr).toContain(
      `warning R0859  the process that performed \`it\`, run ${runId},`,
    );
    expect(next.code).toBe(0);
    expect(next.facts.map(({ status }) => status)).toEqual(["KILLED", "FINISHED"]);
    expect(next.facts[0]?.tags["mlpipe.error"]).toContain("R0859");
    expect(readdirSync(path.join(folder.path, ".mlpipe", "open"))).toEqual([]);
  });
});

/** Waits for the end of what works in the folder; the test's own time limit is the bound. */
async function untilGone(folder: string): Promise<void> {
  while (processesIn(folder).length > 0) await wait(10);
}

describe.concurrent("output of a step", () => {
  test("that nobody reads any more (`mlpipe run … | head`) does not keep the run from its end", async () => {
    using folder = temporaryFolder();
    const code = fence(
      "js",
      'console.log("I am ready")',
      'for (let i = 0; i < 1e4; i++) console.log("x".repeat(99))',
      "const x = 1",
    );
    folder.write(fileName, oneRun("  metric x", code));
    const running = startMlpipe(["run", fileName], folder.path);
    await running.says("I am ready");
    running.child.stdout?.destroy();
    await running.ended;
    const facts = await readFacts(undefined, folder.path);
    expect(facts.map(({ status, metrics }) => [status, metrics])).toEqual([["FINISHED", { x: 1 }]]);
    expect(processesIn(folder.path)).toEqual([]);
  });

  test("of 100 MB ends, in bounded memory, and keeps its beginning and its end", async () => {
    using folder = temporaryFolder();
    const code = fence(
      "js",
      'const line = "0123456789".repeat(10_000) + "\\n"',
      'process.stdout.write("the beginning\\n")',
      "for (let i = 0; i < 1000; i++) process.stdout.write(line)",
      'process.stdout.write("the end\\n")',
      "const x = 1",
    );
    folder.write(fileName, oneRun("  metric x", code));
    const running = startMlpipe(["run", fileName], folder.path);
    let peak = 0;
    running.child.stdout?.on("data", () => {
      peak = Math.max(peak, peakMemory(running.child.pid) ?? 0);
    });
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/\(\d{8} bytes of output are not kept\)/);
    expect(peak).toBeLessThan(400 << 20);
    const log = await readArtifact(undefined, folder.path, "mlpipe/log/it.txt");
    expect(log.length).toBeLessThan(17 << 20);
    expect(log.slice(0, 14)).toBe("the beginning\n");
    expect(log.slice(-8)).toBe("the end\n");
  });

  test("with NUL bytes and what is no UTF-8 is shown by signs, and nothing is lost", async () => {
    using folder = temporaryFolder();
    const code = fence(
      "r",
      "x <- 1",
      'writeBin(as.raw(c(0x61, 0x00, 0xff, 0xc3, 0x62, 0x0a)), pipe("cat", "wb"))',
    );
    const tried = await attempt(folder, oneRun("  metric x", code));
    expect(tried.stderr).toBe("");
    expect(tried.code).toBe(0);
    expect(tried.stdout).toContain("a\u2400\ufffd\ufffdb\n");
    expect(await readArtifact(undefined, folder.path, "mlpipe/log/it.txt")).toContain(
      "a\u2400\ufffd\ufffdb\n",
    );
  });
});

/** Bytes; undefined where there is no /proc, and when it has gone. */
function peakMemory(id: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${id}/status`, "latin1");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  } catch {
    return undefined;
  }
}

describe("the project's folder", () => {
  test("on a full disk fails the run, which says so and is ended in the store", async ({
    skip,
  }) => {
    using folder = temporaryFolder();
    const disk = path.join(folder.path, "project");
    mkdirSync(disk);
    using mounted = mountTinyDisk(disk);
    if (!mounted.done) return skip("no disk of a given size can be made here");
    const code = fence(
      "js",
      'for (let i = 0; i < 1e4; i++) console.log("x".repeat(99))',
      "const x = 1",
    );
    folder.write(`project/${fileName}`, oneRun("  metric x", code));
    const ended = await startMlpipe(["run", `project/${fileName}`], folder.path).ended;
    expect(ended.stderr).toMatch(/it\.mlpipe:6 {2}error R0825 {2}no space is left/);
    expect(ended.code).toBe(1);
    expect((await readFacts(undefined, folder.path)).map(({ status }) => status)).toEqual([
      "FAILED",
    ]);
  });

  test("that cannot be written fails the run before it is made", async () => {
    using folder = temporaryFolder();
    folder.write(".mlpipe", "a file where the folder should be");
    const tried = await attempt(folder, oneRun("  metric x", fence("js", "const x = 1")));
    expect(tried.stderr).toMatch(
      /error R0840 {2}the operating system refused: ENOTDIR: not a directory/,
    );
    expect(tried.stderr).not.toMatch(/^ +at /m);
    expect([tried.code, tried.facts]).toEqual([1, []]);
    expect(readFileSync(path.join(folder.path, ".mlpipe"), "utf8")).toContain("a file where");
  });
});

describe("a tracker that goes away while a step runs", () => {
  test("is left behind with a clear message: the run goes on here, and waits to be pushed", async () => {
    const server = await startFake();
    onTestFinished(server.close);
    using folder = temporaryFolder();
    const source = oneRun(
      "  metric x",
      '  artifact note: text at "note.txt"',
      fence("js", 'console.log("I am ready")', "const x = 1", 'const note = "kept"'),
    );
    folder.write(fileName, source);
    server.answers.set(
      "experiments/get-by-name",
      '{"experiment":{"experiment_id":"1","name":"Default"}}',
    );
    server.script(
      "runs/log-batch",
      ...Array.from({ length: 50 }, () => ({ kind: "hang" }) as const),
    );
    server.script("runs/update", ...Array.from({ length: 50 }, () => ({ kind: "hang" }) as const));
    const env = { MLFLOW_HTTP_REQUEST_TIMEOUT: "1", MLPIPE_TRACKING_TIMEOUT: "2" };
    const ended = await startMlpipe(
      ["run", fileName, "--tracking-uri", server.uri],
      folder.path,
      env,
    ).ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(
      /^warning R0856 {2}.* gave no answer within .* the rest of the run is logged here, to sqlite:\/\/\/mlflow\.db\n {2}fix: .*mlpipe push\n$/,
    );
    const facts = await readFacts(undefined, folder.path);
    expect(facts.map(({ status, metrics, artifacts }) => [status, metrics, artifacts])).toEqual([
      ["FINISHED", { x: 1 }, expect.arrayContaining(["note.txt"])],
    ]);
    const kept = path.join(folder.path, ".mlpipe", "runs", "run1", "it", "out", "note.txt");
    expect(existsSync(kept) && readFileSync(kept, "utf8")).toBe("kept");
  });
});
