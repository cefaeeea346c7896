/** What the parser makes of well-formed text. */
import { describe, expect, it } from "vitest";
import type {
  Block,
  Declaration,
  ItemNode,
  MetricItem,
  ParamItem,
  RunItem,
  RunNode,
  TagItem,
} from "../src/syntax/ast.ts";
import { parse } from "../src/syntax/parse.ts";
import { everyConstruct } from "./support/every-construct.ts";
import { findingsOf } from "./support/tree.ts";

function declarationsOf(text: string): readonly Declaration[] {
  const parsed = parse({ path: "a.mlpipe", text });
  expect(findingsOf(parsed)).toEqual([]);
  return parsed.module.declarations.filter((one) => one.kind !== "broken");
}

/** The items of a run that holds `items`. */
function itemsOf(items: string): readonly RunItem[] {
  const [run] = declarationsOf(`run a {\n${items}\n}\n`);
  return (run as RunNode).block.items.filter((one) => one.kind !== "broken");
}

function valueOf(written: string): unknown {
  return withoutSpans((itemsOf(`tag x = ${written}`)[0] as TagItem).value);
}

function withoutSpans(node: unknown): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, part: unknown) => (key === "span" ? undefined : part)),
  );
}

describe("a value", () => {
  it.each([
    ["3", { kind: "number", raw: "3", value: 3, integer: true }],
    ["-0.5", { kind: "number", raw: "-0.5", value: -0.5, integer: false }],
    ["1e5", { kind: "number", raw: "1e5", value: 100_000, integer: false }],
    ["2%", { kind: "percent", raw: "2%", value: 0.02 }],
    ["1.5h", { kind: "duration", raw: "1.5h", milliseconds: 5_400_000 }],
    ["30s", { kind: "duration", raw: "30s", milliseconds: 30_000 }],
    ["10min", { kind: "duration", raw: "10min", milliseconds: 600_000 }],
    ["250ms", { kind: "duration", raw: "250ms", milliseconds: 250 }],
    ["4GiB", { kind: "size", raw: "4GiB", bytes: 4 * 2 ** 30 }],
    ["true", { kind: "boolean", value: true }],
    ["null", { kind: "null" }],
    ["low", { kind: "path", names: [{ text: "low" }] }],
    ["tags.status", { kind: "path", names: [{ text: "tags" }, { text: "status" }] }],
    ["nulls", { kind: "path", names: [{ text: "nulls" }] }],
    ["[]", { kind: "list", items: [] }],
    [
      "[null, [true],]",
      {
        kind: "list",
        items: [{ kind: "null" }, { kind: "list", items: [{ kind: "boolean", value: true }] }],
      },
    ],
    ["f()", { kind: "call", callee: { text: "f" }, arguments: [] }],
    [
      "f(a, n: 2)",
      {
        kind: "call",
        callee: { text: "f" },
        arguments: [
          { value: { kind: "path", names: [{ text: "a" }] } },
          { name: { text: "n" }, value: { kind: "number", raw: "2", value: 2, integer: true } },
        ],
      },
    ],
  ])("%s is read", (written, value) => {
    expect(valueOf(written)).toEqual(value);
  });

  it.each([
    ['""', [""]],
    ['"a b"', ["a b"]],
    [String.raw`"\n\t\"\\\$"`, ['\n\t"\\$']],
    [String.raw`"\u{1F600}\u{e9}"`, ["😀é"]],
    ['"# { } ``` no code"', ["# { } ``` no code"]],
    ['"${cp}"', [{ kind: "hole", path: ["cp"] }]],
    ['"a ${run.name} b"', ["a ", { kind: "hole", path: ["run", "name"] }, " b"]],
    [String.raw`"\${cp} $ $5"`, ["${cp} $ $5"]],
  ])("the text %s is decoded", (written, parts) => {
    expect(valueOf(written)).toEqual({ kind: "text", parts });
  });
});

describe("a domain", () => {
  it.each([
    ["0..1", { low: 0, high: 1 }],
    ["0<..<1", { low: 0, lowOpen: true, high: 1, highOpen: true }],
    ["0..<1", { low: 0, high: 1, highOpen: true }],
    ["-1.5..-1", { low: -1.5, high: -1 }],
    ["1..10 by 3", { low: 1, high: 10, by: 3 }],
    ["0..", { low: 0 }],
    ["..5", { high: 5 }],
  ])("%s is a range", (written, expected) => {
    const { domain } = itemsOf(`param x = 1 in ${written}`)[0] as ParamItem;
    if (domain?.kind !== "range") throw new Error("no range");
    expect({
      low: domain.low?.value,
      lowOpen: domain.lowOpen,
      high: domain.high?.value,
      highOpen: domain.highOpen,
      by: domain.by?.value,
    }).toEqual({
      low: undefined,
      lowOpen: false,
      high: undefined,
      highOpen: false,
      by: undefined,
      ...expected,
    });
  });

  it("that is open ends before the next item", () => {
    expect(
      itemsOf("metric a in 0..\nmetric b in ..5\n```r\n1\n```").map(({ kind }) => kind),
    ).toEqual(["metric", "metric", "code"]);
  });
});

