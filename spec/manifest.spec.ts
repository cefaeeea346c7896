/** What is recorded of each run, so that it can be performed again: read back through the front door, and attacked. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Digest, digestOf } from "../src/run/cache/digest.ts";
import { collectGarbage } from "../src/run/cache/gc.ts";
import { exactText } from "../src/run/manifest/exact-text.ts";
import { openFileMemory } from "../src/run/manifest/file-memory.ts";
import { placeOfInput } from "../src/run/manifest/input-store.ts";
import type { Manifest } from "../src/run/manifest/manifest.ts";
import { readManifest } from "../src/run/manifest/read-manifest.ts";
import { scoreText } from "../src/run/manifest/score.ts";
import { attempt, fence, oneRun } from "./support/attempt.ts";
import { readArtifact } from "./support/facts.ts";
import { type Folder, mlpipe, temporaryFolder } from "./support/mlpipe.ts";

/** The manifest of the newest run of a folder, as it lies among its artifacts. */
async function manifestOf(folder: Folder): Promise<Manifest> {
  const text = await readArtifact(undefined, folder.path, "mlpipe/manifest.json");
  const found = readManifest(text);
  if ("problem" in found) throw new Error(`the manifest ${found.problem}`);
  return found;
}

const simple = oneRun(
  "  param k: float = 0.1",
  "  metric doubled",
  fence("js", "const doubled = 2 * k;"),
);

