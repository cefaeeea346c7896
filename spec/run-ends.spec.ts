/** A run always ends, whatever its step does: status in the store, exit code, message with its place, and no process left. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { attempt, fence, fileName, oneRun, startMlpipe } from "./support/attempt.ts";
import { temporaryFolder } from "./support/mlpipe.ts";
import { noR } from "./support/r-step.ts";

/** The run's first item stands in line 4; with one item its code begins in line 6. */
interface End {
  readonly title: string;
  /** Items of the run before its code. */
  readonly items?: readonly string[];
  readonly language: "r" | "js";
  readonly code: readonly string[];
  /** 1 where absent. */
  readonly exitCode?: number;
  /** FAILED where absent. */
  readonly status?: string;
  /** The one line of standard error that tells an error. */
  readonly message: string | RegExp;
}

const metric = ["  metric x"];

const ends: readonly End[] = [
  {
    title: "cannot be parsed, in JavaScript",
    language: "js",
    code: ["const x = 1", "const y = }"],
    message: `it.mlpipe:7:11  error R0811  the code is not valid: Unexpected token '}'`,
  },
  {
    title: "cannot be parsed, in R",
    language: "r",
    code: ["x <- 1", "y <- }"],
    message: `it.mlpipe:7:6  error R0811  R cannot read the code: unexpected '}'`,
  },
  {
    title: "throws in a function, in JavaScript",
    language: "js",
    code: ["function look(it) {", "  return it.x", "}", "const x = look(null)"],
    message: `it.mlpipe:7:13  error R0810  TypeError: Cannot read properties of null (reading 'x')`,
  },
  {
    title: "throws in a function, in R",
    language: "r",
    code: ["look <- function(it) {", '  stop("no luck with ", it)', "}", 'x <- look("it")'],
    message: /it\.mlpipe:7:\d+ {2}error R0810 {2}no luck with it\n/,
  },
  {
    title: "rejects a promise that nobody awaits",
    language: "js",
    code: ["const x = 1", 'void Promise.reject(new Error("unheard"))'],
    message: /it\.mlpipe:7:\d+ {2}error R0810 {2}unheard\n/,
  },
  {
    title: "awaits what never comes",
    language: "js",
    code: ["const x = await new Promise(() => {})"],
    message: /it\.mlpipe:6(:\d+)? {2}error R08\d\d {2}/,
  },
  {
    title: "quits with a status, in R",
    language: "r",
    code: ["quit(status = 3)"],
    message: /it\.mlpipe:6:1 {2}error R0820 {2}.*\b3\b/,
  },
  {
    title: "quits without an error before its outputs exist, in R",
    language: "r",
    code: ["quit()"],
    message: /it\.mlpipe:\d+(:\d+)? {2}error R08(01|24) {2}/,
  },
  {
    title: "exits with 0 before its outputs exist",
    language: "js",
    code: ["process.exit(0)"],
    message: /it\.mlpipe:6 {2}error R0824 {2}/,
  },
  {
    title: "is killed, in JavaScript",
    language: "js",
    code: ['process.kill(process.pid, "SIGKILL")', "for (;;);"],
    message: "it.mlpipe:6  error R0821  the step's process was killed by SIGKILL",
  },
  {
    title: "is killed, in R",
    language: "r",
    code: ["tools::pskill(Sys.getpid(), 9)", "Sys.sleep(1000)"],
    message: "it.mlpipe:6  error R0821  the step's process was killed by SIGKILL",
  },
  {
    title: "never ends, in JavaScript",
    language: "js",
    items: ["  metric x", "  timeout 1s"],
    code: ["for (;;);"],
    exitCode: 124,
    status: "KILLED",
    message: "it.mlpipe:7  error R0822  the step was still running after 1 s and was ended",
  },
  {
    title: "never ends, in R, with a process of its own",
    language: "r",
    items: ["  metric x", "  timeout 1s"],
    code: ['system("sleep 1000", wait = FALSE)', "repeat {}"],
    exitCode: 124,
    status: "KILLED",
    message: "it.mlpipe:7  error R0822  the step was still running after 1 s and was ended",
  },
  {
    title: "does not produce what it declares, and the nearest name is told, in JavaScript",
    items: ["  metric accuracy"],
    language: "js",
    code: ["const acuracy = 1"],
    message:
      "error R0801  the metric `accuracy` is declared, but the code did not produce it; the code has `acuracy`, is that the one?",
  },
  {
    title: "does not produce what it declares, and the nearest name is told, in R",
    items: ["  metric accuracy"],
    language: "r",
    code: ["acuracy <- 1"],
    message:
      "error R0801  the metric `accuracy` is declared, but the code did not produce it; the code has `acuracy`, is that the one?",
  },
  {
    title: "leaves NaN in a metric, in JavaScript",
    language: "js",
    code: ["const x = 0 / 0"],
    message: /it\.mlpipe:\d+(:\d+)? {2}error R0802 {2}the metric `x` .*NaN/,
  },
  {
    title: "leaves NaN in a metric, in R",
    language: "r",
    code: ["x <- 0 / 0"],
    message: /it\.mlpipe:\d+(:\d+)? {2}error R0802 {2}the metric `x` .*NaN/,
  },
  {
    title: "leaves a metric outside its domain",
    items: ["  metric x in 0..1"],
    language: "js",
    code: ["const x = 90"],
    message: /it\.mlpipe:\d+(:\d+)? {2}error R0804 {2}the metric `x` is 90, which is not /,
  },
  {
    title: "does not keep what the run expects",
    items: ["  metric x", "  expect x >= 0.85"],
    language: "js",
    code: ["const x = 0.5"],
    message: /it\.mlpipe:5(:\d+)? {2}error R0846 {2}expected x >= 0\.85, but .*0\.5/,
  },
];