describe("words", () => {
  it("of the language are names everywhere but at the start of an item", () => {
    const items = itemsOf(
      "param model: string\nmetric over over over maximize\ninput from as run from best\ninput run from run run\nuses param, tag, in",
    );
    expect(items.map(({ kind }) => kind)).toEqual(["param", "metric", "input", "input", "uses"]);
    expect(withoutSpans((items[1] as MetricItem).over)).toEqual({ text: "over" });
  });

  it("may be in any script", () => {
    const [tag, param] = itemsOf('tag omschrijving = "x"\nparam précision = 步');
    expect([(tag as TagItem).key.text, (param as ParamItem).key.text]).toEqual([
      "omschrijving",
      "précision",
    ]);
  });

  it("on one line are items of their own", () => {
    expect(itemsOf('param a = 1 param b tag "c d" = a seed 3').map(({ kind }) => kind)).toEqual([
      "param",
      "param",
      "tag",
      "seed",
    ]);
  });

  it("that begin a declaration may begin an item at the start of a line", () => {
    const kinds = itemsOf('param a = 1\nstep b {\nmetric c\n}\nexperiment "/x"').map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(["param", "step", "run-experiment"]);
  });
});

describe("code", () => {
  it("is kept byte for byte, whatever it holds", () => {
    const code = '  x <- "${a}" # } { "\nrun b {\n\t`y`\r\n\n';
    const [item] = itemsOf(`\`\`\`R\n${code}  \`\`\``);
    expect(item).toMatchObject({ kind: "code", language: "r", ticks: 3, text: code });
  });

  it("may be empty, and hold three backticks between lines of four", () => {
    expect(itemsOf("```js\n```")[0]).toMatchObject({ text: "" });
    expect(itemsOf("````ts\n```r\n```\n````")[0]).toMatchObject({ text: "```r\n```\n", ticks: 4 });
  });

  it("has the span of its lines", () => {
    const text = "run a {\n  ```r\n  1\n  ```\n}\n";
    const { module } = parse({ path: "a", text });
    const [code] = (module.declarations[0] as RunNode).block.items;
    if (code?.kind !== "code") throw new Error("no code");
    expect(text.slice(code.body.start, code.body.end)).toBe("  1\n");
    expect(text.slice(code.span.start, code.span.end)).toBe("```r\n  1\n  ```");
  });
});

describe("comments", () => {
  const text = `# above all

mlpipe 1 # edition

# first
# second

#' What it does.
#'
#'   Indented.
run a # the name
{ # the block
  #' not right above

  # of x
  param x: float # the type
    = 3 # the value

  step b { #' on the line of a brace
    timeout 3s
  } # after b

  # the last
} # after a

# the end
`;
  const { module } = parse({ path: "a", text });
  const run = module.declarations[0] as RunNode;
  const [param, step] = run.block.items;
  const textsOf = ({ trivia }: ItemNode) => [
    trivia.before.map((comment) => comment.text),
    trivia.after?.text,
  ];

  it("above, inside and after an item belong to it", () => {
    expect(module.edition && textsOf(module.edition)).toEqual([["# above all"], "# edition"]);
    expect(textsOf(run)).toEqual([["# first", "# second", "# the name"], "# after a"]);
    expect(param && textsOf(param)).toEqual([
      ["# the block", "#' not right above", "# of x", "# the type"],
      "# the value",
    ]);
    expect(step && textsOf(step)).toEqual([[], "# after b"]);
  });

  it("after the last item belong to the block or the file", () => {
    expect(run.block.dangling.map((comment) => comment.text)).toEqual(["# the last"]);
    expect(module.dangling.map((comment) => comment.text)).toEqual(["# the end"]);
  });

  it("directly above, with a quote, are the documentation", () => {
    expect(run.doc?.text).toBe("What it does.\n\n  Indented.");
    expect(step?.kind === "step" ? stepItems(step.body.block) : []).toEqual([
      "#' on the line of a brace",
    ]);
  });

  it("remember blank lines", () => {
    expect(module.edition?.trivia.blankBefore).toBe(false);
    expect(module.edition?.trivia.before[0]?.blankAfter).toBe(true);
    expect(run.trivia.before.map(({ blankAfter }) => blankAfter)).toEqual([false, true, false]);
    expect([run, param, step].map((item) => item?.trivia.blankBefore)).toEqual([true, false, true]);
  });

  function stepItems(block: Block<ItemNode>): readonly string[] {
    return block.items.flatMap(({ trivia }) => trivia.before.map((comment) => comment.text));
  }
});

describe("a file", () => {
  it("may be empty, or hold only comments", () => {
    for (const text of ["", "\n", "# only\n"]) expect(declarationsOf(text)).toEqual([]);
  });

  it("has one declaration for each, in order, whatever the columns", () => {
    const text = 'param a = 1 param b = 2\n  run c {} run d {\n} import "./x.mlpipe"';
    expect(declarationsOf(text).map(({ kind }) => kind)).toEqual([
      "param",
      "param",
      "run",
      "run",
      "import",
    ]);
  });

  it("has a place for each construct of the language", () => {
    const kinds = declarationsOf(everyConstruct).map(({ kind }) => kind);
    expect([...new Set(kinds)]).toEqual(
      "import project experiment param step run sweep compare launch".split(" "),
    );
  });
});
