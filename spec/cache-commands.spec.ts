/** What people ask of the cache: why a step runs, what there is, and less of it; and several that use it at once. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../src/run/cache/digest.ts";
import { listEntries } from "../src/run/cache/store.ts";
import { takeStep } from "../src/run/cache/take.ts";
import { placesOfStep } from "../src/run/step-file.ts";
import { js, runCached } from "./support/cached-runs.ts";
import { type Folder, mlpipe, root, temporaryFolder } from "./support/mlpipe.ts";

const pipeline = (share = "x * share", more = ""): string => `mlpipe 1
run learn {
  param share: float = 0.75
  param word: string = "a"
  seed 1
  step split {
    artifact train: text
    ${js('import { readFileSync } from "node:fs"', 'const x = Number(readFileSync("data.txt", "utf8"))', `const train = String(${share})`)}
  }
  step fit {
    input train from split
    metric size
    ${more}
    ${js("const size = Number(train)")}
  }
  step tell {
    after fit
    cache off
    ${js("console.log(word)")}
  }
}
`;

function projectOf(): Folder {
  const folder = temporaryFolder();
  folder.write("data.txt", "2");
  folder.write("it.mlpipe", pipeline());
  return folder;
}

/** What is printed, ids of runs by the order in which they are given. */
async function told(
  folder: Folder,
  words: readonly string[],
  ids: readonly string[] = [],
): Promise<string> {
  const { stdout, stderr } = await mlpipe(words, { cwd: folder.path });
  return ids.reduce(
    (text, id, index) => text.replaceAll(id, `<run ${index + 1}>`),
    stdout + stderr,
  );
}

describe.concurrent("mlpipe why", () => {
  test("names the first thing that is not as it was, for what happened and for what would", async ({
    expect,
  }) => {
    using folder = projectOf();
    expect(await told(folder, ["why", "it.mlpipe"])).toMatchInlineSnapshot(`
      "split
        now runs: it has not run here before
      fit
        now runs: it has not run here before
      tell
        now runs: \`cache off\`
      "
    `);
    const first = await runCached(folder, undefined);
    const second = await runCached(folder, undefined, ["-P", "share=0.8"]);
    const ids = [first.runId, second.runId];
    expect(await told(folder, ["why", "it.mlpipe", "learn"], ids)).toMatchInlineSnapshot(`
      "split
        ran in run <run 2>: param share 0.75 → 0.8
        now comes from the cache, as made in run <run 1>
      fit
        ran in run <run 2>: input train changed: sha 9f29a13 → ec6c168, because param share 0.75 → 0.8 in \`split\`
        now comes from the cache, as made in run <run 1>
      tell
        ran in run <run 2>: \`cache off\`
        now runs: \`cache off\`
      "
    `);
    folder.write("data.txt", "3");
    expect(await told(folder, ["why", "it.mlpipe", "learn.split"], ids)).toMatchInlineSnapshot(`
      "split
        ran in run <run 2>: param share 0.75 → 0.8
        now runs: data.txt changed: sha d4735e3 → 4e07408
      "
    `);
    const plan = await told(folder, ["plan", "it.mlpipe", "-P", "share=0.8"], ids);
    expect(plan.slice(plan.indexOf("124\n") + 4)).toMatchInlineSnapshot(`
      "   split  runs: data.txt changed: sha d4735e3 → 4e07408
         fit    runs if \`split\` gives something else
         tell   runs: \`cache off\`
      "
    `);
    folder.write("it.mlpipe", pipeline("x * share", 'env { LEVEL = "high" }'));
    expect(await told(folder, ["why", "it.mlpipe", "learn.fit"], ids)).toMatchInlineSnapshot(`
      "fit
        ran in run <run 2>: input train changed: sha 9f29a13 → ec6c168, because param share 0.75 → 0.8 in \`split\`
        now runs: env LEVEL is new
      "
    `);
  });

  test.each([
    ["its code", () => [undefined, pipeline("x + share")], "its code changed"],
    [
      "a file that it names",
      (folder: Folder) => [folder.write("data.txt", "5"), undefined],
      /^data\.txt changed: sha [0-9a-f]{7} → [0-9a-f]{7}$/,
    ],
    [
      "a file that is gone",
      (folder: Folder) => [rmSync(path.join(folder.path, "data.txt")), undefined],
      "data.txt is gone",
    ],
    ["the seed", () => [undefined, pipeline().replace("seed 1", "seed 2")], /^seed \d+ → \d+$/],
    [
      "an output",
      () => [
        undefined,
        pipeline().replace("artifact train: text", 'artifact train: text at "t.txt"'),
      ],
      "artifact train changed",
    ],
  ] as const)("says what it was: %s", async (_, change, words) => {
    using folder = projectOf();
    await runCached(folder, undefined);
    const [, source] = change(folder);
    if (source !== undefined) folder.write("it.mlpipe", source);
    const text = await told(folder, ["why", "it.mlpipe", "learn.split"]);
    const because = /now runs: (.*)$/m.exec(text)?.[1] ?? text;
    if (typeof words === "string") expect(because).toBe(words);
    else expect(because).toMatch(words);
  });

  test("as JSON has what happened, when, and what would", async ({ expect }) => {
    using folder = projectOf();
    const { runId } = await runCached(folder, undefined);
    const { stdout } = await mlpipe(
      ["why", "it.mlpipe", "learn.split", "--json", "-P", "share=0.5"],
      { cwd: folder.path },
    );
    expect(JSON.parse(stdout)).toEqual([
      {
        step: "split",
        last: { runId, at: expect.any(Number), kind: "ran", cause: { kind: "first" } },
        now: {
          kind: "runs",
          cause: {
            kind: "changed",
            reason: { name: "param share", before: "float 0.75", after: "float 0.5" },
          },
        },
      },
    ]);
  });

  test.each([
    [["why", "it.mlpipe", "lern"], "it.mlpipe has no `lern`; did you mean `learn`?"],
    [["why", "it.mlpipe", "learn.spilt"], "`learn` has no step `spilt`; did you mean `split`?"],
    [["cache", "gc", "--max-size", "much"], "--max-size much: expected a size"],
    [["run", "it.mlpipe"], "MLPIPE_CACHE_SIZE=huge: expected a size"],
  ])("and the like refuse %j", async (words, said) => {
    using folder = projectOf();
    const { code, stderr } = await mlpipe(words, {
      cwd: folder.path,
      env: { MLPIPE_CACHE_SIZE: words[0] === "run" ? "huge" : "" },
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining(`mlpipe: ${said}\n`)]);
  });
});

