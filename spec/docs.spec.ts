/**
 * The documentation, executed: what README.md, spec/language.md, spec/workshop.md, spec/reproducible.md and spec/testing.md show as files and as typed at a console.
 *
 * A page says by HTML comments, on the lines right above a block, what the block is:
 *
 *   <!-- file NAME -->     the block is that file, for the blocks below it (a later one replaces an earlier one)
 *   <!-- finds CODE … -->  an ```mlpipe block in which exactly these findings are made, in this order
 *   <!-- needs TOOL -->    a ```console block that can only be typed where `Rscript` or `MLflow` is; under CI=true it must be
 *   <!-- table NAME -->    the table below is compared with the program
 *
 * ```mlpipe blocks are complete files: compiled, without a finding, and laid out as `mlpipe fmt` does it.
 * A file that a command has changed stays as it is until the page shows a new one.
 * ```console blocks hold commands after `$ ` and what they print. All those of a section (`## …`) are typed in order in
 * a fresh folder that holds the page's files so far. A line `…` stands for any lines, `…` in a line for any text;
 * ids, times, durations, memory, digits after the eighth and the width of columns are not compared. After a command that does not
 * end with exit code 0 the page shows `$ echo $?`. `UPDATE=1` writes what is printed now into the pages; read it before you
 * commit it.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { parse } from "../src/syntax/parse.ts";
import { print } from "../src/syntax/print.ts";
import { check, printFindings } from "./support/check.ts";
import {
  type Answered,
  type Typed,
  isAsSaid,
  normalise,
  readConsole,
  typeCommands,
} from "./support/docs-console.ts";
import { type Block, type Page, filesBefore, readPage, rewrite } from "./support/docs-page.ts";
import { mlflowFolder } from "./support/mlflow.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

const update = process.env["UPDATE"] === "1" && !process.env["CI"];
const pages = [
  "README.md",
  "spec/language.md",
  "spec/workshop.md",
  "spec/reproducible.md",
  "spec/testing.md",
].map(readPage);

/** MLflow and R as WebAssembly each take seconds to start, more where other tests run beside them. */
const sectionMilliseconds = 240_000;

const tools: Readonly<Record<string, boolean>> = {
  Rscript: spawnSync("Rscript", ["--version"]).status === 0,
  MLflow: mlflowFolder !== undefined,
};

/** False, with the reason printed, where the machine lacks what the block needs; in CI that is a failure. */
function canType(page: Page, { needs, line }: Block): boolean {
  const lacking = needs.filter((tool) => !tools[tool]);
  if (lacking.length === 0) return true;
  const reason = `${page.name}:${line} needs ${lacking.join(" and ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return false;
}

describe.each(pages)("$name", (page) => {
  const files = page.blocks.filter(({ language }) => language === "mlpipe");

  test.each(files)("the file of line $line is found to be as the page says", (block) => {
    const name = block.file ?? "example.mlpipe";
    const found = check({ ...filesBefore(page, block), [name]: block.text }, name);
    expect(found.map(({ code }) => code).join(" "), printFindings(found)).toBe(
      block.finds.join(" "),
    );
  });

  test.each(files.filter(({ finds }) => finds.length === 0))(
    "the file of line $line is laid out as fmt does it",
    ({ text }) => {
      const laidOut = print(parse({ path: "example.mlpipe", text }).module);
      if (update) rewrite(page.name, text, laidOut);
      else expect(text).toBe(laidOut);
    },
  );

  const typed = page.blocks.filter(({ language }) => language === "console");
  const sections = Map.groupBy(typed, ({ section }) => section);

  test.each([...sections.keys()])(
    "what is typed under `%s` is answered as shown",
    { timeout: sectionMilliseconds },
    async (name) => {
      const blocks = (sections.get(name) ?? []).filter((block) => canType(page, block));
      await typeSection(page, blocks);
    },
  );

  test("uses no other kind of block, and no mark that nobody reads", () => {
    const known = ["mlpipe", "console", "sh", "yaml", "r", "js", "csv", "text", "ts"];
    expect(page.blocks.filter(({ language }) => !known.includes(language))).toEqual([]);
    const marked = page.text.match(/^<!-- (file|finds|needs) .*-->$/gm) ?? [];
    const read = page.blocks.flatMap(({ file, finds, needs }) => [
      ...(file ? [file] : []),
      ...(finds.length > 0 ? [finds] : []),
      ...(needs.length > 0 ? [needs] : []),
    ]);
    expect(read).toHaveLength(marked.length);
  });
});

/** Types what the blocks show, in order; with UPDATE=1 what differs is written into the page instead, to be read again. */
async function typeSection(page: Page, blocks: readonly Block[]): Promise<void> {
  using folder = temporaryFolder();
  const written = new Map<string, string>();
  for (const block of blocks) {
    for (const [name, text] of Object.entries(filesBefore(page, block)))
      if (written.get(name) !== text) {
        written.set(name, text);
        folder.write(name, text);
      }
    const said = readConsole(block.text);
    const answers = await typeCommands(
      said.map(({ command }) => command),
      folder.path,
    );
    // With the end of the fence: a block may begin as another one does.
    if (update) rewrite(page.name, `${block.text}\`\`\``, `${renew(said, answers)}\`\`\``);
    else
      for (const [index, answer] of answers.entries())
        compareAnswer(`${page.name}:${block.line}`, answer, said.slice(index));
  }
}

/** The block's text with the answers of now where they differ. */
function renew(said: readonly Typed[], answers: readonly Answered[]): string {
  return said
    .map(({ command, printed: before }, index) => {
      const now = answers[index]?.printed.trimEnd() ?? "";
      const kept = isAsSaid(before, now) ? before : now && `${now}\n`;
      return `$ ${command}\n${kept}`;
    })
    .join("");
}

function compareAnswer(
  place: string,
  { command, printed, code }: Answered,
  [said, next]: readonly Typed[],
): void {
  const expected = said?.printed ?? "";
  const where = `${place}  $ ${command}`;
  if (!isAsSaid(expected, printed)) expect(normalise(printed), where).toBe(normalise(expected));
  if (next?.command !== "echo $?") expect(code, where).toBe(0);
}

describe("the comparison of answers", () => {
  test.each([
    ["rmse = 0.26727144393779145\n", "rmse = 0.26727144393779188\n"],
    ["run 6a51d11802973995dbcfc94a4e4ce532\n", "run 84cfde19dbd1ae48d83dfe701230b45c\n"],
    ["done  fit  0.21 s\n", "done  fit  13.1 s\n"],
    ["cuts/01  0.8 s  0.25\n", "cuts/01  96 ms  0.25\n"],
    ["done  fit  0.02 s\n", "done  fit  0.21 s  84.2 MB\n"],
    ["a\n…\nd\n", "a\nb\nc\nd\n"],
    ["Node …, a.mlpipe:9\n", "Node 22.19.0, a.mlpipe:9\n"],
    ["", "\n"],
  ])("takes %j and %j for the same", (said, printed) => {
    expect(isAsSaid(said, printed)).toBe(true);
  });

  test.each([
    ["rmse = 0.267271\n", "rmse = 0.267272\n"],
    ["a\n…\nd\n", "a\nb\nc\n"],
    ["Node …, a.mlpipe:9\n", "Node 22.19.0, a.mlpipe:10\n"],
    ["a.b\n", "axb\n"],
    ["", "error\n"],
    ["  fix: it\n", "fix: it\n"],
  ])("tells %j from %j", (said, printed) => {
    expect(isAsSaid(said, printed)).toBe(false);
  });
});
