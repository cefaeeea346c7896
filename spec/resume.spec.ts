/** A run or a sweep whose mlpipe is killed at any moment, and gone on with: as if nothing had happened. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attempt, fileName, processesIn, startMlpipe } from "./support/attempt.ts";
import { type RunFacts, readFacts } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";
import { openTracking } from "../src/tracking/open.ts";
import { mountTinyDisk } from "./support/tiny-disk.ts";

/** Two steps beside each other and one behind them, with points over epochs; the sweep repeats it. */
const source = `mlpipe 1

experiment "/Shared/resume"

run learn {
  param rate: float = 0.5 in 0..1
  seed 7

  step left {
    artifact numbers: json
    metric loss over epoch minimize
    \`\`\`js
    import { setTimeout as wait } from "node:timers/promises"
    for (let epoch = 1; epoch <= 4; epoch++) {
      log.metric("loss", rate / epoch, epoch)
      await wait(10)
    }
    const numbers = [1, rate]
    \`\`\`
  }
  step right {
    artifact words: text
    \`\`\`js
    const words = "some words"
    \`\`\`
  }
  step last {
    input numbers from left
    input words from right
    metric score maximize
    \`\`\`js
    const score = numbers[1] + words.length
    log.tag("seen", words)
    \`\`\`
  }
}

sweep rates of learn {
  grid
  vary rate in [0.1, 0.2, 0.3]
  best by score
}
`;

/** What a run has come to, without what only this attempt has. */
function outcomes(facts: readonly RunFacts[]): readonly unknown[] {
  return facts
    .map(({ tags, ...rest }) => {
      const own = /^(mlflow\.parentRunId|mlpipe\.best_run|mlpipe\.cached\..*)$/;
      const kept = Object.entries(tags).filter(([key]) => !own.test(key));
      return { ...rest, tags: Object.fromEntries(kept) };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Kills mlpipe after so many lines of `--json`; answers whether it was still at work. */
async function killAfter(
  lines: number,
  words: readonly string[],
  folder: Folder,
): Promise<boolean> {
  const running = startMlpipe(["run", fileName, ...words, "--json"], folder.path);
  let seen = 0;
  running.child.stdout?.on("data", (text: string) => {
    seen += text.split("\n").length - 1;
    if (seen >= lines) running.child.kill("SIGKILL");
  });
  const { signal } = await running.ended;
  while (processesIn(folder.path).length > 0) await new Promise((go) => setTimeout(go, 10));
  return signal === "SIGKILL";
}

async function uninterrupted(words: readonly string[]): Promise<readonly unknown[]> {
  using folder = temporaryFolder();
  const { facts, code, stderr } = await attempt(folder, source, { words });
  expect([code, stderr]).toEqual([0, ""]);
  return outcomes(facts);
}

function openFiles(folder: Folder): readonly string[] {
  return readdirSync(path.join(folder.path, ".mlpipe", "open"));
}

describe.concurrent("killed at any event, as often as you like, and gone on with, is as uninterrupted:", () => {
  test.each([
    ["a run", ["learn", "-j", "2"], ["--resume"], 25],
    ["a sweep", ["rates", "-j", "2"], [], 60],
  ] as const)("%s", { timeout: 300_000 }, async (_, words, more, most) => {
    const expected = await uninterrupted(words);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: most }), { minLength: 1, maxLength: 3 }),
        async (kills) => {
          using folder = temporaryFolder();
          folder.write(fileName, source);
          let ids: readonly string[] = [];
          for (const lines of kills) {
            await killAfter(lines, [...words, ...more], folder);
            // It was killed behind its end: there is nothing to go on with.
            if (await isFinished(words[0], folder)) break;
            const now = runFolders(folder);
            expect(now).toEqual(expect.arrayContaining([...ids]));
            ids = now;
          }
          if (!(await isFinished(words[0], folder))) {
            const ended = await mlpipe(["run", fileName, ...words, ...more], { cwd: folder.path });
            expect(ended.code, ended.stderr).toBe(0);
          }
          expect(outcomes(await readFacts(undefined, folder.path))).toEqual(expected);
        },
      ),
      { numRuns: 5, endOnFailure: true },
    );
  });
});

