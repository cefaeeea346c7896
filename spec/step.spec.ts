/** A step of a plan: what it is given, what is heard of it, and when it has failed. */
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "../src/run/event.ts";
import { nodeSeed } from "../src/run/node.ts";
import { noR } from "./support/r-step.ts";
import { artifact, fence, metrics, openProject, param } from "./support/step.ts";
import { mountTinyDisk } from "./support/tiny-disk.ts";
import { asNobody } from "./support/unprivileged.ts";

function outputOf(heard: readonly RunEvent[]): string {
  return heard.map((event) => (event.kind === "output" ? event.text : "")).join("");
}

describe("a step that does well", () => {
  test("is heard from its start to its end, in order", async () => {
    using project = openProject();
    const { result, heard } = await project.runCode("console.log('hello')\nconst n = 1", {
      metrics: metrics("n"),
    });
    expect(result).toMatchObject({ failure: undefined, stopped: undefined, unseeded: false });
    expect(heard.map((event) => event.kind)).toEqual(["step-started", "output", "step-ended"]);
    expect(heard[0]).toEqual({
      kind: "step-started",
      step: "fit",
      runtime: `Node ${process.versions.node}`,
      place: "iris.mlpipe:10",
    });
    expect(heard[2]).toMatchObject({ ok: true, failure: undefined });
  });

  test("leaves its files for the user alone", async () => {
    using project = openProject();
    const { result } = await project.runCode("const rows = []", {
      artifacts: [artifact("rows", "csv")],
    });
    const { folder, code } = result.places;
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual([
      "code",
      "events.ndjson",
      "log.txt",
      "out",
      "step.json",
    ]);
    expect(readFileSync(code, "utf8")).toBe("const rows = []");
  });

  test("finds nothing of an earlier attempt", async () => {
    using project = openProject();
    const first = await project.runCode("const a = 'old'", { artifacts: [artifact("a", "text")] });
    expect(first.output("a.text")).toBe("old");
    const second = await project.runCode("");
    expect(readdirSync(second.result.places.outputs)).toEqual([]);
    expect(second.events.map((event) => event.kind)).toEqual(["start", "end"]);
  });

  test("gets the environment of the plan, without what the plan removes", async () => {
    using project = openProject();
    const { log } = await project.run(
      {
        code: fence("console.log(process.env.KEPT, process.env.GONE, process.env.TZ)"),
        env: { TZ: "UTC" },
        unsetEnv: ["GONE"],
      },
      { env: { ...process.env, KEPT: "kept", GONE: "gone", TZ: "Asia/Tokyo" } },
    );
    expect(log).toBe("kept undefined UTC\n");
  });

  test("draws the same random numbers for the same seed, whatever the seed", async () => {
    using project = openProject();
    const draw = async (seed: number | undefined): Promise<number | undefined> =>
      (await project.runCode("const x = Math.random()", { seed, metrics: metrics("x") })).metrics.x;
    for (const seed of [0, 1, -1, 2 ** 31, 2 ** 40]) {
      const first = await draw(seed);
      expect(first).toEqual(expect.any(Number));
      expect(await draw(seed)).toBe(first);
    }
    expect(await draw(1)).not.toBe(await draw(2));
  });

  test("is told when it draws random numbers without a seed", async () => {
    using project = openProject();
    const drawing = "const { random } = Math; random(); Math.random()";
    expect((await project.runCode(drawing)).result.unseeded).toBe(true);
    expect((await project.runCode(drawing, { seed: 1 })).result.unseeded).toBe(false);
    expect((await project.runCode("1 + 1")).result.unseeded).toBe(false);
  });

  test("is warned of a metric that it does not declare, once, and the metric is passed on", async () => {
    using project = openProject();
    const {
      heard,
      metrics: found,
      verdict,
    } = await project.runCode(
      "log.metric('los', 1, 1); log.metric('los', 2, 2); log.metric('loss', 3)",
      { metrics: metrics("loss") },
    );
    expect(verdict).toBe("");
    expect(found).toEqual({ los: 2, loss: 3 });
    const warnings = heard.filter((event) => event.kind === "warning");
    expect(warnings.map(({ failure }) => `${failure.code} ${failure.message}`)).toEqual([
      "R0803 the code logged the metric `los`, which is not declared; did you mean `loss`?",
    ]);
  });
});

