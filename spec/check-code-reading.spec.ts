/** What is seen in R and JavaScript without running it: tokens that cover the code, names made and read, calls, texts. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenizeJs } from "../src/check/code/js-tokens.ts";
import { tokenizeR } from "../src/check/code/r-tokens.ts";
import { type Reading, mentions, readingOf } from "../src/check/code/reading.ts";
import { type Token, piecesOf } from "../src/check/code/token.ts";

const tokenizers = { r: tokenizeR, js: tokenizeJs } as const;

/** `kind text` of all tokens that matter. */
function tokens(code: string, language: keyof typeof tokenizers): readonly string[] {
  return piecesOf(code, tokenizers[language](code)).map(({ kind, text }) => `${kind} ${text}`);
}

function kindsOf(code: string, language: keyof typeof tokenizers, kind: Token["kind"]) {
  return tokenizers[language](code)
    .filter((it) => it.kind === kind)
    .map(({ start, end }) => code.slice(start, end));
}

function assigned(code: string, language: "r" | "js" | "ts"): string {
  return [...readingOf(code, language).assigned.keys()].join(" ");
}

function reads(code: string, language: "r" | "js" | "ts"): string {
  return [...readingOf(code, language).read].join(" ");
}

function isCovered(code: string, found: readonly Token[]): boolean {
  const ends = found.map(({ end }) => end);
  const starts = [0, ...ends.slice(0, -1)];
  return (
    found.every(({ start, end }, index) => start === starts[index] && end > start) &&
    (ends.at(-1) ?? 0) === code.length
  );
}

/** Texts made of pieces that begin, end and escape things, so that they nest in every wrong way. */
const difficult = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."' \" ` \\ / // /* */ # \n ${ } { ( ) [ ] r\"( )\" R'---[ ]---' <- <<- -> = == => %in% a cp 1 1e5L .5".split(
          " ",
        ),
        " ",
        "\n",
        "\u{1f600}",
        "\ud83d",
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

