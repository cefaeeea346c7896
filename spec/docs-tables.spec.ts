/** The documentation's tables say what the program says; `UPDATE=1` rewrites those that are wholly the program's. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { describeDomain } from "../src/check/domain.ts";
import { stdMetrics } from "../src/check/std/metrics.ts";
import { documentStandard } from "../src/cli/std-docs.ts";
import { stdlib } from "../src/cli/open.ts";
import { diskFiles } from "../src/source/disk.ts";
import { exitCodes, exitMeanings } from "../src/cli/exit.ts";
import { lower } from "../src/plan/lower.ts";
import { allLaws } from "../src/repro/laws/all-laws.ts";
import type { Plan } from "../src/plan/plan.ts";
import { type Code, messages } from "../src/source/messages.ts";
import { formats, types } from "../src/syntax/parse/closed-sets.ts";
import { findCases } from "./support/cases.ts";
import { check, standard } from "./support/check.ts";
import { type CommandHelp, readCommands } from "./support/docs-commands.ts";
import { type Page, readPage, readTable, rewriteTable } from "./support/docs-page.ts";
import { root } from "./support/mlpipe.ts";
import { programOf, runOf } from "./support/program.ts";

const language = readPage("spec/language.md");
const readme = readPage("README.md");
const workshop = readPage("spec/workshop.md");
const testing = readPage("spec/testing.md");
const map = readPage("src/README.md");
const update = process.env["UPDATE"] === "1" && !process.env["CI"];

type Rows = readonly (readonly string[])[];

/** Cells of some columns, without the ticks of code. */
function columns(page: Page, table: string, ...indices: readonly number[]): Rows {
  const plain = (cell = ""): string => cell.replaceAll("`", "");
  return readTable(page, table).map((row) => indices.map((index) => plain(row[index])));
}

function expectTable(page: Page, name: string, rows: Rows): void {
  if (update) rewriteTable(page, name, rows);
  else expect(readTable(page, name)).toEqual(rows);
}

const code = (text: string): string => `\`${text}\``;

describe("the language page", () => {
  test("lists every type", () => {
    expect(columns(language, "types", 0).flat()).toEqual(types.names);
  });

  test("lists every format, and where an artifact of it goes", () => {
    const script = { "a.R": "name <- 1" };
    const rows = formats.names.map((format) => {
      const [step] = runOf(`artifact name: ${format}\nscript "a.R"`, script).steps;
      return [format, step?.artifacts[0]?.path];
    });
    expect(columns(language, "formats", 0, 1)).toEqual(rows);
  });

  test("lists every standard metric with its direction and domain", () => {
    const rows = [...stdMetrics].map(([name, { takes, goal, domain, what }]) => [
      `${name}(${takes.join(", ")})`,
      goal,
      describeDomain(domain),
      what.replaceAll("`", ""),
    ]);
    expect(columns(language, "metrics", 0, 1, 2, 3)).toEqual(rows);
  });

  test("lists every module of the standard library and its names", () => {
    const named = new Map(columns(language, "std", 0, 1).map(([from = "", what]) => [from, what]));
    expect([...named.keys()].toSorted()).toEqual(Object.keys(standard).toSorted());
    const documented = documentStandard(diskFiles(stdlib, stdlib));
    expect(documented.map(({ path: of }) => of)).toEqual([...named.keys()]);
    for (const { path: of, entries } of documented)
      for (const { name } of entries) expect(named.get(of), of).toContain(name);
  });

  test("lists every event of --json with what it tells", () => {
    const source = readFileSync(path.join(root, "src/run/event.ts"), "utf8");
    const [, union = ""] = source.split("export type RunEvent");
    const rows = [...union.matchAll(/readonly kind: "([a-z-]+)"([^}]*)}/g)].map(
      ([, kind = "", rest = ""]) => [
        kind,
        [...rest.matchAll(/readonly (\w+):/g)].map(([, field]) => field).join(", "),
      ],
    );
    expect(rows.map(([kind]) => kind)).toContain("sweep-ended");
    expect(columns(language, "events", 0, 1)).toEqual(rows);
  });

  test("lists what a run with a promise pins", () => {
    const plan = planOf("seed 1\nmetric x\n```r\nx <- 1\n```\nreproducible exact");
    const step = plan.kind === "run" && plan.actions.find(({ kind }) => kind === "step");
    const env = step && step.kind === "step" ? Object.entries(step.env) : [];
    expect(columns(language, "pinned", 0, 1)).toEqual(env);
  });

  test("lists every command with its options, as the help does", async () => {
    const rows = (await readCommands()).map(({ usage, description, options }) => [
      code(usage),
      description,
      options.map(code).join(", "),
    ]);
    expectTable(language, "commands", rows);
  });

  test("lists every law of reproducibility", () => {
    expectTable(
      language,
      "laws",
      allLaws.map(({ id, title, statement }) => [id, title, statement]),
    );
  });

  test("lists every finding, whether it is a warning, and whether it can be mended", () => {
    const fixable = findFixable();
    const rows = (Object.keys(messages) as Code[])
      .toSorted()
      .map((one) => [
        one,
        messages[one].severity,
        fixable.has(one) ? "✎" : "",
        messages[one].title,
      ]);
    expectTable(language, "findings", rows);
  });
});

