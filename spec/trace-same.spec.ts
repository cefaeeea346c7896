/** A step does the same whether it is traced or not: what it gives, what it prints, and how it fails. */
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type { Execution } from "../src/repro/execute.ts";
import { traced } from "../src/repro/trace/traced.ts";
import { noR } from "./support/r-step.ts";
import { type Wanted, executeStep, newRoot } from "./support/traced.ts";
import { type Script, scriptsOfNode, scriptsOfR } from "./support/traced-scripts.ts";

test.skipIf(noR).each(scriptsOfR)("R: $title", (script) => same(script));
test.each(scriptsOfNode)("Node: $title", (script) => same(script));

test.skipIf(noR)("a crate of R, a model and functions are saved with the same bytes", () =>
  same({
    language: "r",
    code: `make <- function(n) function(x) x + n
fit <- lm(dist ~ speed, cars)
saveRDS(list(make(2), fit, sd), "kept.rds", version = 3)
save(make, file = "kept.RData")
value <- cp`,
  }),
);

test.skipIf(noR)(
  "an error of R points to its line, in functions and in what they are given",
  async () => {
    const code = "f <- function(x) {\n  a <- 1\n  sort(x)\n}\nf(stop('no'))";
    await same({ language: "r", code });
  },
);

test("an error of Node points to its line and column", async () => {
  const code = "const value = 1;\nfunction f() {\n  return Math.random() + null.x;\n}\nf(); f();";
  await same({ language: "js", code });
});

/** With and without: all that the step has given, printed and left behind. */
async function same({ language, code, files = {} }: Omit<Script, "title">): Promise<void> {
  const wanted: Wanted = {
    language,
    code,
    files,
    run: "  seed 3\n  param cp = 0.5\n  param unused = 1",
    step: "    metric value",
    env: { TZ: "UTC" },
  };
  const root = newRoot();
  const plain = leftBy(await executeStep(wanted, undefined, root));
  const watched = leftBy(await executeStep(wanted, traced(undefined), root));
  expect(watched).toEqual(plain);
}

function leftBy({ results, project, folderOf }: Execution): unknown {
  const files = readdirSync(project).filter((name) => /^kept|\.txt$/.test(name));
  return {
    results: { ...results, steps: results.steps.map(({ outputs }) => outputs) },
    log: withoutAddresses(readFileSync(path.join(folderOf("one"), "log.txt"), "utf8")),
    files: files.map((name) => `${name} ${sha256(readFileSync(path.join(project, name)))}`),
  };
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Where a function lies in memory is printed with it, and differs each time. */
function withoutAddresses(text: string): string {
  return text.replaceAll(/<(bytecode|environment): 0x[0-9a-f]+>/g, "<$1>");
}
