/** What a person at a terminal sees of runs and sweeps, in a pseudo-terminal: the same lines as elsewhere, and what is live is gone. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { fence, fileName, processesIn } from "./support/attempt.ts";
import { type Folder, entry, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { openScreen } from "./support/screen.ts";

const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
if (!hasScript && process.env["CI"] === "true") throw new Error("no `script` in CI");
if (!hasScript) console.warn("skipped: no `script` to make a terminal with");

/** Steps wait for files, so that the test decides what is seen. */
const waitFor = (name: string): string =>
  `while (!(await import("node:fs")).existsSync("${name}")) await new Promise((go) => setTimeout(go, 5))`;

const source = [
  "mlpipe 1",
  "",
  "run learn {",
  "  step load {",
  "    artifact rows: json",
  fence("js", waitFor("go-load"), 'console.log("loaded")', "const rows = [1, 2, 3]"),
  "  }",
  "",
  "  step fit {",
  "    input rows from load",
  "    metric size",
  fence("js", waitFor("go-fit"), "const size = rows.length"),
  "  }",
  "}",
  "",
  "run tree {",
  "  param cp: int = 1",
  "  metric accuracy maximize",
  fence(
    "js",
    "if (cp > 1) " + waitFor("go-${cp}").replaceAll('"go-${cp}"', "`go-${cp}`"),
    "const accuracy = cp",
  ),
  "}",
  "",
  "sweep grid of tree {",
  "  grid",
  "  vary cp in 1..3",
  "  best by accuracy",
  "}",
  "",
].join("\n");

/** Milliseconds after which a screen that does not show what it should is an error. */
const patience = 60_000;

interface Terminal extends AsyncDisposable {
  readonly child: ChildProcess;
  /** All that was written to the terminal. */
  readonly written: () => string;
  /** Resolves when the screen shows this; rejects when the command ends before. */
  readonly shows: (text: string | RegExp) => Promise<void>;
  readonly ended: Promise<unknown>;
}

/** `mlpipe WORDS` at a terminal of 150 columns. */
function sitDown(
  folder: Folder,
  words: string,
  env: Readonly<Record<string, string>> = {},
): Terminal {
  const {
    FORCE_COLOR: _,
    CI: __,
    NO_COLOR: ___,
    MLFLOW_TRACKING_URI: ____,
    ...inherited
  } = process.env;
  const command = `stty cols 150 rows 30; '${process.execPath}' '${entry}' ${words}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: folder.path,
    env: { ...inherited, TERM: "xterm", LC_ALL: "C.UTF-8", NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (written += text));
  const ended = once(child, "close");
  const isShown = (text: string | RegExp): boolean => {
    const lines = seenIn(written).join("\n");
    return typeof text === "string" ? lines.includes(text) : text.test(lines);
  };
  return {
    child,
    ended,
    written: () => written,
    async shows(text) {
      const late = AbortSignal.timeout(patience);
      while (!isShown(text)) {
        if (child.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(written)}`);
        await Promise.race([once(child.stdout, "data", { signal: late }), ended]);
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

function seenIn(written: string): readonly string[] {
  const screen = openScreen();
  screen.write(written);
  return screen.lines();
}

/** Without what differs from run to run. */
const stable = (line: string): string =>
  line
    .replaceAll(/\b[0-9a-f]{32}\b/g, "ID")
    .replaceAll(/\d+\.\d+ s( {2}[\d.]+ MB)?/g, "TIME")
    .trimEnd();

describe.skipIf(!hasScript).concurrent("at a terminal", () => {
  test("the steps of a run are a table while they run, and its lines are those of a log when it has ended", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, source);
    await using terminal = sitDown(folder, `run ${fileName} learn --no-cache`);
    await terminal.shows(/^. load {2}running .*\n {2}fit {3}waiting$/m);
    folder.write("go-load", "");
    await terminal.shows(/^ {2}load {2}done .*\n. fit {3}running /m);
    folder.write("go-fit", "");
    await terminal.ended;
    const plain = await mlpipe(["run", fileName, "learn", "--no-cache"], { cwd: folder.path });
    // The files that it waits for are there from the start this time, and so are lacking in a replay.
    const lines = plain.stdout.trimEnd().split("\n");
    const others = lines.filter((line) => !line.startsWith("replayable"));
    expect(seenIn(terminal.written()).map(stable)).toEqual(others.map(stable));
  });

  test("a sweep tells how far it is, the best so far, and what is under way", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, source);
    await using terminal = sitDown(folder, `run ${fileName} grid -j 2`);
    await terminal.shows(/1 of 3 .*best grid\/01 {2}cp = 1 {2}accuracy = 1$/m);
    await terminal.shows(/^. grid\/02 .* cp = 2\n. grid\/03 .* cp = 3$/m);
    folder.write("go-3", "");
    await terminal.shows("2 of 3");
    folder.write("go-2", "");
    await terminal.ended;
    expect(seenIn(terminal.written()).map(stable)).toEqual([
      "grid  run ID in Default, 3 trials",
      "grid/01  cp = 1  accuracy = 1  TIME  best so far",
      "grid/03  cp = 3  accuracy = 3  TIME  best so far",
      "grid/02  cp = 2  accuracy = 2  TIME",
      "best  grid/03  cp = 3  accuracy = 3  run ID",
      "FINISHED in TIME  run ID: 3 finished",
    ]);
  });

  test("Ctrl-C ends the run, and the table is gone", async () => {
    using folder = temporaryFolder();
    folder.write(fileName, source);
    await using terminal = sitDown(folder, `run ${fileName} learn`);
    await terminal.shows(/fit {3}waiting$/m);
    terminal.child.stdin?.write("\x03");
    await terminal.ended;
    const lines = seenIn(terminal.written());
    expect(lines.at(-1)).toMatch(/^KILLED in /);
    expect(lines.join("\n")).not.toMatch(/waiting|running/);
    expect(processesIn(folder.path)).toEqual([]);
  });

  test.each([{ CI: "true" }, { TERM: "dumb" }])("nothing is drawn under %o", async (env) => {
    using folder = temporaryFolder();
    folder.write(fileName, source);
    folder.write("go-load", "");
    folder.write("go-fit", "");
    await using terminal = sitDown(folder, `run ${fileName} learn`, env);
    await terminal.ended;
    expect(terminal.written()).toContain("FINISHED in");
    expect(terminal.written()).not.toContain("\x1b");
  });
});
