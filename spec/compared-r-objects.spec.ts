/** Objects of R are the same by what they hold, whatever session wrote them; what differs is found by its path. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentDigest } from "../src/content/digest.ts";
import { compareFiles } from "../src/repro/compare/compare-file.ts";
import type { ValueDifference } from "../src/repro/compare/comparison.ts";
import type { Finding } from "../src/repro/compare/finding.ts";
import { noR } from "./support/r-step.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "mlpipe-objects-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Session {
  readonly env?: Readonly<Record<string, string>>;
  readonly keepsSource?: boolean;
  readonly folder?: string;
}

/** Executes R code; what it prints. */
function r(code: string, { env = {}, keepsSource = false, folder = root }: Session = {}): string {
  const file = path.join(root, "code.R");
  writeFileSync(file, code);
  const clean = { ...process.env, LC_ALL: "C.UTF-8", ...env };
  const source = `source(${JSON.stringify(file)}, keep.source = TRUE)`;
  const args = ["--vanilla", ...(keepsSource ? ["-e", source] : [file])];
  return execFileSync("Rscript", args, { env: clean, cwd: folder, encoding: "utf8" });
}

function compare(before: string, after: string): Promise<Finding> {
  return compareFiles(path.join(root, before), path.join(root, after), "rds", process.env);
}

/** Saves each variable of `code`. */
function saving(folder: string, code: string): string {
  const place = JSON.stringify(path.join(root, folder));
  return `${code}\nfor (its in ls()) saveRDS(get(its), file.path(${place}, paste0(its, ".rds")))\n`;
}

function save(folder: string, code: string, session: Session = {}): void {
  mkdirSync(path.join(root, folder), { recursive: true });
  r(saving(folder, code), session);
}

describe.skipIf(noR !== undefined)("the same object", () => {
  const models = `
    set.seed(1)
    lm <- lm(mpg ~ wt + hp, mtcars)
    glm <- glm(am ~ wt, binomial, mtcars)
    rpart <- rpart::rpart(Species ~ ., iris)
    kmeans <- kmeans(iris[, 1:4], 3)
    values <- list(c(a = 1, b = NA, c = NaN, d = -0), 1:10, as.character(1:5), as.character(c(0.1, 1e5, 1e-20)),
      quote(function(x) x + 1), as.raw(1:3), 1i, factor(c("a", "b")), sort(c(2, 1)), ISOdate(2026, 1, 1), "\\u00e9")
    frame <- data.frame(x = c("\\u00e9", "b"), y = 1:2)
    closure <- (function(m) function(x) { x + m })(3)
    closure(1)
    closure(2)
    closure(3)
    hash <- new.env()
    invisible(lapply(sample(letters), function(it) assign(it, it, hash)))
    hash$self <- hash
    inside <- (function() { made <- tempfile(); at <- Sys.time(); stats::lm(mpg ~ wt, mtcars) })()
    crate <- serialize(structure(closure, class = "crate"), NULL)`;
  const sessions: Readonly<Record<string, Session>> = {
    session: {},
    folder: { folder: tmpdir() },
    "keep.source": { keepsSource: true },
    "R_ENABLE_JIT=0": { env: { R_ENABLE_JIT: "0" } },
    "LC_ALL=C": { env: { LC_ALL: "C" } },
  };

  beforeAll(() => {
    save("before", models);
    for (const [name, session] of Object.entries(sessions)) save(name, models, session);
  });

  test.each(Object.keys(sessions))(
    "has the same content, written under another %s",
    async (name) => {
      const rungs: Record<string, string | undefined> = {};
      for (const file of readdirSync(path.join(root, "before"))) {
        const finding = await compare(`before/${file}`, `${name}/${file}`);
        rungs[file] = finding.rung === "bytes" ? "content" : finding.rung;
        const digests = ["before", name].map((it) =>
          contentDigest(path.join(root, it, file), "rds"),
        );
        expect((await digests[0]) === (await digests[1])).toBe(rungs[file] === "content");
      }
      expect(rungs).toEqual({
        ...Object.fromEntries(readdirSync(path.join(root, "before")).map((it) => [it, "content"])),
        "inside.rds": "environments",
      });
    },
  );

  test("is told to differ by what its formula has captured", async () => {
    const { difference } = await compare("before/inside.rds", "session/inside.rds");
    expect(difference).toMatchObject({
      count: 2,
      values: [
        { path: 'attr($terms, ".Environment")$at' },
        { path: 'attr($terms, ".Environment")$made' },
      ],
    });
  });

  test("has the same content in every format and compression that R writes", async () => {
    r(`x <- readRDS("before/values.rds")
      saveRDS(x, "ascii.rds", ascii = TRUE)
      saveRDS(x, "two.rds", version = 2)
      saveRDS(x, "plain.rds", compress = FALSE)
      saveRDS(x, "bzip2.rds", compress = "bzip2")
      saveRDS(x, "xz.rds", compress = "xz")
      writeBin(serialize(x, NULL, xdr = FALSE), "native.rds")`);
    for (const name of ["ascii", "two", "plain", "bzip2", "xz", "native"])
      expect([name, (await compare("before/values.rds", `${name}.rds`)).rung]).toEqual([
        name,
        "content",
      ]);
  });
});