describe.concurrent("mlpipe plan", () => {
  test("says nothing of the cache where nothing has run, and its JSON never does", async ({
    expect,
  }) => {
    using folder = projectOf();
    const plan = await told(folder, ["plan", "it.mlpipe"]);
    const json = await told(folder, ["plan", "it.mlpipe", "--json"]);
    expect(existsSync(path.join(folder.path, ".mlpipe"))).toBe(false);
    await runCached(folder, undefined);
    const behind = (await told(folder, ["plan", "it.mlpipe"])).slice(plan.length);
    expect(behind.replaceAll(/[0-9a-f]{32}/g, "<run>")).toMatchInlineSnapshot(`
      "   split  comes from the cache, as made in run <run>
         fit    comes from the cache, as made in run <run>
         tell   runs: \`cache off\`
      "
    `);
    expect(await told(folder, ["plan", "it.mlpipe", "--json"])).toBe(json);
  });
});

describe.concurrent("mlpipe cache", () => {
  test("lists what there is, makes it smaller, and removes it", async ({ expect }) => {
    using folder = projectOf();
    expect(await told(folder, ["cache", "ls"])).toBe("nothing is in the cache of this folder\n");
    const { runId } = await runCached(folder, undefined);
    const list = await told(folder, ["cache"], [runId]);
    expect(
      list
        .replaceAll(/\d+ ms|\d\.\d s/g, "<t>")
        .replaceAll(/[\d.]+ k?B/g, "<size>")
        .replaceAll(/\d{4}-\S+ \S+/g, "<time>")
        .replaceAll(/ {2,}/g, "  "),
    ).toMatchInlineSnapshot(`
      "STEP  TOOK  SIZE  USED  RUN
      it.mlpipe learn.fit  <t>  <size>  <time>  <run 1>
      it.mlpipe learn.split  <t>  <size>  <time>  <run 1>
      2 entries, <size>, at most 10.0 GB
      "
    `);
    const { stdout } = await mlpipe(["cache", "ls", "--json"], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject([
      { step: "it.mlpipe learn.fit", runId },
      { step: "it.mlpipe learn.split", runId },
    ]);
    expect(await told(folder, ["cache", "gc"])).toMatch(
      /^2 entries, .* before; 2 entries, .* now\n$/,
    );
    expect(await told(folder, ["cache", "gc", "--max-size", "0"])).toMatch(
      /^2 entries, .* before; 0 entries, 0 B now\n$/,
    );
    expect((await runCached(folder, undefined)).ran).toEqual(["split", "fit", "tell"]);
    expect(await told(folder, ["why", "it.mlpipe", "learn.split"])).toContain(
      "nothing has changed, but the cache does not have it any more",
    );
    expect(await told(folder, ["cache", "clear"])).toMatch(/^2 entries, .* removed\n$/);
    expect(existsSync(path.join(folder.path, ".mlpipe", "cache"))).toBe(false);
  });

  test("also removes what only an earlier version could read, and says how much it was", async ({
    expect,
  }) => {
    using folder = projectOf();
    await runCached(folder, undefined);
    const cache = path.join(folder.path, ".mlpipe", "cache");
    const keys = readdirSync(path.join(cache, "steps"));
    const ago = new Date(Date.now() - 3_600_000);
    const old = ["ab", "0".repeat(64)].map((name) => path.join(cache, "steps", name));
    const write = (): void => {
      for (const place of old) {
        mkdirSync(place, { recursive: true });
        writeFileSync(path.join(place, "entry.tmp"), "x".repeat(2_000_000));
      }
      for (const place of old.flatMap((one) => [path.join(one, "entry.tmp"), one]))
        utimesSync(place, ago, ago);
    };
    write();
    await told(folder, ["cache", "gc"]);
    expect(readdirSync(path.join(cache, "steps"))).toEqual(keys);
    write();
    expect(await told(folder, ["cache", "clear"])).toMatch(/^2 entries, 4\.\d MB removed\n$/);
    for (const place of old) mkdirSync(place, { recursive: true });
    writeFileSync(path.join(old[0] ?? "", "entry.json"), "x".repeat(5000));
    expect(await told(folder, ["cache", "clear"])).toBe("0 entries, 5.0 kB removed\n");
  });

  test("is kept small by the runs themselves", async ({ expect }) => {
    using folder = projectOf();
    for (const word of ["a", "b"])
      await runCached(folder, undefined, ["-P", `share=0.${word === "a" ? 1 : 2}`], {
        MLPIPE_CACHE_SIZE: "6kB",
      });
    const { stdout } = await mlpipe(["cache", "ls", "--json"], { cwd: folder.path });
    const entries = JSON.parse(stdout) as readonly { readonly bytes: number }[];
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(6000);
  });
});

describe("several at once", () => {
  test("two runs of one folder both end well, and the next has what they kept", async () => {
    using folder = projectOf();
    const both = await Promise.all([runCached(folder, undefined), runCached(folder, undefined)]);
    expect(both.map(({ code, warned }) => [code, warned])).toEqual([
      [0, []],
      [0, []],
    ]);
    expect((await runCached(folder, undefined)).cached).toEqual(["split", "fit"]);
  });

  test("processes that are killed while they write leave nothing that would be used and is not whole", async () => {
    using folder = temporaryFolder();
    const cache = path.join(folder.path, "cache");
    for (let time = 0; time < 4; time++) {
      const writers = ["a", "b"].map((name) =>
        spawn(process.execPath, [
          path.join(root, "spec", "support", "cache-writer.ts"),
          cache,
          `${name}${time}`,
        ]),
      );
      await Promise.all(writers.map(({ stdout }) => once(stdout, "data")));
      const before = listEntries(cache).length;
      while (listEntries(cache).length < before + 3 + time)
        await new Promise((resolve) => setImmediate(resolve));
      for (const writer of writers) {
        writer.kill("SIGKILL");
        await once(writer, "close");
      }
    }
    for (const stored of listEntries(cache)) {
      const places = placesOfStep(folder.path, "taken");
      expect(await takeStep(cache, stored, places, folder.path)).toBeUndefined();
      expect(readFileSync(path.join(places.outputs, "text.txt"), "utf8")).toMatch(
        new RegExp(`^(${stored.entry.step}\n)+$`),
      );
    }
    const objects = readdirSync(path.join(cache, "objects"), {
      recursive: true,
      withFileTypes: true,
    }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of objects)
      if (!name.endsWith(".tmp"))
        expect(digestOf(readFileSync(path.join(parentPath, name)))).toBe(name);
  });
});