describe.concurrent("a run ends as it should when its step", () => {
  test.each(ends)(
    "$title",
    async ({ items = metric, language, code, message, exitCode, status }) => {
      using folder = temporaryFolder();
      const tried = await attempt(folder, oneRun(...items, fence(language, ...code)));
      const said = tried.stderr.split("\n").filter((line) => line.includes("error R08"));
      expect(`${said.join("\n")}\n`).toMatch(message);
      expect(said.length, tried.stderr).toBe(1);
      expect(tried.stderr).not.toMatch(/^ +at |node:internal|\.mjs/m);
      expect(said[0]).toMatch(new RegExp(`^it\\.mlpipe:([5-9]|1\\d)`));
      expect(tried.code).toBe(exitCode ?? 1);
      expect(tried.facts.map(({ status }) => status)).toEqual([status ?? "FAILED"]);
      expect(tried.facts[0]?.tags["mlpipe.error"]).toMatch(/R08\d\d /);
      expect(tried.facts[0]?.artifacts).toEqual(
        expect.arrayContaining(["mlpipe/plan.json", "mlpipe/source/it.mlpipe"]),
      );
      expect(tried.left).toEqual([]);
    },
  );
});

describe.concurrent("a run of several steps", () => {
  test("ends at the first that fails, and says which of its shared outputs none produced", async () => {
    using folder = temporaryFolder();
    const steps = [
      "  metric shared",
      "  step one {",
      fence("js", "const other = 1"),
      "  }",
      "  step two {",
      "    after one",
      fence("js", "const more = 2"),
      "  }",
    ];
    const tried = await attempt(folder, oneRun(...steps));
    expect(tried.stderr).toContain(
      "error R0847  `shared` is declared in `it`, but none of its steps produced it",
    );
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
    const again = await attempt(
      folder,
      oneRun(...steps).replace("const other = 1", 'throw new Error("early")'),
    );
    expect(again.stderr).toMatch(/it\.mlpipe:7:\d+ {2}error R0810 {2}early/);
    expect(again.stdout).not.toMatch(/step {2}two/);
    expect(again.stdout).toContain("left out  two, which needs one\n");
  });

  test("that fails with words for a terminal steers none by what mlpipe says of it", async () => {
    using folder = temporaryFolder();
    const code = fence("js", 'throw new Error("\\u001b[2J\\u001b]0;gone\\u0007 away")');
    const tried = await attempt(folder, oneRun("  metric m", code));
    const said = tried.stderr.split("\n").find((line) => line.includes("error R0810"));
    expect(said).toContain("␛[2J␛]0;gone␇ away");
  });

  test("that logs a metric without declaring it is warned, and keeps it", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(
      folder,
      oneRun("  metric loss", fence("js", 'log.metric("los", 1)', "const loss = 2")),
    );
    expect(tried.stderr).toContain("warning R0803");
    expect(tried.stderr).toContain("did you mean `loss`?");
    expect(tried.code).toBe(0);
    expect(tried.facts[0]?.metrics).toEqual({ los: 1, loss: 2 });
  });
});

test.skipIf(noR !== undefined).each(["SIGINT", "SIGTERM"] as const)(
  "R that %s ends leaves nothing among the temporary files",
  async (signal) => {
    using folder = temporaryFolder();
    using temporary = temporaryFolder();
    const sessions = (): readonly string[] =>
      readdirSync(temporary.path).filter((name) => name.startsWith("Rtmp"));
    const code = ['writeLines("kept", tempfile())', 'cat("ready\\n")', "Sys.sleep(600)"];
    folder.write(fileName, oneRun(fence("r", ...code)));
    const running = startMlpipe(["run", fileName], folder.path, { TMPDIR: temporary.path });
    await running.says("ready");
    expect(sessions()).toHaveLength(1);
    running.child.kill(signal);
    await running.ended;
    expect(sessions()).toEqual([]);
  },
);