describe.skipIf(noR !== undefined)("two objects", () => {
  async function values(before: string, after: string): Promise<readonly ValueDifference[]> {
    save("one", `x <- ${before}`);
    save("other", `x <- ${after}`);
    const { difference } = await compare("one/x.rds", "other/x.rds");
    return difference?.kind === "values" ? difference.values : [];
  }

  test("are told apart by path and values, as R writes them", async () => {
    const fit = (slope: string) =>
      `list(coefficients = c(lstat = -0.95, rm = ${slope}), call = quote(lm(a ~ b)), n = 3L)`;
    expect(await values(fit("5.0947"), fit("5.0951"))).toEqual([
      { path: '$coefficients[["rm"]]', before: "5.0947", after: "5.0951" },
    ]);
  });

  test.each([
    ["1", "1L", "", "1", "1L"],
    ["c(1, NA)", "c(1, NaN)", "[2]", "NA", "NaN"],
    ["0", "-0", "", "0", "-0"],
    ["'a'", "NA_character_", "", '"a"', "NA"],
    ["list(1, 2)", "list(1)", "length()", "2", "1"],
    ["list(a = 1)", "list(a = 1, b = 2)", "$b", "nothing", "2"],
    ["structure(1, unit = 'm')", "structure(1, unit = 'km')", 'attr(, "unit")', '"m"', '"km"'],
    ["factor('a')", "factor('b')", 'attr(, "levels")', '"a"', '"b"'],
    ["quote(a + b * 2)", "quote(a + b * 3)", "[[3]][[3]]", "2", "3"],
    ["function(x) x + 1", "function(x) x + 2", "body()[[3]]", "1", "2"],
    ["function(x = 1) x", "function(x = 2) x", "formals()$x", "1", "2"],
    ["list2env(list(`a b` = 1))", "list2env(list(`a b` = 2))", '[["a b"]]', "1", "2"],
    ["globalenv()", "baseenv()", "", "R_GlobalEnv", "base"],
    ["mtcars", "mtcars[-1, ]", "length($mpg)", "32", "31"],
    ["TRUE", "NA", "", "TRUE", "NA"],
    ["1i", "2i", "", "0+1i", "0+2i"],
    ["as.raw(1)", "as.raw(255)", "", "0x01", "0xff"],
  ])("%s and %s", async (a, b, at, before, after) => {
    expect((await values(a, b))[0]).toEqual({ path: at, before, after });
  });

  test("with pointers out of R say what was not compared", async () => {
    save("one", "x <- list(a = 1, p = methods::new('externalptr'))");
    save("other", "x <- list(p = methods::new('externalptr'), a = 1)[2:1]", {
      env: { LC_ALL: "C" },
    });
    expect(await compare("one/x.rds", "other/x.rds")).toMatchObject({
      rung: "content",
      notes: ["`$p` is a pointer out of R: what it points to is in no file"],
    });
  });
});