describe("the manifest of a run", () => {
  test("has every bit of its params and metrics, and the digest of its code", async () => {
    using folder = temporaryFolder();
    await attempt(folder, simple);
    const { steps, sources, run, seed } = await manifestOf(folder);
    expect({ run, seed }).toEqual({ run: "it", seed: null });
    expect(sources).toEqual([
      { path: "it.mlpipe", sha256: digestOf(simple), bytes: Buffer.byteLength(simple) },
    ]);
    expect(steps[0]).toMatchObject({
      code: digestOf("const doubled = 2 * k;\n"),
      params: [{ name: "k", type: "float", value: { float: "0x1.999999999999ap-4" }, named: true }],
      metrics: [
        {
          key: "doubled",
          points: 1,
          step: 0,
          value: "0.20000000000000001",
          hex: "0x1.999999999999ap-3",
        },
      ],
      process: { runtime: expect.stringMatching(/^Node \d/), unseeded: false },
      cachedFrom: null,
      failed: null,
    });
  });

  test("is tagged with its digest once all of it is there", async () => {
    using folder = temporaryFolder();
    const { facts } = await attempt(folder, simple);
    const text = await readArtifact(undefined, folder.path, "mlpipe/manifest.json");
    expect(facts[0]?.tags).toMatchObject({ "mlpipe.replayable": "6/6" });
    const { stdout } = await mlpipe(["runs", "show", "latest", "--json"], { cwd: folder.path });
    const shown = JSON.parse(stdout) as { readonly data: { readonly tags: readonly unknown[] } };
    expect(shown.data.tags).toContainEqual({ key: "mlpipe.manifest", value: digestOf(text) });
  });

  test("names inputs, what the code reads besides and what it loads, and keeps copies of them", async () => {
    using folder = temporaryFolder();
    folder.write("rows.csv", "a\n1\n2\n");
    folder.write("side.txt", "3");
    folder.write("helper.mjs", "export const three = (text) => Number(text);\n");
    const code = [
      'import { readFileSync } from "node:fs";',
      'import { three } from "./helper.mjs";',
      'const sum = rows.length + three(readFileSync("side.txt", "utf8"));',
    ];
    const source = oneRun(
      '  input rows from "rows.csv": csv',
      "  metric sum",
      fence("js", ...code),
    );
    const { stdout } = await attempt(folder, source);
    expect(stdout).toContain("replayable 5/6: declare side.txt as an input");
    const { steps, lacks } = await manifestOf(folder);
    expect(lacks.map(({ what }) => what)).toEqual(["files"]);
    const inputs = steps[0]?.inputs.map(({ path: name, variable, code: isCode }) => ({
      name,
      variable,
      isCode,
    }));
    expect(inputs).toEqual([
      { name: "rows.csv", variable: "rows", isCode: false },
      { name: "helper.mjs", variable: null, isCode: true },
      { name: "side.txt", variable: null, isCode: false },
    ]);
    const root = path.join(folder.path, ".mlpipe", "inputs");
    const kept = placeOfInput(root, digestOf("a\n1\n2\n"));
    expect(kept && readFileSync(kept, "utf8")).toBe("a\n1\n2\n");
    const sent = `mlpipe/inputs/${digestOf("3")}`;
    expect(await readArtifact(undefined, folder.path, sent)).toBe("3");
  });

  test("says of R its random numbers, its libraries of linear algebra and its packages", async () => {
    using folder = temporaryFolder();
    const source = oneRun("  seed 4", "  metric m", fence("r", "library(MASS)", "m <- runif(1)"));
    await attempt(folder, source);
    const { steps } = await manifestOf(folder);
    expect(steps[0]).toMatchObject({ seed: 4, seededBy: "run" });
    expect(steps[0]?.process).toMatchObject({
      runtime: expect.stringMatching(/^R \d/),
      packages: [{ name: "MASS", own: true }],
      generator: {
        atStart: ["Mersenne-Twister", "Inversion", "Rejection"],
        state: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      locale: expect.stringContaining("LC_CTYPE="),
    });
  });

  test("tells random numbers without a seed, once the run ends, with what to do", async () => {
    using folder = temporaryFolder();
    const source = oneRun("  metric m", fence("js", "const m = Math.random();"));
    const { stdout, facts } = await attempt(folder, source);
    const line = "replayable 5/6: seed step it (random numbers were drawn)";
    expect(stdout.split("\n").slice(-3)[0]).toBe(line);
    expect(facts[0]?.tags["mlpipe.replayable"]).toBe(line.replace("replayable ", ""));
  });

  test("of a step from the cache is the same but for where it came from", async () => {
    using folder = temporaryFolder();
    await attempt(folder, simple);
    const first = await manifestOf(folder);
    await attempt(folder, simple);
    const [{ cachedFrom, ...step } = { cachedFrom: null }] = (await manifestOf(folder)).steps;
    expect(cachedFrom).toMatch(/^[0-9a-f]{32}$/);
    expect({ ...step, cachedFrom: null }).toEqual(first.steps[0]);
  });

  test("has what outputs mean, which is the same in other bytes, and of what is too large nothing", async () => {
    using folder = temporaryFolder();
    const contents: (Digest | undefined)[][] = [];
    for (const written of ["1", "1.0"]) {
      const code = [
        'import { writeFileSync } from "node:fs";',
        'import { gzipSync } from "node:zlib";',
        `writeFileSync("rows.csv", "a\\n${written}\\n");`,
        'writeFileSync("packed.gz", gzipSync("0".repeat(9 << 20)));',
        'const large = "0".repeat(9 << 20);',
      ];
      const outputs = ["rows: csv", 'packed: file at "packed.gz"', "large: text"];
      const declared = outputs.map((it) => `  artifact ${it}`);
      await attempt(folder, oneRun(...declared, fence("js", ...code)));
      const [step] = (await manifestOf(folder)).steps;
      contents.push((step?.outputs ?? []).map(({ content }) => content?.sha256));
      const rows = step?.outputs.find(({ key }) => key === "rows");
      expect(rows?.files).toMatchObject([{ sha256: digestOf(`a\n${written}\n`) }]);
    }
    expect(contents[0]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), undefined, undefined]);
    expect(contents[1]).toEqual(contents[0]);
  });

  test("has the digest of a larger output from the cache, which forgets it when it was not used for long", async () => {
    using folder = temporaryFolder();
    const code = fence("js", "const rows = Array.from({ length: 40_000 }, (_, a) => ({ a }));");
    await attempt(folder, oneRun("  artifact rows: csv", code));
    const [output] = (await manifestOf(folder)).steps[0]?.outputs ?? [];
    const kept = path.join(folder.path, ".mlpipe", "cache", "content");
    const [name = ""] = readdirSync(kept);
    expect(readFileSync(path.join(kept, name), "utf8")).toBe(output?.content?.sha256);
    writeFileSync(path.join(kept, name), digestOf("as it was remembered"));
    await attempt(folder, oneRun("  artifact rows: csv", code));
    const [again] = (await manifestOf(folder)).steps[0]?.outputs ?? [];
    expect(again?.content?.sha256).toBe(digestOf("as it was remembered"));
    expect(again?.files).toEqual(output?.files);
    collectGarbage(path.dirname(kept), 1e9, Date.now() + 100 * 24 * 3_600_000);
    expect(readdirSync(kept)).toEqual([]);
  });

  test("of a run that fails is there too, with the failure", async () => {
    using folder = temporaryFolder();
    await attempt(folder, oneRun("  metric m", fence("js", 'throw new Error("no")')));
    const { steps } = await manifestOf(folder);
    expect(steps[0]?.failed).toMatchObject({ code: "R0810", place: "it.mlpipe:6:7" });
  });

  test("holds no secret, nor does anything else of the record", async () => {
    using folder = temporaryFolder();
    const secret = "correct-horse-battery";
    folder.write(".env", `KEY=${secret}`);
    folder.write("notes.txt", `the key is ${secret}`);
    const code = ['import { readFileSync } from "node:fs";', "const m = key.length;"];
    const source = oneRun(
      '  secret key from env "MY_KEY"',
      "  metric m",
      fence("js", ...code, 'readFileSync(".env"); readFileSync("notes.txt");'),
    );
    await attempt(folder, source, { env: { MY_KEY: secret, OTHER: "x" } });
    const { steps } = await manifestOf(folder);
    expect(steps[0]?.secrets).toEqual(["MY_KEY"]);
    const artifacts = path.join(folder.path, "mlruns");
    const files = readdirSync(artifacts, { recursive: true, withFileTypes: true });
    const holding = files
      .filter((file) => file.isFile())
      .filter((file) => readFileSync(path.join(file.parentPath, file.name)).includes(secret));
    expect(holding.map(({ name }) => name)).toEqual([]);
  });
});

