/** `mlpipe why RUN_A RUN_B`: the first step by which two recorded runs differ, and what was not the same for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { firstChangedLine } from "../src/repro/replay/why-differ.ts";
import { fence, oneRun } from "./support/attempt.ts";
import { mlpipe } from "./support/mlpipe.ts";

const seed = Number(process.env["SEED"] ?? 20_261_122);

const file = (rate: string) => `mlpipe 1

run main {
  param times: float = 2.0
  step grow {
    input rows from "rows.csv": csv
    metric level
    \`\`\`js
    const level = rows.reduce((sum, { a }) => sum + a, 0) * times;
    \`\`\`
  }
  step shrink {
    metric rest
    \`\`\`js
    const rest = ${rate};
    \`\`\`
  }
}
`;

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-why-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function project(): string {
  const folder = path.join(root, `project-${made++}`);
  mkdirSync(folder);
  put(folder, "main.mlpipe", file("0.5"));
  put(folder, "rows.csv", "a\n1\n2\n3\n");
  return folder;
}

function put(folder: string, name: string, text: string): void {
  writeFileSync(path.join(folder, name), text);
}

async function record(folder: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout } = await mlpipe(["run", "main.mlpipe", ...more], { cwd: folder });
  expect(code).toBe(0);
  return /run (\w{32})/.exec(stdout)?.[1] ?? "";
}

async function why(folder: string, a: string, b: string) {
  const { code, stdout } = await mlpipe(["why", a, b], { cwd: folder });
  return { code, text: stdout.replaceAll(a, "A").replaceAll(b, "B") };
}

test("a changed cell and a changed line of code are told by their lines, of the first step that differs", async () => {
  const folder = project();
  const first = await record(folder);
  put(folder, "rows.csv", "a\n1\n5\n3\n");
  put(folder, "main.mlpipe", file("0.25"));
  const second = await record(folder);
  const { code, text } = await why(folder, first, second);
  expect(code).toBe(3);
  expect(text).toMatch(
    /^grow is the first step that differs: `level`\n {2}data {2}rows\.csv:3 was \w{12}, is \w{12}\nnext: mlpipe replay A --diagnose\n$/,
  );
  put(folder, "rows.csv", "a\n1\n2\n3\n");
  const third = await record(folder);
  const again = await why(folder, first, third);
  expect(again.text).toMatch(
    /^shrink is the first step that differs: `rest`\n {2}code {2}main\.mlpipe:15 was \w{12}, is \w{12}\n/,
  );
});

test("another value of a param is told as it was and is, as data too", async () => {
  const folder = project();
  const first = await record(folder);
  const second = await record(folder, "-P", "times=3.5");
  const { stdout } = await mlpipe(["why", first, second, "--json"], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({
    step: "grow",
    verdict: "DIFFERENT",
    reasons: [{ cause: "param", what: "times", before: "2", after: "3.5", confidence: "likely" }],
  });
});

test("runs that have given the same are said to be so", async () => {
  const folder = project();
  const [first, second] = [await record(folder), await record(folder, "--no-cache")];
  const { code, text } = await why(folder, first, second);
  expect([code, text]).toEqual([0, "IDENTICAL: the runs A and B have given the same\n"]);
});

/** A table and a model are made and used; `rows` is how the table is written, `times` what the second step does with it. */
const handed = (rows: string, times: number) => `mlpipe 1

run main {
  step make {
    artifact rows: csv
    model scale: file at "scale"
    \`\`\`js
    import { writeFileSync } from "node:fs";
    writeFileSync("rows.csv", "${rows}");
    writeFileSync("by.txt", "2");
    const scale = "by.txt";
    \`\`\`
  }
  step use {
    input rows from make
    input scale from make
    metric total
    \`\`\`js
    const total = rows[0].a * ${times};
    \`\`\`
  }
}
`;

test.each([["there"], ["gone"]])(
  "what was only written in other bytes is no difference, while its files are %s",
  async (files) => {
    const folder = project();
    const ids: string[] = [];
    for (const text of [handed("a\\n1\\n", 2), handed("a\\n1.0\\n", 2), handed("a\\n1.0\\n", 3)]) {
      put(folder, "main.mlpipe", text);
      ids.push(await record(folder, "--no-cache"));
    }
    const artifacts = (id: string, name: string) =>
      path.join(folder, "mlruns", "0", id, "artifacts", name);
    if (files === "gone")
      for (const id of ids)
        for (const name of ["rows.csv", "scale"]) rmSync(artifacts(id, name), { recursive: true });
    const [first = "", second = "", third = ""] = ids;
    expect(await why(folder, first, second)).toEqual({
      code: 0,
      text: "IDENTICAL: the runs A and B have given the same; `rows` in other bytes\n",
    });
    const { code, text } = await why(folder, first, third);
    expect(code).toBe(3);
    expect(text).toMatch(
      /^use is the first step that differs: `total`\n {2}code {2}main\.mlpipe:9 was \w{12}, is \w{12}\n {2}data\? {2}rows\.csv has the same content, other bytes\n {2}data\? {2}scale has the same content, other bytes\nnext: /,
    );
  },
);

test("outputs that are gone, and of which only other bytes are known, are left open", async () => {
  const folder = project();
  const packed = (word: string) =>
    oneRun(
      '  artifact packed: file at "packed.bz2"',
      fence("js", `const packed = Buffer.from("BZh9${word}");`),
    );
  put(folder, "main.mlpipe", packed("one"));
  const first = await record(folder);
  put(folder, "main.mlpipe", packed("two"));
  const second = await record(folder);
  for (const id of [first, second])
    rmSync(path.join(folder, "mlruns", "0", id, "artifacts", "packed.bz2"));
  expect(await why(folder, first, second)).toEqual({
    code: 5,
    text: "UNDECIDED: whether the runs A and B have given the same `packed` could not be told\n",
  });
});

test("a run that nobody has recorded is refused with what to do", async () => {
  const folder = project();
  const first = await record(folder);
  const { code, stderr } = await mlpipe(["why", first, "0123456789"], { cwd: folder });
  expect(code).toBe(2);
  expect(stderr).toContain("0123456789");
});

test(`the first changed line is the first that is not the same, or where the longer text goes on (seed ${seed})`, () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("a", "b", " ") }), { minLength: 1 });
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const [old, now] = [before.join("\n"), after.join("\n")];
      const line = firstChangedLine(old, now);
      expect(line === undefined).toBe(old === now);
      if (line === undefined) return;
      const at = line - 1;
      expect(after.slice(0, at)).toEqual(before.slice(0, at));
      if (before.length === after.length) expect(after[at]).not.toBe(before[at]);
    }),
    { seed },
  );
  expect(firstChangedLine("a\0", "b\0")).toBeUndefined();
  expect(firstChangedLine(undefined, "b")).toBeUndefined();
});