function planOf(items: string): Plan {
  return lower(programOf(`mlpipe 1\nrun main {\n${items}\n}\n`), "main", {
    params: {},
    adopt: false,
  });
}

/** Codes of which a golden case is mended by a mechanical fix. */
function findFixable(): ReadonlySet<string> {
  const found = findCases().flatMap(({ contents, entry }) => check(contents, entry));
  return new Set(found.filter(({ edits }) => edits.length > 0).map((one) => one.code));
}

test("the map of the source names the folders, and what each may import, as the layers' test does", () => {
  const rows = readFileSync(path.join(root, "spec", "layers.spec.ts"), "utf8")
    .split("const layers")[1]
    ?.split("};")[0]
    ?.matchAll(/^ {2}(?<folder>\w+): \[(?<allowed>[^\]]*)\],$/gm);
  const layers = [...(rows ?? [])].map(({ groups }) => [
    groups?.["folder"],
    groups?.["folder"] === "cli" ? "all" : groups?.["allowed"]?.replaceAll('"', "") || "–",
  ]);
  expect(layers.length).toBeGreaterThan(5);
  expect(columns(map, "layers", 0, 2).toSorted()).toEqual(layers.toSorted());
});

describe.each([language, readme])("in $name", (page) => {
  test("the exit codes are those of the program, and mean what the help says", () => {
    const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
    const rows = names.map((name) => [String(exitCodes[name]), exitMeanings[name]]);
    expect(columns(page, "exits", 0, 1)).toEqual(rows);
  });
});

describe.each([language, readme, workshop, testing])("in $name", (page) => {
  test("every command that is named exists, with the options that are named beside it", async () => {
    const commands = new Map((await readCommands()).map((one) => [one.name, one]));
    for (const words of wordsFor(page))
      expect(strangeWords(words, commands), `mlpipe ${words}`).toEqual([]);
  });
});

describe.each([language, readme, workshop, testing, map])("in $name", (page) => {
  test("every link to a file of the project leads to one", () => {
    const folder = path.dirname(path.join(root, page.name));
    const targets = [...page.text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = ""]) => to);
    expect(targets.filter((target) => !existsSync(path.join(folder, target)))).toEqual([]);
  });

  test("every link to a heading leads to one", () => {
    const headings = [...page.text.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) => anchor(title));
    const targets = [...page.text.matchAll(/\]\(#([^)]+)\)/g)].map(([, to = ""]) => to);
    expect(targets.filter((target) => !headings.includes(target))).toEqual([]);
  });
});

/** What stands behind `mlpipe`, wherever the page says what to type: between ticks, after `$ `, and in ```sh blocks. */
function wordsFor({ text, blocks }: Page): readonly string[] {
  const shell = blocks
    .filter(({ language: written }) => written === "sh")
    .map((block) => block.text.replaceAll(/\s+#.*$/gm, ""))
    .join("");
  return [
    ...text.matchAll(/(?:`|^\$ )mlpipe ([a-z-][^`\n]*)/gm),
    ...shell.matchAll(/^(?:.* && )?(?:\w+=\S+ )*(?:npx )?mlpipe (.+)$/gm),
  ].map(([, words = ""]) => words);
}

/** What GitHub makes of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(" ", "-");
}

/** Of a command line: the command if there is none of that name, and options that the command does not have. */
function strangeWords(
  words: string,
  commands: ReadonlyMap<string, CommandHelp>,
): readonly string[] {
  const [name = "", ...rest] = words.split(/\s+/);
  if (name.startsWith("--")) return name === "--version" || name === "--help" ? [] : [name];
  const command = commands.get(name);
  if (!command) return name === "help" ? [] : [name];
  const known = command.options.flatMap((flags) => flags.match(/--?[A-Za-z-]+/g) ?? []);
  return rest.filter((word) => /^--?[A-Za-z]/.test(word) && !known.includes(word));
}

test("exactly two lines of the README are commands that a fresh clone can type at once", () => {
  const lines = readme.text.split("\n").filter((line) => line.startsWith("npm install && "));
  expect(lines).toEqual([
    "npm install && npx mlpipe run examples/quickstart/quickstart.mlpipe",
    "npm install && npm test",
  ]);
});