describe("a project in git", () => {
  test("is recorded with its commit and what is changed since, named from the top", async () => {
    using folder = temporaryFolder();
    const git = (...words: readonly string[]): string =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
        cwd: folder.path,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    mkdirSync(path.join(folder.path, "deep"));
    const deep: Folder = { ...folder, path: path.join(folder.path, "deep"), write: writeDeep };
    function writeDeep(name: string, text: string): string {
      return folder.write(path.join("deep", name), text);
    }
    writeDeep("it.mlpipe", simple);
    writeDeep("x.txt", "one\n");
    git("init", "--quiet");
    git("add", "deep");
    git("commit", "--quiet", "-m", "one");
    writeDeep("x.txt", "two\n \n");
    const { stdout } = await attempt(deep, simple);
    expect(stdout).toContain("replayable 5/6: commit your changes (1 file)");
    const { git: found } = await manifestOf(deep);
    expect(found).toMatchObject({
      commit: git("rev-parse", "HEAD"),
      folder: "deep",
      changed: ["deep/x.txt"],
    });
    const patch = await readArtifact(undefined, deep.path, "mlpipe/changes.patch");
    expect(digestOf(patch)).toBe(found?.patch?.sha256);
    git("checkout", "--quiet", "deep/x.txt");
    writeFileSync(path.join(folder.path, "p"), patch);
    git("apply", "p");
    expect(readFileSync(path.join(deep.path, "x.txt"), "utf8")).toBe("two\n \n");
  });
});

