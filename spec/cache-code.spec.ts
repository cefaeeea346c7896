/** What code means to the cache: comments and layout are nothing, every other change is one; and what is read from it beside. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenizeJs } from "../src/check/code/js-tokens.ts";
import { tokenizeR } from "../src/check/code/r-tokens.ts";
import { piecesOf } from "../src/check/code/token.ts";
import { factsOfCode } from "../src/run/cache/code-facts.ts";
import { normalDigests } from "../src/run/cache/normal-form.ts";
import { normalFormOfJs } from "../src/run/cache/normal-js.ts";
import { temporaryFolder } from "./support/mlpipe.ts";

const jsCodes = [
  'import { a } from "./a.mjs"\nconst x = a?.b.c ?? (1 + 2) * 3\nlog.metric("x", x, 4)',
  "const f = async (a, { b = 2, ...c }) => { for await (const d of a) if (d > b) return `${d} of ${c}` }",
  "class A extends B { #p = 1; static q = 2; get r() { return this.#p / 2 } }",
  "const pattern = /a+[/]b/giu\nlet y = 10n ** 3n, z = 0x1f\ny += 1n\nlabel: while (true) { break label }",
  "function g(n) { return n\n  * 2 }\nconst h = g(0.1), i = h === 1e400 ? null : 'text'",
];
const rCodes = [
  'rows <- sample(nrow(iris), share * 100)\ntrain <- iris[rows, ]\nx = train[["a"]]$b@c',
  "f <- function(a, b = 2L, ...) {\n  if (a > 0.1) return(b) else for (i in 1:3) print(i)\n}",
  "y <- 1e-3 + 0x1fL %in% c(TRUE, NA)\n`odd name` <- \\(z) z |> sqrt()",
  "m <- lm(dist ~ speed + I(speed^2), data = cars)\nwhile (TRUE) { break }",
  'text <- "a # b"; other <- r"(c:\\d)"\n-2^2; !a && b || stats::sd(x)',
];

interface Code {
  readonly text: string;
  /** Pieces, with whether a line break stood before. */
  readonly pieces: readonly {
    readonly text: string;
    readonly kind: string;
    readonly fresh: boolean;
  }[];
}

function codeOf(text: string, language: "js" | "r"): Code {
  const tokens = language === "js" ? tokenizeJs(text) : tokenizeR(text);
  let end = 0;
  const pieces = piecesOf(text, tokens).map((piece) => {
    const between = text.slice(end, piece.start);
    ({ end } = piece);
    return { text: piece.text, kind: piece.kind, fresh: between.includes("\n"), gap: between };
  });
  return { text, pieces };
}

/** Between two pieces: nothing where they are one word in the language's eyes, else blanks, and comments behind which a line ends. */
function restyle(code: Code, language: "js" | "r", choices: readonly number[]): string {
  const [block, line] = language === "js" ? ["/* */", "// so\n"] : [" ", "# so\n"];
  let at = 0;
  const next = (): number => choices[at++ % choices.length] ?? 0;
  let text = "";
  let end = 0;
  for (const piece of code.pieces) {
    const start = code.text.indexOf(piece.text, end);
    const gap = code.text.slice(end, start);
    const blanks = " ".repeat(next() % 3);
    if (piece.fresh)
      text += `${blanks}${next() % 2 ? line : "\n"}${blanks}${next() % 3 ? "" : `\n\n${line}`}`;
    else if (gap !== "") text += next() % 2 ? ` ${block}${blanks}` : ` ${blanks}`;
    text += piece.text;
    end = start + piece.text.length;
  }
  return `${next() % 2 ? line : ""}${text}${next() % 2 ? `\n${line}` : ""}`;
}

