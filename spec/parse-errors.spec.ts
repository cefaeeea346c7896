/** What the parser says of text that is not well-formed: the whole message, place by place. */
import { describe, expect, it } from "vitest";
import { mend } from "../src/source/apply.ts";
import type { Module } from "../src/syntax/ast.ts";
import { parse } from "../src/syntax/parse.ts";
import { findingsOf } from "./support/tree.ts";

function said(text: string): readonly string[] {
  return findingsOf(parse({ path: "a.mlpipe", text }));
}

function saidInRun(item: string): readonly string[] {
  return said(`run a {\n  ${item}\n}\n`);
}

/** The tree as kinds: `run(param step(metric))`. */
function outline({ declarations }: Module): string {
  return declarations.map(outlineOf).join(" ");
}

interface Item {
  readonly kind: string;
  readonly block?: { readonly items: readonly Item[] } | undefined;
  readonly body?: unknown;
}

function outlineOf(item: Item): string {
  const block = item.kind === "step" ? (item.body as Item).block : item.block;
  const items = block && "items" in block ? block.items.map(outlineOf).join(" ") : "";
  return items === "" ? item.kind : `${item.kind}(${items})`;
}

describe("a word in a run", () => {
  it.each([
    [
      "parm cp: float = 0.05",
      '2:3 E0101 there is no `parm` here; did you mean `param`? | → "param"',
    ],
    ["params cp = 1", '2:3 E0101 there is no `params` here; did you mean `param`? | → "param"'],
    [
      "metric r minimise",
      '2:12 E0101 there is no `minimise` here; did you mean `minimize`? | → "minimize"',
    ],
    [
      "metric r maximize minimize",
      "2:21 E0101 there is no `minimize` here | here stands an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block",
    ],
    ["input a form b", '2:11 E0101 there is no `form` here; did you mean `from`? | → "from"'],
    ["resources { cpu 4 }", '2:15 E0101 there is no `cpu` here; did you mean `cpus`? | → "cpus"'],
    [
      "model a { probee b }",
      '2:13 E0101 there is no `probee` here; did you mean `probe`? | → "probe"',
    ],
    [
      "reproducible { a roughly }",
      "2:20 E0101 there is no `roughly` here | here stands a name and its tolerance, or `across seeds`",
    ],
    [
      "expect a > 1 or b > 2",
      "2:16 E0101 there is no `or` here | comparisons are joined by `and` only",
    ],
    ["sweep s of a {}", "2:3 E0101 there is no `sweep` here | `sweep` stands at the top of a file"],
    ["best by a", "2:3 E0101 there is no `best` here | `best` stands in a sweep or in a compare"],
    ["step s { seed 3 }", "2:12 E0101 there is no `seed` here | `seed` stands in a run"],
    [
      "after a b",
      "2:11 E0101 there is no `b` here | here stands an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block",
    ],
    [
      "hello",
      "2:3 E0101 there is no `hello` here | here stands an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block",
    ],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("a closed set in a run", () => {
  it.each([
    [
      "param cp: flaot = 0.05",
      '2:13 E0106 there is no type `flaot`; did you mean `float`? | → "float"',
    ],
    [
      "param cp: Integer = 1",
      '2:13 E0106 there is no type `Integer`; did you mean `int`? | → "int"',
    ],
    ["artifact a: cvs", '2:15 E0106 there is no format `cvs`; did you mean `csv`? | → "csv"'],
    ["artifact a: txt", '2:15 E0106 there is no format `txt`; did you mean `text`? | → "text"'],
    ["```py\n  x\n  ```", "2:6 E0106 there is no language `py` | the languages are r, js and ts"],
    ["```\n  x\n  ```", "2:6 E0106 this code names no language | the languages are r, js and ts"],
    [
      "```javascript\n  x\n  ```",
      '2:6 E0106 there is no language `javascript`; did you mean `js`? | → "js"',
    ],
    [
      "```r {echo=FALSE}\n  x\n  ```",
      "2:7 E0100 expected the line to end after the language | code begins on the next line",
    ],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("a number in a run", () => {
  it.each([
    ["seed 1.5", "2:8 E0107 `1.5` cannot be read: a whole number stands here"],
    ["timeout 10", "2:11 E0107 `10` cannot be read: a unit follows the number: ms, s, min, h"],
    [
      "timeout 10sec",
      '2:11 E0107 `10sec` cannot be read: a unit follows the number: ms, s, min, h | write `10s` | → "10s"',
    ],
    [
      "timeout 10 min",
      '2:11 E0107 `10 min` cannot be read: the unit follows the number without a blank | write `10min` | → "10min"',
    ],
    [
      "resources { memory 4GB }",
      '2:22 E0107 `4GB` cannot be read: a unit follows the number: KiB, MiB, GiB | write `4GiB` | → "4GiB"',
    ],
    [
      "param x = 1_000",
      '2:13 E0107 `1_000` cannot be read: digits stand together | write `1000` | → "1000"',
    ],
    [
      "param x = .5",
      '2:13 E0107 `.5` cannot be read: a digit stands before the point | write `0.5` | → "0.5"',
    ],
    [
      "param x = 5.",
      '2:13 E0107 `5.` cannot be read: a digit stands after the point | write `5.0` | → "5.0"',
    ],
    [
      "param x = +5",
      '2:13 E0107 `+5` cannot be read: a sign is only written for less | write `5` | → "5"',
    ],
    [
      "param x = 0x10",
      '2:13 E0107 `0x10` cannot be read: numbers are decimal here | write `16` | → "16"',
    ],
    [
      "param x = 10L",
      '2:13 E0107 `10L` cannot be read: a whole number has no `L` | write `10` | → "10"',
    ],
    ["param x = 1e", "2:13 E0107 `1e` cannot be read: digits stand after the `e`"],
    ["param x = 1.2.3", "2:13 E0107 `1.2.3` cannot be read: a number has one point"],
    ["param x = 1e999", "2:13 E0107 `1e999` cannot be read: it is too large for a number"],
    [
      "param x = 12abc",
      "2:13 E0107 `12abc` cannot be read: `abc` is not one of the units ms, s, min, h, KiB, MiB, GiB",
    ],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("a text in a run", () => {
  it.each([
    [
      String.raw`tag x = "hello`,
      '2:11 E0103 this text has no closing quote on its line | end it with `"`; a line break inside a text is written `\\n` | → "\\""',
    ],
    [
      String.raw`tag x = "a\qb"`,
      '2:13 E0105 `\\q` means nothing in a text | a text knows `\\n`, `\\t`, `\\"`, `\\\\`, `\\$` and `\\u{1F600}`; write `\\\\` for a plain `\\`',
    ],
    [
      'tag x = "${a b}"',
      "2:12 E0105 `${a b}` holds no name | write `${name}`, or `\\$` for a plain `$`",
    ],
    ['tag x = "${a"', "2:12 E0105 `${a` holds no name | write `${name}`, or `\\$` for a plain `$`"],
    [
      String.raw`tag x = "\u{d800}"`,
      '2:12 E0105 `\\u{d800}` means nothing in a text | a text knows `\\n`, `\\t`, `\\"`, `\\\\`, `\\$` and `\\u{1F600}`; write `\\\\` for a plain `\\`',
    ],
    [
      "param x = 'a'",
      String.raw`2:13 E0100 expected a value | a text stands between straight double quotes | → "\"a\""`,
    ],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("what is missing in a run", () => {
  it.each([
    ["param cp: float =", "2:20 E0100 expected a value on this line"],
    ["param cp: = 1", "2:13 E0100 expected a type: int, float, string, bool, path or uri"],
    ["param = 3", "2:9 E0100 expected a name"],
    ["param true = 3", "2:9 E0100 expected a name"],
    ["param x in", "2:13 E0100 expected a range such as 0..1, or a list"],
    ["param x = [1, 2", "2:18 E0100 expected `]` or `,`"],
    [String.raw`tag x: "y"`, "2:8 E0100 expected `=`"],
    ["seed", "2:7 E0100 expected a whole number"],
    ["timeout ten", "2:11 E0100 expected a duration such as 30s, 10min or 2h"],
    ["metric r = rmse", "2:18 E0100 expected `(`"],
    ["input a", "2:10 E0100 expected `from`, `,` or `as`"],
    ["input a from", "2:15 E0100 expected a name, a text in quotes, `best` or `run`"],
    ["model a at model", "2:14 E0100 expected a text in quotes"],
    ["expect a", "2:11 E0100 expected a comparison: >=, <=, !=, =, >, <, like or ilike"],
    ["reproducible", "2:15 E0100 expected `{` or `exact`"],
    ["reproducible { a within }", "2:26 E0100 expected a number or a percentage"],
    [String.raw`secret a from "A"`, "2:17 E0100 expected `env`"],
    ["step s = t", "2:13 E0100 expected `{`"],
    ["step { metric a }", "2:8 E0100 expected a name"],
    ["cache on", "2:9 E0100 expected `off`"],
    ["env { a b }", "2:11 E0100 expected `=`"],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("a habit in a run", () => {
  it.each([
    [
      "param x = 1;",
      '2:14 E0100 expected a text in quotes, `matching`, `in` or another item | a new line ends an item; remove the `;` | → ""',
    ],
    [
      "param x = 1,",
      '2:14 E0100 expected a text in quotes, `matching`, `in` or another item | items stand on lines of their own, without `,` | → ""',
    ],
    [
      "param x <- 3",
      '2:11 E0100 expected a text in quotes, `matching`, `in`, `=`, `:` or another item | write `=` | → "="',
    ],
    [
      "param x = 3 // note",
      '2:15 E0100 expected a text in quotes, `matching`, `in` or another item | a comment begins with `#` | → "#"',
    ],
    ["expect a == 1", '2:13 E0100 expected a value | write one `=` | → ""'],
    ["expect a = 1 && b = 2", '2:16 E0100 expected `and` or another item | write `and` | → "and"'],
    [
      "`x`",
      "2:3 E0100 expected an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block | code stands between lines of three backticks; a text in double quotes",
    ],
    [
      "\u00a0param x = 1",
      '2:3 E0100 expected an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block | this is an unusual blank; write a plain one | → " "',
    ],
    [
      "\u0000",
      '2:3 E0100 expected an item such as `param`, `metric`, `model`, `artifact`, `tag` or a code block | this is not a character of a text; remove it | → ""',
    ],
  ])("%j", (item, finding) => {
    expect(saidInRun(item)).toEqual([finding]);
  });
});

describe("a declaration", () => {
  it.each([
    [
      String.raw`experment "/x"`,
      '1:1 E0101 there is no `experment` here; did you mean `experiment`? | → "experiment"',
    ],
    ["experiment /x", "1:12 E0100 expected a text in quotes"],
    ["run 1 {}", "1:5 E0100 expected a name"],
    ["run a", "1:6 E0100 expected `{`"],
    [
      "model x",
      "1:1 E0101 there is no `model` here | `model` stands in a run, in a template or in a step",
    ],
    ["import iris", "1:12 E0100 expected `from` or `,`"],
    ["sweep s {\n grid\n}", "1:9 E0100 expected `of`"],
    ["{}", "1:1 E0100 expected a declaration such as `run`, `param`, `step`, `sweep` or `compare`"],
    [
      "}",
      '1:1 E0100 expected a declaration such as `run`, `param`, `step`, `sweep` or `compare` | no block is open here; remove the `}` | → ""',
    ],
    [
      "run a {}}",
      '1:9 E0100 expected a declaration such as `run`, `param`, `step`, `sweep` or `compare` | no block is open here; remove the `}` | → ""',
    ],
    ["mlpipe", "1:7 E0100 expected a whole number"],
    [
      "mlpipe 0",
      "1:1 E0108 this file is written in edition 0 of mlpipe, and this mlpipe reads edition 1 | write `mlpipe 1`",
    ],
    ["mlpipe 1.5", "1:8 E0107 `1.5` cannot be read: a whole number stands here"],
    [
      "mlpipe 2\nanything {{ goes",
      "1:1 E0108 this file is written in edition 2 of mlpipe, and this mlpipe reads edition 1 | install a newer mlpipe: npm install mlpipe@latest",
    ],
    [
      "run a {}\nmlpipe 1",
      "2:1 E0100 expected the edition on the first line only | remove this line, or move it to the top",
    ],
  ])("%j", (text, finding) => {
    expect(said(`${text}\n`)).toEqual([finding]);
  });
});

describe("a block that is not closed", () => {
  it.each([
    {
      name: "ends where the next declaration begins",
      text: "run a {\n  tag x = 1\n\n# about b\nrun b {\n  seed 1\n}\n",
      findings: [
        '5:1 E0102 the block opened at 1:7 is still open here; add } before `run` | → "\\n}"',
      ],
      tree: "run(tag) run(seed)",
    },
    {
      name: "ends with the file",
      text: "run a {\n  tag x = 1",
      findings: [
        '2:12 E0102 the block opened at 1:7 is still open here; add } before the end of the file | → "\\n}"',
      ],
      tree: "run(tag)",
    },
    {
      name: "ends where a line is not indented more than its first",
      text: "run a {\n  step b {\n    metric c\n\n  # about d\n  step d {\n    metric e\n  }\n}\n",
      findings: [
        '6:3 E0102 the block opened at 2:10 is still open here; add } before `step` | → "\\n  }"',
      ],
      tree: "run(step(metric) step(metric))",
    },
    {
      name: "ends where the block around it does",
      text: "run a {\n  step b {\n    metric c\n}\nrun d {}\n",
      findings: [
        '4:1 E0102 the block opened at 2:10 is still open here; add } before `}` | → "\\n  }"',
      ],
      tree: "run(step(metric)) run",
    },
    {
      name: "says so for each of two",
      text: "run a {\n  step b {\n    metric c\n",
      findings: [
        '4:1 E0102 the block opened at 2:10 is still open here; add } before the end of the file | → "\\n  }"',
        '4:1 E0102 the block opened at 1:7 is still open here; add } before the end of the file | → "\\n}"',
      ],
      tree: "run(step(metric))",
    },
    {
      name: "is not said where a text has swallowed the brace",
      text: 'run a { tag x = "hello }\nrun b {}\n',
      findings: [
        '1:17 E0103 this text has no closing quote on its line | end it with `"`; a line break inside a text is written `\\n` | → "\\""',
      ],
      tree: "run(broken) run",
    },
    {
      name: "ends nowhere while its items stand at the start of their lines",
      text: 'run a {\nparam x = 1\nstep b {\nmetric c\n}\nexperiment "/x"\n}\n',
      findings: [],
      tree: "run(param step(metric) run-experiment)",
    },
  ])("$name", ({ text, findings, tree }) => {
    const parsed = parse({ path: "a.mlpipe", text });
    expect(findingsOf(parsed)).toEqual(findings);
    expect(outline(parsed.module)).toBe(tree);
  });
});

describe("code that is not closed", () => {
  const closing = "this code block is never closed; end it with a line of three backticks";
  it.each([
    {
      name: "ends with its block",
      text: "run a {\n  seed 1\n  ```r\n  x <- 1\n}\nrun b {}\n",
      finding: `3:3 E0104 ${closing} | → "\\n  \`\`\`"`,
      tree: "run(seed broken) run",
    },
    {
      name: "ends before the next declaration",
      text: "run a {\n```r\nx <- 1\nrun b {}\n",
      finding: `2:1 E0104 ${closing} | → "\\n\`\`\`"`,
      tree: "run(broken) run",
    },
    {
      name: "ends before the next code",
      text: "run a {\n  step b {\n    ```r\n    x\n  }\n  step c {\n    ```r\n    y\n    ```\n  }\n}\n",
      finding: `3:5 E0104 ${closing} | → "\\n    \`\`\`"`,
      tree: "run(step(broken) step(code))",
    },
  ])("$name", ({ text, finding, tree }) => {
    const parsed = parse({ path: "a.mlpipe", text });
    expect(findingsOf(parsed)[0]).toBe(finding);
    expect(outline(parsed.module)).toBe(tree);
  });
});

describe("many mistakes", () => {
  const text = `run a {
  parm x = 1
  metric rmse minimise
  model m: crate
  step s {
    inptu x from y
    artifact z: cvs
  }
  tag ok = 1
}
runn b {
  sed 3
}
`;

  it("are all said in one pass, each in its place, and the rest is read", () => {
    expect(said(text).map((line) => line.split(" | ")[0])).toEqual([
      "2:3 E0101 there is no `parm` here; did you mean `param`?",
      "3:15 E0101 there is no `minimise` here; did you mean `minimize`?",
      "6:5 E0101 there is no `inptu` here; did you mean `input`?",
      "7:17 E0106 there is no format `cvs`; did you mean `csv`?",
      "11:1 E0101 there is no `runn` here; did you mean `run`?",
      "12:3 E0101 there is no `sed` here; did you mean `seed`?",
    ]);
    expect(outline(parse({ path: "a", text }).module)).toBe(
      "run(broken broken model step(broken broken) tag) broken",
    );
  });

  it("are mended by their edits", () => {
    const { texts } = mend(parse({ path: "a", text }).diagnostics);
    for (const mended of texts.values()) expect(said(mended)).toEqual([]);
    expect(texts.size).toBe(1);
  });

  it("are no longer listed when there are too many", () => {
    const findings = said(`run a {\n${"  parm\n".repeat(500)}}\nrun b {\n  sed 1\n}\n`);
    expect(findings.length).toBe(102);
    expect(findings[100]).toBe(
      "102:3 E0100 expected fewer than 100 mistakes before this line; nothing from here on is read | mend what is above",
    );
    expect(findings[101]).toContain("504:3 E0101");
  });
});

describe("sizes beyond reason", () => {
  it("of brackets inside each other are refused", () => {
    const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    expect(saidInRun(`tag x = ${deep(60)}`)).toEqual([]);
    expect(saidInRun(`tag x = ${deep(20_000)}`)).toEqual([
      "2:3 E0100 expected at most 64 brackets inside each other | write the value in a file, and read that in code",
    ]);
  });

  it("of one item are refused; texts, code and whole blocks may be longer", () => {
    expect(saidInRun(`tag x = [${"1, ".repeat(100_000)}]`)[0]).toMatch(
      /^2:3 E0100 expected an item of at most 262144 characters, not 3000\d\d/,
    );
    expect(saidInRun(`tag x = "${"y".repeat(1_000_000)}"`)).toEqual([]);
    expect(saidInRun(`\`\`\`r\n${"y\n".repeat(500_000)}\`\`\``)).toEqual([]);
  });

  it.each([
    ["braces", "{", 5e6],
    ["quotes", '"\n', 3e6],
    ["openings of code", "```r\n", 1e6],
    ["openings of code inside lines", "x ```r\n", 1e6],
    ["comments", "#\n", 1e6],
    ["blank lines", "\r\n", 5e6],
    ["runs that are not closed", "run a {\n", 1e6],
    ["nothing known", "\0\ud800~é", 2.5e6],
    ["one line of runs", "run a {} ", 2e4],
  ])("of megabytes of %s are read in seconds", (_, unit, count) => {
    const text = unit.repeat(count);
    const { module, diagnostics } = parse({ path: "a", text });
    expect(module.source.text).toBe(text);
    expect(diagnostics.length).toBeLessThan(1100);
  });
});