/** An object as R code, and the same with one leaf changed. */
interface Case {
  readonly before: string;
  readonly after: string;
}

const number = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((it) => (Object.is(it, -0) ? "0" : String(it).replace(/^-(.*)/, "(-$1)")));
const text = fc
  .string({ unit: "grapheme", maxLength: 6 })
  .filter((it) => it.normalize("NFC") === it)
  .map((it) => JSON.stringify(it.replace(/[\0\p{Cc}\p{Cf}\ud800-\udfff]/gu, "x")));
const name = fc.constantFrom("a", "b", "rm", "a b", "é", ".x", "if", "_y");

interface Tree {
  readonly print: (change: number | undefined) => string;
  readonly leaves: number;
}

function vector(elements: readonly string[], other: string, names: readonly string[]): Tree {
  const isNamed = names.length === elements.length;
  return {
    leaves: elements.length,
    print(change) {
      const shown = elements.map((it, at) => (at === change ? other : it));
      return `c(${shown.map((it, at) => (isNamed ? `\`${names[at]}\` = ${it}` : it)).join(", ")})`;
    },
  };
}

function list(
  items: readonly Tree[],
  names: readonly string[],
  wrap: (text: string) => string,
): Tree {
  const isNamed = names.length >= items.length;
  return {
    leaves: items.reduce((sum, it) => sum + it.leaves, 0),
    print(change) {
      let left = change ?? -1;
      const shown = items.map((it, at) => {
        const own = left >= 0 && left < it.leaves ? left : undefined;
        left = own === undefined ? left - it.leaves : -1;
        return isNamed ? `\`${names[at]}\` = ${it.print(own)}` : it.print(own);
      });
      return wrap(`list(${shown.join(", ")})`);
    },
  };
}

const uniqueNames = fc.uniqueArray(name, { maxLength: 4 });
const leaf = fc.oneof(
  fc
    .tuple(fc.array(number, { minLength: 1, maxLength: 4 }), uniqueNames)
    .map(([elements, names]) => vector(elements, "0.123456789", names)),
  fc
    .tuple(fc.array(text, { minLength: 1, maxLength: 4 }), uniqueNames)
    .map(([elements, names]) => vector(elements, '"changed it"', names)),
);
const tree = fc.letrec<{ readonly node: Tree; readonly list: Tree }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, leaf, tie("list")),
  list: fc
    .tuple(
      fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
      uniqueNames,
      fc.constantFrom<(text: string) => string>(
        (it) => it,
        (it) => `structure(${it}, class = "fit")`,
        (it) => `structure(list(1), extra = ${it})`,
      ),
    )
    .map(([items, names, wrap]) => list(items, names, wrap)),
})).node;
const object = fc
  .tuple(tree, fc.nat())
  .map(([it, at]): Case => ({ before: it.print(undefined), after: it.print(at % it.leaves) }));