describe.skipIf(noR)("a step in R", () => {
  test.each([
    [
      "with R's version, though a profile's output overtakes it",
      "cat('hello\\n')\n",
      /^R \d+\.\d+\.\d+$/,
    ],
    ["without it where R ends before it can tell", "cat('hello\\n'); q(status = 3)\n", /^R$/],
  ])("is announced first, %s", async (_, profile, runtime) => {
    using project = openProject();
    project.write(".Rprofile", profile);
    const { heard } = await project.run({ language: "r", code: fence("cat('there')") });
    expect(heard[0]).toMatchObject({
      kind: "step-started",
      runtime: expect.stringMatching(runtime),
    });
    expect(outputOf(heard)).toMatch(/^hello\n/);
  });
});

describe("a seed for V8", () => {
  test("is the seed itself where V8 can tell it from none", () => {
    for (const seed of [1, -1, 2026, 2 ** 31 - 1, -(2 ** 31)]) expect(nodeSeed(seed)).toBe(seed);
  });

  test("else is a fixed number of 32 bits that is not 0", () => {
    expect([0, 2 ** 31, 2 ** 53 - 1].map(nodeSeed)).toMatchInlineSnapshot(`
      [
        1609362279,
        972608897,
        -200588739,
      ]
    `);
  });
});

describe("a step has failed", () => {
  const early: readonly (readonly [what: string, code: string, verdict: string])[] = [
    [
      "when it quits early though its exit code says that all is well",
      "process.exit(0)",
      "R0824 iris.mlpipe:10 the step's process ended by itself, without an error, before its outputs were saved",
    ],
    [
      "when it quits early with an exit code",
      "process.exit(3)",
      "R0820 iris.mlpipe:10 the step's process ended with exit code 3 before its outputs were saved",
    ],
    [
      "when it sets an exit code",
      "process.exitCode = 4",
      "R0820 iris.mlpipe:10 the step's process ended with exit code 4 before its outputs were saved",
    ],
    [
      "when it kills itself",
      "process.kill(process.pid, 'SIGKILL')\nfor (;;);",
      "R0821 iris.mlpipe:10 the step's process was killed by SIGKILL",
    ],
    [
      "when it crashes",
      "process.abort()",
      "R0821 iris.mlpipe:10 the step's process was killed by SIGABRT",
    ],
    [
      "when it fails at its very end, after its outputs",
      "process.on('exit', () => { throw new Error('late') })",
      "R0810 iris.mlpipe:11:34 late",
    ],
  ];
  test.each(early)("%s", async (_, code, verdict) => {
    using project = openProject();
    const tried = await project.runCode(`const n = 1\n${code}`, { metrics: metrics("n") });
    expect(tried.verdict).toBe(verdict);
    expect(tried.heard.at(-1)).toMatchObject({ kind: "step-ended", ok: false });
  });

  test("when it takes longer than its timeout, with all that it has started", async () => {
    using project = openProject();
    const tried = await project.runCode(
      "import { spawn } from 'node:child_process'\nspawn('sleep', ['1000'], { detached: true })\nfor (;;);",
      { timeoutMs: 1500 },
    );
    expect(tried.verdict).toBe(
      "R0822 iris.mlpipe:10 the step was still running after 1.5 s and was ended",
    );
    expect(tried.result.stopped).toBe("timeout");
  });

  test.each(["SIGINT", "SIGTERM"])("when it is interrupted by %s", async (signal) => {
    using project = openProject();
    const stop = new AbortController();
    const tried = await project.run(
      { code: fence("console.log('on')\nsetInterval(() => {}, 1000)") },
      {
        signal: stop.signal,
        listener: (event) => void (event.kind === "output" && stop.abort(signal)),
      },
    );
    expect(tried.verdict).toBe(`R0823 iris.mlpipe:10 the step was interrupted by ${signal}`);
    expect(tried.result.stopped).toBe("abort");
  });

  test("before it begins, when the run is already interrupted", async () => {
    using project = openProject();
    const tried = await project.run({}, { signal: AbortSignal.abort("SIGINT") });
    expect(tried.verdict).toBe("R0823 iris.mlpipe:10 the step was interrupted by SIGINT");
    expect(readdirSync(project.folder)).toEqual([]);
  });

  test("when its interpreter is missing", async () => {
    using project = openProject();
    const tried = await project.run({ language: "r" }, { env: { MLPIPE_R: "/no/such/R" } });
    expect(tried.verdict).toBe(
      "R0827 iris.mlpipe:10 cannot start `/no/such/R`: there is no R here",
    );
    expect(tried.result.failure?.fix).toContain("install R");
  });

  test.each([
    ["text that is no JSON", "not json", "is not a JSON object"],
    ["an unknown kind", '{"t":1,"kind":"mail"}', 'has the unknown kind "mail"'],
    [
      "a number as a decimal",
      '{"t":1,"kind":"metric","key":"a","value":"0.5","step":1}',
      "(metric) lacks a proper `value`",
    ],
    [
      "a path that leaves the outputs",
      '{"t":1,"kind":"artifact","key":"a","path":"../a","folder":false}',
      "(artifact) lacks a proper `path`",
    ],
    [
      "vectors of unequal length",
      '{"t":1,"kind":"metrics","key":"a","values":["0x1p+0"],"steps":[]}',
      "(metrics) has not as many values as steps",
    ],
    [
      "a kind that every object knows",
      '{"t":1,"kind":"toString"}',
      'has the unknown kind "toString"',
    ],
  ])("when its events hold %s", async (_, line, problem) => {
    using project = openProject();
    const tried = await project.runCode(
      `import fs from "node:fs"\nfs.appendFileSync(where, ${JSON.stringify(`${line}\n`)})`,
      {
        params: [
          param(
            "where",
            "path",
            path.join(".mlpipe", "runs", "0f".repeat(16), "fit", "events.ndjson"),
          ),
        ],
      },
    );
    expect(tried.verdict).toBe(
      `R0828 iris.mlpipe:10 line 2 of the step's events.ndjson ${problem}`,
    );
    expect(tried.events.map((event) => event.kind)).toEqual(["start", "end"]);
  });

  test("and the rest of its torn last event says nothing", async () => {
    using project = openProject();
    const tried = await project.runCode(
      `import fs from "node:fs"\nfs.appendFileSync(where, '{"t":1,"kind":"metric","ke')\nprocess.kill(process.pid, 9)`,
      {
        params: [
          param(
            "where",
            "path",
            path.join(".mlpipe", "runs", "0f".repeat(16), "fit", "events.ndjson"),
          ),
        ],
      },
    );
    expect(tried.verdict).toMatch(/^R0821 /);
  });
});