describe("the reader of manifests", () => {
  const example: Manifest = {
    manifest: 1,
    mlpipe: "0.1.0",
    run: "it",
    file: "it.mlpipe",
    experiment: "Default",
    folder: "/tmp/x",
    seed: -3,
    plan: { path: "plan.json", sha256: digestOf("plan"), bytes: 4 },
    sources: [{ path: "a/it.mlpipe", sha256: digestOf("it"), bytes: 2 }],
    git: { commit: "abc", remote: "", folder: "", changed: ["x"], patch: null },
    machine: {
      system: "Debian",
      kernel: "Linux 6",
      architecture: "x64",
      libc: "glibc 2.36",
      cpu: "any",
      cores: 2,
      usableCores: 1,
      umask: "0022",
      timeZone: "UTC",
      node: "24.0.0",
      icu: "78",
      variables: { LANG: "C.UTF-8" },
    },
    steps: [
      {
        name: "it",
        language: "r",
        script: null,
        code: digestOf("code"),
        params: [{ name: "k", type: "float", value: { float: "0x1p+0" }, named: null }],
        seed: 1,
        seededBy: "run",
        secrets: ["KEY"],
        inputs: [
          {
            variable: "rows",
            from: "project",
            path: "rows.csv",
            of: null,
            code: false,
            folder: false,
            files: [{ path: "", sha256: digestOf("rows"), bytes: 4 }],
            kept: true,
          },
        ],
        metrics: [{ key: "m", points: 1, step: 0, value: "1", hex: "0x1p+0" }],
        outputs: [
          {
            key: "o",
            kind: "artifact",
            path: "o.csv",
            files: [],
            content: { sha256: digestOf("o"), version: 2 },
          },
        ],
        variables: { TZ: "UTC", LC_ALL: null },
        named: { HOME: "ab12" },
        startFiles: [{ path: "/etc/R/Renviron", sha256: digestOf("e"), bytes: 1 }],
        process: {
          runtime: "R 4.2.2",
          packages: [{ name: "MASS", version: "7.3", own: true, pinned: false }],
          libraries: [],
          locale: "C",
          collator: "",
          generator: { atStart: ["a"], atEnd: ["a"], state: null },
          unseeded: false,
          milliseconds: 5,
        },
        cachedFrom: null,
        failed: { code: "R0810", message: "no", place: "" },
      },
    ],
    project: {
      entry: "main",
      params: [{ name: "k", text: "1", value: "1" }],
      environment: "local",
      dockerWords: [],
    },
    lacks: [],
  };

  /** Every field of it, as the way that leads there. */
  function waysIn(value: unknown, way: readonly string[] = []): readonly (readonly string[])[] {
    if (typeof value !== "object" || value === null) return [way];
    return [way, ...Object.entries(value).flatMap(([name, one]) => waysIn(one, [...way, name]))];
  }
  const ways = waysIn(example).filter((way) => way.length > 0);

  function changed(way: readonly string[], act: (holder: Record<string, unknown>) => void): string {
    const copy = structuredClone(example) as unknown as Record<string, unknown>;
    const holder = way.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, copy);
    act(holder);
    return JSON.stringify(copy);
  }

  test("takes what was recorded, with fields that it does not know at any place", () => {
    expect(readManifest(JSON.stringify(example))).toEqual(example);
    fc.assert(
      fc.property(fc.constantFrom(...ways), fc.jsonValue(), (way, value) => {
        const isDictionary = ["variables", "named"].includes(way.at(-2) ?? "");
        fc.pre(!isDictionary);
        const text = changed(way, (holder) => {
          if (!Array.isArray(holder)) holder["a field of later"] = value;
        });
        expect(readManifest(text)).not.toHaveProperty("problem");
      }),
    );
  });

  test("refuses one that lacks a field, whichever, and says which", () => {
    const free = new Set(["variables", "named"]);
    for (const way of ways) {
      const name = way.at(-1) ?? "";
      if (free.has(way.at(-2) ?? "") || /^\d+$/.test(name) || name === "content") continue;
      const found = readManifest(changed(way, (holder) => delete holder[name]));
      const problem = "problem" in found ? found.problem : "none";
      if (name === "manifest") expect(problem).toBe("is no manifest of mlpipe");
      else if (way.includes("value") && name === "float") expect(problem).toMatch(/damaged/);
      else expect(problem, way.join(".")).toContain(name);
    }
  });

  test("takes one that an older mlpipe has written, which says nothing of contents", () => {
    const [step] = example.steps;
    const [output] = step?.outputs ?? [];
    const older = changed(["steps", "0", "outputs", "0", "content"], (it) => delete it["content"]);
    expect(readManifest(older)).toEqual({
      ...example,
      steps: [{ ...step, outputs: [{ ...output, content: null }] }],
    });
  });

  test.each([
    ["a path that leads out", ["sources", "0", "path"], "../../etc/passwd"],
    ["an absolute path", ["steps", "0", "inputs", "0", "path"], "/etc/passwd"],
    ["a run that would lead out", ["steps", "0", "inputs", "0", "of"], "../../../etc"],
    ["a project's folder that would lead out", ["folder"], "/project/.."],
    ["a digest that is none", ["plan", "sha256"], "abc"],
    ["a content without a digest", ["steps", "0", "outputs", "0", "content"], { version: 2 }],
    ["a value that is none", ["steps", "0", "params", "0", "value"], { float: "one" }],
    ["no list", ["steps"], {}],
  ])("refuses %s", (_, way, value) => {
    const text = changed(way, (holder) => (holder[way.at(-1) ?? ""] = value));
    expect(readManifest(text)).toMatchObject({
      problem: expect.stringMatching(/^is damaged at /),
    });
  });

  test("refuses a place of the machine that would lead out", () => {
    const text = changed(["steps", "0", "inputs", "0", "path"], (holder) => {
      holder["from"] = "machine";
      holder["path"] = "/../../etc/cron.d/job";
    });
    expect(readManifest(text)).toEqual({ problem: "is damaged at steps[0].inputs[0].path" });
  });

  test("tells a later version from what is none", () => {
    expect(readManifest('{"manifest":2}')).toEqual({
      problem: "is of version 2, which a newer mlpipe has written",
    });
    for (const text of ["", "[]", "null", "{", '{"manifest":"1"}'])
      expect(readManifest(text)).toHaveProperty("problem");
  });
});