/** The path with the object's name where it is left out: `attr(x$a, "k")`. */
function rooted(at: string): string {
  return at.replace(/^((?:attr\(|names\(|length\()*)/, "$1x");
}

describe.skipIf(noR !== undefined)("any object", () => {
  test("written under another locale and compiler is the same; one change is found, and its path leads there in R", async () => {
    const cases = fc.array(object, { minLength: 30, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cases, (some) => checkCases(some)),
      { numRuns: 3 },
    );
  });
});

async function checkCases(cases: readonly Case[]): Promise<void> {
  const folder = mkdtempSync(path.join(root, "cases-"));
  const code = (side: keyof Case, name_: string): string =>
    cases
      .map(
        (it, at) => `saveRDS(${it[side]}, ${JSON.stringify(path.join(folder, `${name_}${at}`))})\n`,
      )
      .join("");
  r(code("before", "before") + code("after", "after"));
  r(code("before", "again"), { env: { LC_ALL: "C.UTF-8", R_ENABLE_JIT: "0", LC_COLLATE: "C" } });
  const paths: string[] = [];
  for (const [at] of cases.entries()) {
    const file = (side: string): string => path.relative(root, path.join(folder, `${side}${at}`));
    expect(["bytes", "content"]).toContain((await compare(file("before"), file("again"))).rung);
    const { rung, difference } = await compare(file("before"), file("after"));
    expect([rung, difference]).toMatchObject([undefined, { kind: "values", count: 1 }]);
    paths.push(difference?.kind === "values" ? (difference.values[0]?.path ?? "") : "");
  }
  writeFileSync(path.join(folder, "paths"), paths.map((it) => `${rooted(it)}\n`).join(""));
  const said = r(`
    paths <- readLines(${JSON.stringify(path.join(folder, "paths"))}, encoding = "UTF-8")
    for (i in seq_along(paths)) {
      x <- readRDS(file.path(${JSON.stringify(folder)}, paste0("before", i - 1)))
      y <- readRDS(file.path(${JSON.stringify(folder)}, paste0("after", i - 1)))
      set <- str2lang(paste(paths[i], "<-", "value"))
      value <- eval(str2lang(paths[i]), list(x = y))
      eval(set)
      cat(identical(x, y), "\\n")
    }`);
  expect(said.trim().split(/\s+/)).toEqual(cases.map(() => "TRUE"));
}

test.skipIf(noR !== undefined)(
  "a file of an object that is cut off is undecided, wherever",
  async () => {
    save("one", "x <- list(a = 1:3, b = quote(f(x)), c = function(x) x)");
    r('saveRDS(readRDS("one/x.rds"), "whole.rds", compress = FALSE)');
    const whole = readFileSync(path.join(root, "whole.rds"));
    for (let end = 2; end < whole.length; end += 7) {
      writeFileSync(path.join(root, "cut.rds"), whole.subarray(0, end));
      expect(await compare("whole.rds", "cut.rds")).toMatchObject({ isUndecided: true });
    }
  },
);

test.skipIf(noR !== undefined)("tables of parquet are compared as R reads them", async () => {
  // Where neither package can be had: one of that name, whose tables are csv behind the first four bytes.
  const [source, library] = [path.join(root, "nanoparquet"), path.join(root, "library")];
  mkdirSync(path.join(source, "R"), { recursive: true });
  mkdirSync(library);
  writeFileSync(path.join(source, "DESCRIPTION"), "Package: nanoparquet\nVersion: 0.1\n");
  writeFileSync(path.join(source, "NAMESPACE"), "export(read_parquet)\n");
  writeFileSync(
    path.join(source, "R", "read.R"),
    "read_parquet <- function(file) utils::read.csv(text = sub('^PAR1', '', readLines(file)))\n",
  );
  r(`install.packages("nanoparquet", "library", repos = NULL, type = "source", quiet = TRUE)`);
  const env = { ...process.env, R_LIBS: library };
  const write = (name: string, table: string): string => {
    writeFileSync(path.join(root, name), `PAR1${table}`);
    return path.join(root, name);
  };
  const [one, same, other] = [
    write("a.parquet", "x,y\n1,a\n"),
    write("b.parquet", 'x,"y"\n1.0,a\n'),
    write("c.parquet", "x,y\n2,a\n"),
  ];
  expect((await compareFiles(one, other, "parquet", env)).difference).toMatchObject({
    values: [{ path: "$x", before: "1L", after: "2L" }],
  });
  expect((await compareFiles(one, same, "parquet", env)).difference).toMatchObject({
    values: [{ path: "$x", before: "1L", after: "1" }],
  });
  writeFileSync(same, "PAR1x,y\n1,'a'\n".replaceAll("'", '"'));
  expect((await compareFiles(one, same, "parquet", env)).rung).toBe("content");
});