async function isFinished(run: string, folder: Folder): Promise<boolean> {
  const facts = await readFacts(undefined, folder.path);
  return facts.some(({ name, status }) => name === run && status === "FINISHED");
}

function runFolders(folder: Pick<Folder, "path">): readonly string[] {
  try {
    return readdirSync(path.join(folder.path, ".mlpipe", "runs"));
  } catch {
    return [];
  }
}

describe.concurrent("--resume", () => {
  /** Fails until the file `ready` is there. */
  const failing = source.replace(
    'const words = "some words"',
    'import { existsSync } from "node:fs"\n    if (!existsSync("ready")) throw new Error("not yet")\n    const words = "some words"',
  );

  test("does only what is missing, in the same run, which was FAILED", async () => {
    using folder = temporaryFolder();
    const first = await attempt(folder, failing, { words: ["learn"] });
    expect([first.code, first.facts[0]?.status]).toEqual([1, "FAILED"]);
    folder.write("ready", "");
    const again = await attempt(folder, failing, { words: ["learn", "--resume"] });
    expect([again.stderr, again.code, again.facts.length]).toEqual(["", 0, 1]);
    expect(again.stdout).toMatch(/^learn {2}run [0-9a-f]{32} in \/Shared\/resume, gone on with$/m);
    expect(again.stdout).toContain("kept  left, done before\n");
    expect(again.stdout).not.toMatch(/^step {2}left/m);
    expect(again.facts[0]?.status).toBe("FINISHED");
    expect(again.facts[0]?.histories["loss"]).toHaveLength(4);
    expect(again.facts[0]?.tags).not.toHaveProperty("mlpipe.error");
  });

  test("makes a new run, and says so, where there is none to go on with: none at all, another value, other code", async () => {
    using folder = temporaryFolder();
    const warning = "warning R0864  no unfinished run of `learn`";
    const none = await attempt(folder, failing, { words: ["learn", "--resume"] });
    expect(none.stderr).toContain(warning);
    const value = await attempt(folder, failing, { words: ["learn", "--resume", "-P", "rate=1"] });
    expect(value.stderr).toContain(warning);
    const code = await attempt(folder, failing.replace("not yet", "never"), {
      words: ["learn", "--resume"],
    });
    expect(code.stderr).toContain(warning);
    expect(code.facts).toHaveLength(3);
    const finished = await attempt(folder, source, { words: ["learn"] });
    const over = await attempt(folder, source, { words: ["learn", "--resume"] });
    expect(over.stderr).toContain(warning);
    expect(over.facts).toHaveLength(finished.facts.length + 1);
  });

  test.each([
    ["rates", "--resume", "`rates`: a sweep is always gone on with"],
    ["learn", "--failed-only", "`learn`: a run has no trials"],
  ])("of `%s` with %s is refused where it means nothing", async (name, option, said) => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, source, { words: [name, option] });
    expect([tried.code, tried.facts]).toEqual([2, []]);
    expect(tried.stderr).toContain(said);
  });

  test("keeps away from a run that another process is at, and so does a sweep", async () => {
    using folder = temporaryFolder();
    const waiting = source.replace(
      'const words = "some words"',
      "await new Promise(() => setInterval(() => {}, 1000))",
    );
    folder.write(fileName, waiting);
    for (const [name, ...more] of [["learn", "--resume"], ["rates"]] as const) {
      const running = startMlpipe(["run", fileName, name, "--json"], folder.path);
      await running.says('"step":"right"');
      const other = await mlpipe(["run", fileName, name, ...more], { cwd: folder.path });
      expect(other.code).toBe(1);
      expect(other.stderr).toMatch(
        new RegExp(
          `error R0865 {2}\`${name}\` is being performed by process ${running.child.pid} on `,
        ),
      );
      running.child.kill("SIGINT");
      expect((await running.ended).code).toBe(130);
    }
  });
});