describe("the exact text of a number", () => {
  test("reads back as the same bits, whatever the number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const text = exactText(value).replace("inf", "Infinity");
        expect(Object.is(Number(text), value)).toBe(true);
      }),
    );
  });

  test.each([
    [0.1, "0.10000000000000001"],
    [1 / 3, "0.33333333333333331"],
    [100, "100"],
    [1e17, "1e+17"],
    [123456789.125, "123456789.125"],
    [1e-5, "1.0000000000000001e-05"],
    [-0, "-0"],
    [Number.NaN, "nan"],
  ])("of %d is %s, as C's %%.17g prints it", (value, text) => {
    expect(exactText(value)).toBe(text);
  });
});

test("a score without lacks is not told, and lacks are told with what mends them", () => {
  expect(scoreText([])).toBe("");
  const lacks = [
    { what: "code", fix: "commit your changes", why: "2 files" },
    { what: "seeds", fix: "seed step fit", why: "random numbers were drawn" },
  ] as const;
  expect(scoreText(lacks)).toBe(
    "replayable 4/6: commit your changes (2 files), seed step fit (random numbers were drawn)",
  );
});

test("what is known of a file of the machine is found out again when the file is another", () => {
  using folder = temporaryFolder();
  const file = folder.write("lib", "one");
  let asked = 0;
  const ask = (): string | undefined => {
    const memory = openFileMemory(folder.path);
    const answer = memory.remembered("text", file, () => {
      asked++;
      return readFileSync(file, "utf8");
    });
    memory.save();
    return answer;
  };
  expect([ask(), ask(), asked]).toEqual(["one", "one", 1]);
  folder.write("lib", "another");
  expect([ask(), asked]).toEqual(["another", 2]);
  rmSync(file);
  expect(ask()).toBeUndefined();
});