describe.each(["r", "js"] as const)("the tokens of %s", (language) => {
  it("cover any text exactly, and never fail", () => {
    fc.assert(
      fc.property(fc.oneof(difficult, fc.string({ unit: "binary" })), (code) => {
        expect(isCovered(code, tokenizers[language](code))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("are read into something, whatever the text is", () => {
    fc.assert(
      fc.property(difficult, (code) => {
        const { calls, texts, assigned: names } = readingOf(code, language);
        for (const { start, end } of [...calls, ...texts])
          expect(0 <= start && start < end && end <= code.length).toBe(true);
        for (const start of names.values()) expect(start < code.length).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("are read quickly and without overflow, however deep they nest", () => {
    const opened = ["[", "(", "/[", "`${", "{", '"\\', 'r"(', "/*", "a=", "\\", "x[", "const a,"];
    const closed = ["[ ]", "{ }", "names( )", "const [ ]", "( )=>", "x[ ]"].map((pair) =>
      pair.split(" "),
    );
    const codes = [
      ...opened.map((part) => part.repeat(20_000)),
      ...closed.map(([open = "", close = ""]) => `${open.repeat(9000)}x${close.repeat(9000)} = y`),
    ];
    const started = performance.now();
    for (const code of codes) readingOf(code, language);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("have brackets that know their partners", () => {
    const code = "f(a[1], { b })";
    const pieces = piecesOf(code, tokenizers[language](code));
    const pairs = pieces.flatMap(({ partner, text }, index) =>
      partner > index ? [`${text}${pieces[partner]?.text}`] : [],
    );
    expect(pairs).toEqual(["()", "[]", "{}"]);
    expect(pieces.find(({ text }) => text === "b")?.around).toBe(
      pieces.findIndex(({ text }) => text === "{"),
    );
  });
});

describe("R's tokens", () => {
  it("know texts of every kind", () => {
    const code = `x <- c("a\\"b", 'c\\'d', r"(e"f)", R"--[g]"]--", "multi
line")`;
    expect(kindsOf(code, "r", "text")).toEqual([
      '"a\\"b"',
      "'c\\'d'",
      'r"(e"f)"',
      'R"--[g]"]--"',
      '"multi\nline"',
    ]);
  });

  it("know names with dots, backticks and letters of all languages", () => {
    expect(kindsOf("a.b .c `d e` précision _x r", "r", "name")).toEqual([
      "a.b",
      ".c",
      "`d e`",
      "précision",
      "x",
      "r",
    ]);
  });

  it("know numbers and operators apart", () => {
    expect(tokens("x<-1e-5L+.5->y%in%0x1F", "r")).toEqual([
      "name x",
      "symbol <-",
      "number 1e-5L",
      "symbol +",
      "number .5",
      "symbol ->",
      "name y",
      "symbol %in%",
      "number 0x1F",
    ]);
  });

  it("leave out comments, with whatever stands in them", () => {
    expect(tokens('a # it\'s "b" <- c\nd', "r")).toEqual(["name a", "name d"]);
  });
});

describe("JavaScript's tokens", () => {
  it("know regular expressions from divisions", () => {
    const code = `a / b / c; x = /[/"]'/g; if (y) /d"/.test(z); (e) / 2; f[0] / 2; return /g'/
const h = { i: 1 } / 2; () => { }
/j"/.test(k); l++ / 2; typeof /m/; 3 / n / o`;
    expect(kindsOf(code, "js", "regex")).toEqual(["/[/\"]'/g", '/d"/', "/g'/", '/j"/', "/m/"]);
  });

  it("know templates, with code in their holes and templates in that", () => {
    expect(tokens("`a${ b + `c${d}` + { e: 1 }.e }f`", "js")).toEqual([
      "template `a${",
      "name b",
      "symbol +",
      "template `c${",
      "name d",
      "template }`",
      "symbol +",
      "symbol {",
      "name e",
      "symbol :",
      "number 1",
      "symbol }",
      "symbol .",
      "name e",
      "template }f`",
    ]);
  });

  it("leave out comments, with whatever stands in them", () => {
    expect(tokens("#!/usr/bin/env node\na // it's `b`\n/* 'c' ** */ d", "js")).toEqual([
      "name a",
      "name d",
    ]);
  });
});

describe("in R a name is assigned", () => {
  it.each([
    ["x <- 1", "x"],
    ["x<-1; y <<- 2; z = 3", "x y z"],
    ["1 -> x; 2 ->> y", "x y"],
    ["x <- y <- 1", "x y"],
    ["if (a) { x = 1 } else y = 2", "x y"],
    ["if ((x = f()) > 1) 2", "x"],
    ["with(df, { x = a; y <- b })", "x y"],
    ["tryCatch(x <- f(), error = function(e) NULL)", "x"],
    ["for (x in 1:3) print(x)", "x"],
    ["assign('x', 1); delayedAssign(\"y\", 2)", "x y"],
    ["x$a <- 1; y[[2]]$b[3] = 4; names(z)[2] <- 'q'; levels(w$v) <- u", "x y z w"],
    ["`my metric` <- 1; 'quoted' <- 2", "my metric quoted"],
    ["mtcars |> f() -> x", "x"],
    ["data(iris, package = 'datasets')", "iris"],
    ["f <- function(a, b = 2) { x <- a; x }", "f x"],
    ["précision <- 1", "précision"],
  ])("by %s", (code, names) => expect(assigned(code, "r")).toBe(names));

  it.each([
    "f(x = 1)",
    "f(y, x = 1)",
    "function(x = 1) 2",
    "\\(x = 1) 2",
    "x == 1; x < -1; x != 1; x >= 2",
    "c(x = 1, y = 2)",
    "df[x == 1, y]",
    "a$x == 2",
    "# x <- 1\n'x <- 1'",
    "list(a = list(x = 1))",
    "dt[, .(x = sum(y))]",
  ])("not by %s", (code) => expect(assigned(code, "r")).toBe(""));
});

describe("in R a name is read", () => {
  it.each([
    ["rpart(y, cp = cp)", "rpart y cp"],
    ["rpart(cp = 0.1)", "rpart"],
    ["x <- cp", "cp"],
    ["stats::sd(cp)", "cp"],
    ["function(a, b = cp) a", "cp a"],
    ["fit$cp", "fit"],
    ["prices(test)", "prices test"],
    ["x[cp] <- 1", "x cp"],
  ])("in %s", (code, names) => expect(reads(code, "r")).toBe(names));

  it("as a member of `params`, by its name or as a text", () => {
    const reading = readingOf('params$cp + params[["depth"]] + fit$other', "r");
    expect([...reading.params]).toEqual(["cp", "depth"]);
    expect(reading.computed).toBe(false);
    expect(readingOf("str(params)", "r").computed).toBe(true);
  });
});

describe("in JavaScript a name is assigned", () => {
  it.each([
    ["const x = 1, y = f(a, b); let z; var w", "x y z w"],
    ["const { x, a: y = d, ...z } = o", "x y z"],
    ["const [x, , [y], { z }] = o", "x y z"],
    ["x = 1; y += 2; z ??= 3; w++; --v", "x y z w v"],
    ["({ x, a: y } = o); [z, w] = [w, z]", "x y z w"],
    ["for (const [x, y] of o) f(x)", "x y"],
    ["for (let x = 0; x < 3; x++) f(x)", "x"],
    ["function x(a, b = 1) {} async function* y() {} class z {}", "x y z"],
    ["import x, { a as y, z } from 'm'; import * as w from 'n'", "x y z w"],
    ["export const x = 1; export function y() {}", "x y"],
    ["globalThis.x = 1", "x"],
    ["const x = await f()\nconst y = 2", "x y"],
    ["const x = ({ a }, [b], c = 1) => a + b + c", "x"],
    ["const x = a => a * 2", "x"],
    ["const x = { m(a, b) { return a } }", "x"],
  ])("by %s", (code, names) => expect(assigned(code, "js")).toBe(names));

  it.each([
    "x == 1; x === 1; x => 1; x >= 1",
    "o.x = 1; o['x'] = 2; o[x] = 3",
    "({ x: 1 })",
    "f((x) => x, function (x, y = 1) {})",
    "if (a) { b(x) }",
    "// x = 1\n'x = 1'; `x = 1`; /x = 1/",
    "import('x'); import.meta.url",
  ])("not by %s", (code) => expect(assigned(code, "js")).toBe(""));

  it("whatever its type is", () => {
    expect(assigned("const x: number = 1; let y: Row[] | null = null", "ts")).toBe("x y");
    expect(assigned("const x = (a: string, b?: Row): void => {}", "ts")).toBe("x");
  });
});

describe("in JavaScript a name is read", () => {
  it.each([
    ["f({ cp: 0.1 })", "f"],
    ["f({ cp })", "f cp"],
    ["f({ a: cp })", "f cp"],
    ["`x ${cp}`", "cp"],
    ["fit.cp", "fit"],
    ["a ? cp : d", "a cp d"],
    ["const x = cp", "cp"],
    ["(a, b = cp) => a", "cp a"],
    ["const { [cp]: x } = o", "cp o"],
    ["switch (a) { case cp: f() }", "a cp f"],
  ])("in %s", (code, names) => expect(reads(code, "js")).toBe(names));

  it("as a member of `params`, by its name or as a text", () => {
    const reading = readingOf('params.cp + params["depth"] + fit.other', "js");
    expect([...reading.params]).toEqual(["cp", "depth"]);
    expect(readingOf("f(params)", "js").computed).toBe(true);
  });
});

describe("calls and texts", () => {
  const names = ({ calls }: Reading) => calls.map(({ name }) => name);

  it("have their names, places, and first arguments", () => {
    const code = 'x <- stats::rnorm(3); log_metric("loss", 1); fit$update(n)';
    const { calls } = readingOf(code, "r");
    expect(calls.map(({ name, text, computed }) => [name, text, computed])).toEqual([
      ["rnorm", undefined, true],
      ["log_metric", "loss", false],
      ["fit$update", undefined, true],
    ]);
    expect(calls.map(({ start, end }) => code.slice(start, end))).toEqual([
      "rnorm",
      "log_metric",
      "update",
    ]);
  });

  it("in JavaScript are named with what they belong to", () => {
    const code = "Math.random(); await log.metric('loss', 1); f()?.g(); a?.b?.(1)";
    expect(names(readingOf(code, "js"))).toEqual(["Math.random", "log.metric", "f", "g", "a.b"]);
  });

  it("mention words as words", () => {
    const reading = readingOf('f("a {cp} b", "maxdepth=3", "my.key")', "r");
    expect(["cp", "c", "maxdepth", "depth", "key"].map((word) => mentions(reading, word))).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  it("are unescaped", () => {
    const texts = (code: string, language: "r" | "js") =>
      readingOf(code, language).texts.map(({ value }) => value);
    expect(texts(`f("C:\\\\a", 'b\\'c', r"(d\\e)", R"--[f]--")`, "r")).toEqual([
      "C:\\a",
      "b'c",
      "d\\e",
      "f",
    ]);
    expect(texts("f('a\\n', `b${c}d`)", "js")).toEqual(["a\n", "b…", "d"]);
  });
});

it("the scripts of the examples are read without a bracket left open", () => {
  const root = join(import.meta.dirname, "..");
  const files = ["examples", "stdlib"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(?:R|[mc]?js|ts)$/u.test(path))
      .map((path) => join(root, folder, path)),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const path of files) {
    const code = readFileSync(path, "utf8");
    const pieces = piecesOf(code, path.endsWith(".R") ? tokenizeR(code) : tokenizeJs(code));
    const open = pieces.filter(({ text, partner }) => /^[()[\]{}]$/u.test(text) && partner < 0);
    expect(open.map(({ start }) => `${path}:${code.slice(start, start + 30)}`)).toEqual([]);
  }
});