describe("what a step prints", () => {
  test("is heard while it runs", async () => {
    using project = openProject();
    const file = project.write("go", "");
    const go = path.join(project.folder, "went");
    let heard = "";
    await project.run(
      {
        code: fence(
          "process.stdout.write('half a li')\nimport fs from 'node:fs'\nwhile (!fs.existsSync('went'));\nconsole.log('ne')",
        ),
      },
      {
        listener: (event) => {
          if (event.kind !== "output") return;
          heard += event.text;
          if (heard === "half a li") symlinkSync(file, go);
        },
      },
    );
    expect(heard).toBe("half a line\n");
  });

  test("shows NUL and what is no UTF-8 by signs, and keeps characters that are cut in two", async () => {
    using project = openProject();
    const { log, heard } = await project.runCode(
      "import fs from 'node:fs'\nimport { setTimeout } from 'node:timers/promises'\n" +
        "for (const byte of Buffer.concat([Buffer.from('é€😀'), Buffer.from([0, 255, 254]), Buffer.from('ok\\n')])) { fs.writeSync(1, Buffer.of(byte)); await setTimeout(1) }",
    );
    expect(log).toBe("é€😀␀\uFFFD\uFFFDok\n");
    expect(outputOf(heard)).toBe(log);
  });

  test("is kept by its beginning and its end when it is 100 MB, in bounded memory and time", async () => {
    using project = openProject();
    const before = process.memoryUsage().rss;
    const { verdict, log, heard } = await project.run(
      {
        code: fence(
          "console.log('first line')\nconst block = Buffer.alloc(1 << 20, 'x'.repeat(99) + '\\n')\n" +
            "for (let i = 0; i < 100; i++) process.stdout.write(block)\nconsole.log('last line')",
        ),
      },
      {},
    );
    expect(verdict).toBe("");
    expect(log.startsWith("first line\nxxx")).toBe(true);
    expect(log.endsWith("xlast line\n")).toBe(true);
    const left = Number(/\n… (\d+) bytes are left out here …\n/.exec(log)?.[1]);
    expect(log.length).toBeLessThan(17 << 20);
    const marker = Buffer.byteLength(`\n… ${left} bytes are left out here …\n`);
    const written = 100 * (1 << 20) + "first line\nlast line\n".length;
    expect(Buffer.byteLength(log) - marker + left).toBe(written);
    const cut = heard.find((event) => event.kind === "output-cut");
    expect(outputOf(heard).length + (cut?.droppedBytes ?? 0)).toBe(written);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
  });

  test("never shows a secret, wherever the pieces are cut, nor does the step's error or tag", async () => {
    using project = openProject();
    const secret = 'tok"en\n$1{}';
    const { log, heard, events, verdict } = await project.run(
      {
        code: fence(
          "import fs from 'node:fs'\nimport { setTimeout } from 'node:timers/promises'\n" +
            "for (const character of `a${token}b${token}${token}c`) { fs.writeSync(1, character); await setTimeout(1) }\n" +
            "fs.writeSync(2, token.slice(0, 4)); log.tag('auth', `Bearer ${token}`)\n" +
            "throw new Error(`refused: ${token}`)",
        ),
        secrets: [{ variable: "token", from: "SERVICE_TOKEN" }],
      },
      { env: { ...process.env, SERVICE_TOKEN: secret } },
    );
    expect(outputOf(heard)).toBe('a***b******ctok"');
    expect(log.startsWith("a***b******c")).toBe(true);
    expect(verdict).toBe("R0810 iris.mlpipe:14:7 refused: ***");
    expect(JSON.stringify([log, heard, events, verdict])).not.toContain(
      JSON.stringify(secret).slice(1, -1),
    );
    expect(events).toContainEqual(expect.objectContaining({ kind: "tag", value: "Bearer ***" }));
  });
});