test("a run whose process is gone is ended by `mlpipe runs` too, and shown so", async () => {
  using folder = temporaryFolder();
  folder.write(fileName, source);
  expect(await killAfter(6, ["learn"], folder)).toBe(true);
  const listed = await mlpipe(["runs"], { cwd: folder.path });
  expect(listed.stdout).toMatch(/learn .*KILLED/);
  expect(listed.stderr).toContain("R0859  the process that performed `learn`");
  const again = await mlpipe(["runs"], { cwd: folder.path });
  expect([again.stderr, again.code]).toEqual(["", 0]);
});

test("a sweep whose disk is full stops, and goes on when there is room, with no trial lost and none run twice", async ({
  skip,
}) => {
  using folder = temporaryFolder();
  const disk = path.join(folder.path, "project");
  mkdirSync(disk);
  using mounted = mountTinyDisk(disk, "6m");
  if (!mounted.done) return skip("no disk of a given size can be made here");
  const filling = source.replace(
    'const words = "some words"',
    `import { appendFileSync, existsSync } from "node:fs"
    if (rate === 0.2 && !existsSync("freed"))
      try { for (;;) appendFileSync("filler", "x".repeat(1 << 12)) } catch { console.log("the disk is full") }
    const words = "some words"`,
  );
  folder.write(`project/${fileName}`, filling);
  const run = () => mlpipe(["run", fileName, "rates"], { cwd: disk });
  const full = await run();
  expect(full.code, full.stderr).toBe(1);
  expect(full.stderr).not.toMatch(/^ +at /m);
  const before = runFolders({ path: disk });
  rmSync(path.join(disk, "filler"));
  folder.write("project/freed", "");
  const again = await run();
  expect(again.code, again.stderr).toBe(0);
  expect(runFolders({ path: disk })).toEqual(expect.arrayContaining([...before]));
  const facts = await readFacts(undefined, disk);
  expect(facts.map(({ name, status }) => [name, status]).toSorted()).toEqual([
    ["rates", "FINISHED"],
    ["rates/01", "FINISHED"],
    ["rates/02", "FINISHED"],
    ["rates/03", "FINISHED"],
  ]);
  for (const { name, histories } of facts.filter(({ name }) => name !== "rates"))
    expect([name, histories["loss"]?.length]).toEqual([name, 4]);
});

test("a sweep that was killed between showing its best trial and its end shows it once", async () => {
  using folder = temporaryFolder();
  const whole = await attempt(folder, source, { words: ["rates"] });
  const tracking = await openTracking(undefined, { folder: folder.path });
  const { runs = [] } = await tracking.call("runs/search", {
    experiment_ids: ["1"],
    filter: "tags.`mlpipe.kind` = 'sweep'",
  });
  const run_id = runs[0]?.info.run_id ?? "";
  await tracking.call("runs/update", { run_id, status: "RUNNING" });
  await tracking.close();
  const again = await attempt(folder, source, { words: ["rates"] });
  expect([again.stderr, again.code]).toEqual(["", 0]);
  expect(outcomes(again.facts)).toEqual(outcomes(whole.facts));
});

test("a run that was left open and deleted since is in nobody's way", async () => {
  using folder = temporaryFolder();
  folder.write(fileName, source);
  expect(await killAfter(6, ["learn"], folder)).toBe(true);
  const tracking = await openTracking(undefined, { folder: folder.path });
  for (const run_id of runFolders(folder)) await tracking.call("runs/delete", { run_id });
  await tracking.close();
  const next = await attempt(folder, source, { words: ["learn"] });
  expect([next.stderr, next.code, openFiles(folder)]).toEqual(["", 0, []]);
});

test("Ctrl-C ends the trials that are under way and their sweep, and begins no other", async () => {
  using folder = temporaryFolder();
  folder.write(
    fileName,
    source.replace(
      'const words = "some words"',
      "await new Promise(() => setInterval(() => {}, 1000))",
    ),
  );
  const running = startMlpipe(["run", fileName, "rates", "-j", "2", "--json"], folder.path);
  await running.says('"step":"right"');
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect(processesIn(folder.path)).toEqual([]);
  const facts = await readFacts(undefined, folder.path);
  expect(facts.map(({ status }) => status)).toEqual(["KILLED", "KILLED", "KILLED"]);
  expect(openFiles(folder)).toEqual([]);
});
