/** Several steps at once: as many as `-j` and their resources allow, shown one after the other, and each with its own fate. */
import { describe, expect, test } from "vitest";
import { attempt, fence, oneRun } from "./support/attempt.ts";
import { readArtifact } from "./support/facts.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

/** Says when it began and ended, and stays until `others` steps beside it have begun. */
function meeting(name: string, others: readonly string[], ...items: readonly string[]): string {
  return [
    `  step ${name} {`,
    ...items,
    fence(
      "js",
      'import { existsSync, writeFileSync } from "node:fs"',
      `writeFileSync("begun-${name}", "")`,
      `console.log("${name} begins")`,
      `const others = ${JSON.stringify(others.map((other) => `begun-${other}`))}`,
      "while (!others.every((other) => existsSync(other))) await new Promise((go) => setTimeout(go, 5))",
      `console.log("${name} ends")`,
    ),
    "  }",
  ].join("\n");
}

/** Fails where another step of its kind is at work. */
function alone(name: string, ...items: readonly string[]): string {
  return [
    `  step ${name} {`,
    ...items,
    fence(
      "js",
      'import { rmdirSync, mkdirSync } from "node:fs"',
      'mkdirSync("at-work")',
      "await new Promise((go) => setTimeout(go, 30))",
      'rmdirSync("at-work")',
    ),
    "  }",
  ].join("\n");
}

describe.concurrent("steps that do not need each other", () => {
  test("run at once under -j, and what they print is shown step by step", async () => {
    using folder = temporaryFolder();
    const names = ["a", "b", "c"];
    const steps = names.map((name) => meeting(name, names));
    const tried = await attempt(folder, oneRun(...steps), { words: ["-j", "3"] });
    expect(tried.stderr).toBe("");
    expect(tried.code).toBe(0);
    for (const name of names)
      expect(tried.stdout).toMatch(
        new RegExp(`step {2}${name} .*\n${name} begins\n${name} ends\ndone {2}${name} `),
      );
    for (const name of names)
      expect(await readArtifact(undefined, folder.path, `mlpipe/log/${name}.txt`)).toContain(
        "ends",
      );
  });

  test("run one by one without -j, in an order that the seed of the run decides", async () => {
    using folder = temporaryFolder();
    const steps = ["a", "b", "c", "d"].map((name) => alone(name));
    const orders = [];
    for (const seed of [1, 1, 2, 3, 4]) {
      const source = oneRun(`  seed ${seed}`, ...steps);
      const tried = await attempt(folder, source, { words: ["--no-cache"] });
      expect([tried.stderr, tried.code]).toEqual(["", 0]);
      orders.push([...tried.stdout.matchAll(/^step {2}(\w)/gm)].map(([, name]) => name).join(""));
    }
    expect(orders[0]).toBe(orders[1]);
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  test("wait for each other where they ask for more than there is", async () => {
    using folder = temporaryFolder();
    const steps = ["a", "b", "c"].map((name) =>
      alone(name, "    resources {", "      cpus 3", "    }"),
    );
    const tried = await attempt(folder, oneRun(...steps), { words: ["-j", "4"] });
    expect([tried.stderr, tried.code]).toEqual(["", 0]);
  });

  test("are warned of what the machine does not have, and take all there is", async () => {
    using folder = temporaryFolder();
    const source = oneRun(
      alone("big", "    resources {", "      gpus 2", "      memory 900000GiB", "    }"),
    );
    const { code, stdout, stderr } = await attempt(folder, source, {
      env: { CUDA_VISIBLE_DEVICES: "0" },
    });
    expect(code).toBe(0);
    const told = [...(stdout + stderr).matchAll(/R0866 {2}(.*)/g)].map(([, said]) => said);
    expect(told).toEqual([
      expect.stringMatching(
        /^`big` asks for 900000\.0 GiB of memory, and this machine has [\d.]+ GiB of memory$/,
      ),
      "`big` asks for 2 gpus, and this machine has 1",
    ]);
  });

  test("share the gpus that are visible", async () => {
    using folder = temporaryFolder();
    const steps = ["a", "b"].map((name) => alone(name, "    resources {", "      gpus 1", "    }"));
    const tried = await attempt(folder, oneRun(...steps), {
      words: ["-j", "4"],
      env: { CUDA_VISIBLE_DEVICES: "0" },
    });
    expect([tried.stderr, tried.code]).toEqual(["", 0]);
  });
});

describe.concurrent("a step that fails", () => {
  const failing = (...more: readonly string[]): string =>
    oneRun(
      "  metric told",
      "  step bad {",
      "    artifact data: json",
      fence("js", 'throw new Error("bad")'),
      "  }",
      "  step needs_it {",
      "    input data from bad",
      fence("js", "console.log(data)"),
      "  }",
      "  step needs_that {",
      "    after needs_it",
      fence("js", "const one = 1"),
      "  }",
      "  step beside {",
      fence("js", "const told = 7"),
      "  }",
      "  step later {",
      "    after bad, beside",
      fence("js", 'console.log("at last")'),
      "  }",
      ...more,
    );

  test.each([["1"], ["4"]])(
    "leaves out what needs it and nothing else, with -j %s",
    async (jobs) => {
      using folder = temporaryFolder();
      const tried = await attempt(folder, failing(), { words: ["-j", jobs] });
      expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
      expect(tried.stderr).toContain("error R0810  bad");
      expect(tried.facts[0]?.metrics).toMatchObject({ told: 7 });
      const lines = tried.stdout.split("\n").filter((line) => line.startsWith("left out"));
      expect(lines.toSorted()).toEqual([
        "left out  later, which needs bad",
        "left out  needs_it, which needs bad",
        "left out  needs_that, which needs bad",
      ]);
    },
  );

  test("with --keep-going holds up only what needs its outputs", async () => {
    using folder = temporaryFolder();
    const tried = await attempt(folder, failing(), { words: ["--keep-going"] });
    expect([tried.code, tried.facts[0]?.status]).toEqual([1, "FAILED"]);
    expect(tried.stdout).toContain("at last");
    expect(tried.stdout).toMatch(/done {2}needs_that/);
    expect(tried.stdout).toContain("left out  needs_it, which needs bad\n");
  });
});

test.each(["0", "-1", "two", "1.5"])("-j %s is refused before anything starts", async (jobs) => {
  using folder = temporaryFolder();
  const tried = await attempt(folder, oneRun(fence("js", "const x = 1")), { words: ["-j", jobs] });
  expect([tried.code, tried.facts]).toEqual([2, []]);
  expect(tried.stderr).toContain(`--jobs ${jobs}: expected a whole number from 1`);
});