/** Another number, name, text or sign in place of the `which`th that can be replaced. */
function change(code: Code, which: number): string | undefined {
  const swaps: Readonly<Record<string, string>> = {
    "+": "-",
    "*": "/",
    ">": "<",
    "&&": "||",
    "||": "&&",
  };
  const places = code.pieces.flatMap((piece, index) => {
    if (piece.kind === "number" && /^\d+$/.test(piece.text))
      return [[index, `${piece.text}7`] as const];
    if (piece.kind === "text") return [[index, piece.text.replace(/^(.)/, "$1q")] as const];
    const swapped = swaps[piece.text];
    return swapped === undefined ? [] : [[index, swapped] as const];
  });
  const [place, instead] = places[which % Math.max(1, places.length)] ?? [];
  if (place === undefined) return undefined;
  let end = 0;
  for (const [index, piece] of code.pieces.entries()) {
    const start = code.text.indexOf(piece.text, end);
    end = start + piece.text.length;
    if (index === place) return code.text.slice(0, start) + instead + code.text.slice(end);
  }
  return undefined;
}

const choices = fc.array(fc.nat(5), { minLength: 20, maxLength: 20 });

describe("the normal form of JavaScript", () => {
  const form = (text: string) => normalFormOfJs(text, "js");

  test("is kept by comments and layout", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...jsCodes),
      choices,
      async (text, chosen) => {
        const own = await form(text);
        expect(own).toBeDefined();
        expect(await form(restyle(codeOf(text, "js"), "js", chosen))).toBe(own);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test("is another for every other number, text or sign", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...jsCodes),
      fc.nat(),
      async (text, which) => {
        const changed = change(codeOf(text, "js"), which);
        if (changed === undefined) return;
        expect(await form(changed)).not.toBe(await form(text));
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test.each([
    [
      "where a line break ends a statement",
      "const f = () => { return\n 1 }",
      "const f = () => { return 1 }",
    ],
    ["for numbers that JSON does not know", "x = 1e400", "x = null"],
    ["for large whole numbers", "x = 1n", "x = 2n"],
    ["for regular expressions", "x = /a/g", "x = /a/i"],
    ["for what a tag sees of a template", "x = tag`\\u0061`", "x = tag`a`"],
    ["for where a chain ends", "a?.b.c", "(a?.b).c"],
    ["for a directive", '"use strict"', '("use strict")'],
  ])("is another %s", async (_, a, b) => {
    expect(await form(a)).not.toBe(await form(b));
  });

  test.each([
    ["quotes, semicolons and commas at the end", "f('a', [1,])\ng()", 'f("a", [1]);g()'],
    ["the way in which a number is written", "x = 0x10 + 1.0", "x = 16 + 1"],
  ])("is the same whatever %s", async (_, a, b) => {
    expect(await form(a)).toBe(await form(b));
  });

  test("is that of the code without its types in TypeScript, and nothing is said about that", async () => {
    const typed = await normalFormOfJs("const x: number = f<string>(1 as any)", "ts");
    expect(typed).toBe(await form("const x = f(1)"));
    expect(await normalFormOfJs("enum A { B }", "ts")).toBeUndefined();
  });

  test("is none for what is no code", async () => {
    expect(await form("const = 1")).toBeUndefined();
  });
});

const rscript = findRscript();
function findRscript(): string | undefined {
  try {
    execFileSync("Rscript", ["--version"], { stdio: "ignore" });
    return "Rscript";
  } catch {
    return undefined;
  }
}

describe.skipIf(rscript === undefined)("the normal form of R", () => {
  /** All at once, by one R. */
  async function digests(texts: readonly string[]): Promise<readonly string[]> {
    using folder = temporaryFolder();
    const codes = texts.map((text) => ({ language: "r", text }) as const);
    return await normalDigests(codes, { root: folder.path, rscript });
  }

  test("is kept by comments and layout, and is another for every other number, text or sign", async () => {
    const cases = fc.sample(fc.tuple(fc.constantFrom(...rCodes), choices, fc.nat()), 250);
    const texts = cases.flatMap(([text, chosen, which]) => {
      const code = codeOf(text, "r");
      return [text, restyle(code, "r", chosen), change(code, which) ?? "0"];
    });
    const all = await digests(texts);
    for (let at = 0; at < all.length; at += 3) {
      const shown = texts.slice(at, at + 3).join("\n---\n");
      expect(all[at + 1], shown).toBe(all[at]);
      expect(all[at + 2], shown).not.toBe(all[at]);
    }
  });

  test("keeps every bit of a number and every letter of a text", async () => {
    const numbers = [
      "0.1",
      "0.10000000000000002",
      "1L",
      "1",
      "1e-320",
      "NA",
      "NA_real_",
      '"\u00e9"',
      '"<U+00E9>"',
      '"e\u0301"',
    ];
    const all = await digests(numbers.map((number) => `x <- ${number}`));
    expect(new Set(all).size).toBe(numbers.length);
    const [a, b, c] = await digests(["x <- 0.1", "x <- 1e-1", "x<-0.10"]);
    expect([b, c]).toEqual([a, a]);
  });

  test("of what is no code is its text, letter by letter", async () => {
    const [a, b, c] = await digests(["x <- (", "x <- ( ", "x <- ("]);
    expect(a).not.toBe(b);
    expect(c).toBe(a);
  });

  test("is remembered, so that R is not asked again", async () => {
    using folder = temporaryFolder();
    const codes = [{ language: "r", text: "x  <-  1 # one" }] as const;
    const first = await normalDigests(codes, { root: folder.path, rscript });
    const [plain] = await digests(["x <- 1"]);
    expect(first).toEqual([plain]);
    expect(await normalDigests(codes, { root: folder.path, rscript })).toEqual(first);
  });
});

describe("of a step's code", () => {
  test.each([
    ["r", "y <- get(name)"],
    ["r", "y <- params[[name]]"],
    ["r", "str(params)"],
    ["r", "y <- eval(parse(text = x))"],
    ["r", "y <- mget(c('a', 'b'))"],
    ["r", "f <- function() environment()"],
    ["js", "const y = eval(text)"],
    ["js", "const { a } = params"],
    ["js", "const y = params[name]"],
    ["js", "const y = \\u0063p"],
    ["js", "const y = globalThis[name]"],
  ] as const)("in %s, variables may be reached unseen: %s", (language, code) => {
    expect(factsOfCode(code, language).unseen).toBe(true);
  });

  test.each([
    ["r", "y <- params$cp + params[['cp']]"],
    ["r", "y <- sapply(1:3, \\(i) i + cp)"],
    ["js", "const y = params.cp + params['cp'] + cp"],
  ] as const)("in %s, these are all seen: %s", (language, code) => {
    const facts = factsOfCode(code, language);
    expect([facts.unseen, facts.words.has("cp")]).toEqual([false, true]);
  });

  test("names in comments are no names, those in texts are", () => {
    const { words } = factsOfCode("x <- glue('{cp}') # share", "r");
    expect([words.has("cp"), words.has("share")]).toEqual([true, false]);
  });

  test.each([
    ["r", "run$id", true],
    ["r", "print(run)", true],
    ["r", "f(run = 1, x$run, pkg::run)", false],
    ["r", "run <- 1; run", false],
    ["r", "run$name", false],
    ["js", "run.id", true],
    ["js", "f(run)", true],
    ["js", "x.run({ run: 1 })", false],
    ["js", "process.env.MLFLOW_RUN_ID", true],
  ] as const)("in %s, whether %s needs the run's id", (language, code, needed) => {
    expect(factsOfCode(code, language).readsRunId).toBe(needed);
  });

  test("texts that are only written to name nothing that is read", () => {
    const { texts } = factsOfCode(
      'write.csv(read.csv("a.csv"), "b.csv"); saveRDS(x, file = "c.rds")',
      "r",
    );
    expect([...texts]).toEqual(["a.csv"]);
  });
});