/** A tiny file system; undefined where this user may not mount one. */
function tinyDisk(): string | undefined {
  const place = openProject();
  onTestFinished(() => place[Symbol.dispose]());
  const disk = mountTinyDisk(place.folder);
  onTestFinished(() => disk[Symbol.dispose]());
  return disk.done ? place.folder : undefined;
}

describe("when the step's folder cannot be written", () => {
  test.for([
    [
      "its outputs",
      "const big = 'x'.repeat(1 << 20)",
      /^R0809 iris\.mlpipe:10 the artifact `big` cannot be written: ENOSPC/,
    ],
    [
      "its events",
      "const big = ''; for (;;) log.metric('m', 1)",
      /^R0825 iris\.mlpipe:10 no space is left/,
    ],
    [
      "its log",
      "const big = ''; for (let i = 0; i < 1e5; i++) console.log('x'.repeat(99))",
      /^R0825 iris\.mlpipe:10 no space is left/,
    ],
  ] as const)(
    "because the disk is full for %s, the step has failed and says so",
    async ([, code, verdict], { skip }) => {
      const disk = tinyDisk();
      if (disk === undefined) return skip("no disk of a given size can be made here");
      using project = openProject();
      const tried = await project.run(
        { code: fence(code), artifacts: [artifact("big", "text")] },
        { runFolder: path.join(disk, "run") },
      );
      expect(tried.verdict).toMatch(verdict);
      expect(tried.result.failure?.fix).toContain("free some space");
    },
  );

  test("because it may not be made, the step has failed and says so", async () => {
    using project = openProject();
    project.write(".mlpipe", "a file where the folder should be");
    const tried = await project.run({});
    expect(tried.verdict).toMatch(/^R0826 iris\.mlpipe:10 cannot write `.*`: not a directory$/);
  });

  test("because it may not be written", async () => {
    using project = openProject();
    chmodSync(project.folder, 0o755);
    mkdirSync(path.join(project.folder, ".mlpipe"));
    chmodSync(path.join(project.folder, ".mlpipe"), 0o500);
    const tried = await asNobody(() => project.run({}));
    expect(tried.verdict).toMatch(/^R0826 .*permission denied$/);
  });
});

test("two steps at a time do not disturb each other", async () => {
  using project = openProject();
  const one = (name: string): ReturnType<typeof project.run> =>
    project.run({
      name,
      code: fence(`console.log("${name}")\nconst n = ${name.length}`),
      metrics: metrics("n"),
    });
  const [first, second] = await Promise.all([one("fit"), one("split")]);
  expect([first.log, second.log]).toEqual(["fit\n", "split\n"]);
  expect([first.metrics, second.metrics]).toEqual([{ n: 3 }, { n: 5 }]);
});
