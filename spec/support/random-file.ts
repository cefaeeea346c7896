/** Arbitrary whole files that parse: every construct, with comments, docs and blank lines wherever they may stand. */
import fc from "fast-check";

/** A word of an item. It may be set off from the word before by a line break or a comment unless it is tied to it. */
interface Word {
  readonly text: string;
  readonly tied: boolean;
}
type Words = readonly Word[];

/** What stands between two words, or above an item; `#` alone is replaced by a comment of its own. */
type Gap = " " | "  " | "\t" | "\n    " | "\n\n  " | " #\n  " | "\n #\n    ";

interface Piece {
  readonly words: Words;
  readonly gaps: readonly Gap[];
  readonly above: readonly ("blank" | "comment" | "doc")[];
  readonly after: boolean;
  readonly inside: readonly Piece[] | undefined;
  /** Comments before the closing brace. */
  readonly dangling: readonly ("blank" | "comment")[];
  readonly note: string;
}

const word = (text: string): Word => ({ text, tied: false });
const tied = (text: string): Word => ({ text, tied: true });
const words = (...texts: readonly string[]): Words => texts.map(word);

const name = fc.constantFrom("cp", "maxdepth", "a", "x_1", "précision", "_b", "trees");
const bold = fc.constantFrom("cp", "model", "seed", "run", "步", "accuracy", "grid");
const text = fc.constantFrom(
  '"plain"',
  '""',
  '"é \\n \\" \\\\ \\u{1f600} \\$"',
  '"${cp} of ${run.name}"',
  '"# no comment { } ```"',
);
const key = fc.oneof({ weight: 4, arbitrary: bold }, fc.constantFrom('"a key/with.dots"'));
const integer = fc.constantFrom("0", "1", "2026", "17");
const number = fc.oneof(integer, fc.constantFrom("0.05", "1e-3", "-3", "2.50", "1E6"));
const range = fc.constantFrom("0..1", "0<..<1", "1..10 by 3", "0..", "..5", "-1.5..-1");
const names = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((list): Words =>
    list.flatMap((each, index) => (index === 0 ? words(each) : [tied(","), word(each)])),
  );

const scalar = fc.oneof(
  text,
  number,
  fc.constantFrom("2%", "10min", "512MiB", "true", "null", "low", "tags.status"),
);
const value: fc.Arbitrary<Words> = fc.oneof(
  scalar.map((each) => words(each)),
  fc
    .tuple(fc.array(scalar, { maxLength: 3 }), fc.boolean())
    .map(([items, comma]): Words => [
      word("["),
      ...items.flatMap((item, index) => (index === 0 ? words(item) : [tied(","), word(item)])),
      ...(comma && items.length > 0 ? [tied(",")] : []),
      word("]"),
    ]),
);
const call = fc
  .tuple(name, scalar)
  .map(([callee, argument]): Words => [
    word(callee),
    tied("("),
    ...words("truth"),
    tied(","),
    ...words("average:", argument),
    word(")"),
  ]);
/** The value begins on the line of its `=`. */
const assigned = (list: fc.Arbitrary<Words>): fc.Arbitrary<Words> =>
  list.map(([first, ...rest]) => [word("="), tied(` ${first?.text ?? ""}`), ...rest]);

const comparison = fc
  .tuple(
    fc.constantFrom("cp", "tags.status", "rmse"),
    fc.constantFrom(">=", "<", "!=", "like"),
    scalar,
  )
  .map(([left, operator, right]) => words(left, operator, right));
const condition = fc
  .array(comparison, { minLength: 1, maxLength: 2 })
  .map((list) => list.flatMap((each, index) => (index === 0 ? each : [word("and"), ...each])));

/** The words, or none of them. */
const maybe = (list: fc.Arbitrary<Words>) => fc.option(list, { nil: [] as Words });
const one = (list: fc.Arbitrary<string>) => list.map((each) => words(each));
const after = (start: string, ...rest: readonly fc.Arbitrary<Words>[]) =>
  fc.tuple(...rest).map((lists): Words => [...words(...start.split(" ")), ...lists.flat()]);
const domain = fc.oneof(
  range.map((each) => words("in", each)),
  fc.constant(words("in", "[1, 2 ,3,]")),
  fc.constant(words("matching", '"[a-z]+"')),
);
const type = fc.constantFrom(": int", ":float", ": string?", " : path").map((each) => [tied(each)]);
const format = fc.constantFrom(": csv", ":text", ": folder").map((each) => [tied(each)]);
const at = maybe(text.map((each) => words("at", each)));
const note = maybe(one(text));

const noGaps = { inside: undefined, note: "", dangling: [] } as const;
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Gap>(" ") },
  fc.constantFrom<Gap>("  ", "\t", "\n    ", "\n\n  ", " #\n  ", "\n #\n    "),
);

function piece(list: fc.Arbitrary<Words>): fc.Arbitrary<Piece> {
  return fc.record({
    words: list,
    gaps: fc.array(gap, { minLength: 16, maxLength: 16 }),
    above: fc.array(fc.constantFrom("blank", "blank", "comment", "doc"), { maxLength: 3 }),
    after: fc.boolean(),
    inside: fc.constant(noGaps.inside),
    note: fc.constant(noGaps.note),
    dangling: fc.constant(noGaps.dangling),
  });
}

function block(
  head: fc.Arbitrary<Words>,
  inside: fc.Arbitrary<Piece>,
  end: fc.Arbitrary<string> = fc.constant(""),
) {
  return fc
    .tuple(
      piece(head),
      fc.array(inside, { maxLength: 6 }),
      fc.array(fc.constantFrom("blank", "comment"), { maxLength: 3 }),
      end,
    )
    .map(([first, items, dangling, text]): Piece => ({
      ...first,
      inside: items,
      dangling,
      note: text,
    }));
}

const codeLine = fc.constantFrom(
  "  x <- 1",
  "",
  "   ",
  "}",
  "# a comment of R's",
  "\tconst a = `${b}`  ",
  '"unclosed',
  "#' roxygen",
);
/** A fence is one word: nothing in it is mlpipe's. */
const fence = fc
  .tuple(
    fc.constantFrom("r", "js", "ts"),
    fc.array(codeLine, { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([language, lines, four]) => {
    const ticks = four ? "````" : "```";
    const body = four ? [...lines, "```r", "```"] : lines;
    return words(`${ticks}${language}\n${body.join("\n")}\n    ${ticks}`);
  });

const tag = piece(after("tag", one(key), assigned(value)));
const binding = piece(fc.tuple(key, assigned(value)).map(([k, v]): Words => [...words(k), ...v]));
const param = piece(
  after("param", one(key), maybe(type), maybe(assigned(value)), maybe(domain), note),
);
const expectItem = piece(after("expect", condition));
const set = piece(after("set", one(key), assigned(value)));
const best = piece(
  fc.constantFrom(words("best", "by", "a"), words("best", "by", "a", "then", "b")),
);

const source = fc.oneof(
  one(name),
  name.map((each) => [word("run"), tied(` ${each}`)]),
  fc.constant([word("run"), tied(' "4f3c"')]),
  name.map((each) => words("best", "of", each)),
  fc.tuple(text, maybe(format)).map(([path, of]): Words => [...words(path), ...of]),
);
const stepItem: fc.Arbitrary<Piece> = fc.oneof(
  piece(
    after("input", names, fc.constant(words("as", "other")), fc.constant(words("from")), source),
  ),
  piece(after("input", names, fc.constant(words("from")), source)),
  piece(
    after(
      "metric",
      one(key),
      maybe(fc.constant(words("over", "epoch"))),
      maybe(assigned(call)),
      maybe(one(fc.constantFrom("maximize", "minimize"))),
      maybe(domain),
      note,
    ),
  ),
  piece(after("model", one(key), maybe(fc.constant([tied(": crate")])), at, note)),
  block(
    after("model", one(key), maybe(fc.constant([tied(": crate")])), at),
    fc.oneof(
      tag,
      piece(after("register", one(text), maybe(fc.constant(words("alias", "champion"))))),
      piece(after("probe", one(name))),
      piece(after("packages", names)),
    ),
    fc.constantFrom("", ' "noted"'),
  ),
  piece(after("artifact", one(key), maybe(format), at, note)),
  piece(fence),
  piece(after("script", one(text))),
  piece(after("secret", one(name), fc.constant(words("from", "env", '"TOKEN"')))),
  block(
    fc.constant(words("resources")),
    piece(fc.constantFrom(words("cpus", "2"), words("memory", "4GiB"), words("gpus", "0"))),
  ),
  piece(after("after", names)),
  piece(after("uses", names)),
  piece(fc.constant(words("timeout", "10min"))),
  piece(fc.constant(words("cache", "off"))),
  block(fc.constant(words("env")), binding),
);
const step = fc.oneof(
  block(after("step", one(name)), stepItem),
  block(after("step", one(name), fc.constant([word("="), word("template")])), binding),
);
const tolerance = piece(
  fc.constantFrom(
    words("across", "seeds", "1..5"),
    words("error", "within", "0.01", "abs"),
    words("loss", "within", "2%"),
    words("loss", "within", "4", "ulp"),
    words("a", "exact"),
    words("b", "ignored"),
    words("c", "distribution", "margin", "0.1"),
  ),
);
const runItem: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: stepItem },
  { weight: 3, arbitrary: param },
  step,
  tag,
  expectItem,
  piece(after("seed", one(integer))),
  piece(
    fc.constantFrom(words("reproducible", "exact"), words("reproducible", "exact", "except", "a")),
  ),
  block(fc.constant(words("reproducible")), tolerance),
  piece(after("require", condition, note)),
  piece(after("name", one(text))),
  piece(after("experiment", one(text))),
);
const declaration: fc.Arbitrary<Piece> = fc.oneof(
  { weight: 4, arbitrary: block(after("run", one(name)), runItem) },
  param,
  piece(after("import", one(text))),
  piece(after("import", names, fc.constant(words("from")), one(text))),
  block(
    after("project", one(key)),
    piece(
      fc.constantFrom(words("env", "conda", '"c.yml"'), words("env", "renv"), words("main", "a")),
    ),
  ),
  piece(after("experiment", one(text))),
  block(after("experiment", one(text)), tag),
  block(after("step", one(name)), fc.oneof(stepItem, param)),
  block(
    after("sweep", one(name), fc.constant(words("of", "trees"))),
    fc.oneof(
      piece(fc.constantFrom(words("grid"), words("random", "20", "trials", "seed", "42"))),
      piece(
        after(
          "vary",
          one(name),
          range.map((each) => words("in", "log", each)),
        ),
      ),
      piece(after("vary", one(name), fc.constant(words("in", "[0.1, 1]")))),
      piece(fc.constant(words("parallel", "4"))),
      set,
      best,
      tag,
      expectItem,
    ),
  ),
  block(
    after("compare", one(name)),
    fc.oneof(
      piece(after("runs", names)),
      piece(after("where", condition)),
      piece(after("show", names)),
      best,
    ),
  ),
  block(
    after("launch", one(name)),
    fc.oneof(
      piece(after("git", one(text), at)),
      piece(after("entry", one(name))),
      piece(after("backend", one(name), note)),
      set,
    ),
  ),
);

/** Numbers the comments so that each can be told from all others. */
function numbering(): () => string {
  let count = 0;
  const endings = ["", " }", ' "', " ```r", "  ", " run b { x"];
  return () => `#c${count}c${endings[count++ % endings.length]}`;
}

function writePiece(piece: Piece, depth: number, comment: () => string): string {
  const margin = " ".repeat(depth);
  const above = piece.above.map((kind) => {
    if (kind === "blank") return "\n";
    return `${margin}${kind === "doc" ? `#' ${comment().slice(1).trimEnd()}` : comment()}\n`;
  });
  const after = piece.after ? ` ${comment()}` : "";
  return `${above.join("")}${margin}${writeWords(piece, comment)}${writeInside(piece, depth, comment)}${after}\n`;
}

function writeWords({ words: list, gaps }: Piece, comment: () => string): string {
  return list
    .map(({ text, tied: isTied }, index) => {
      const between = index === 0 || isTied ? "" : (gaps[index % gaps.length] ?? " ");
      return between.replace("#", comment) + text;
    })
    .join("");
}

function writeInside(
  { inside, dangling, note }: Piece,
  depth: number,
  comment: () => string,
): string {
  if (!inside) return "";
  const items = inside.map((item) => writePiece(item, depth + 3, comment)).join("");
  const rest = dangling.map((kind) => (kind === "blank" ? "\n" : `${comment()}\n`)).join("");
  return items + rest === "" ? ` { }${note}` : ` {\n${items}${rest}}${note}`;
}

/** Files without an edition, with one, with comments above it, and with the line breaks of Windows. */
export const randomFile: fc.Arbitrary<string> = fc
  .record({
    edition: fc.constantFrom("", "mlpipe 1\n", "# above\nmlpipe   1 # beside\n\n\n"),
    declarations: fc.array(declaration, { maxLength: 5 }),
    end: fc.constantFrom("", "\n\n# the end", "# the end\n\n\n"),
    windows: fc.boolean(),
  })
  .map(({ edition, declarations, end, windows }) => {
    const comment = numbering();
    const text = edition + declarations.map((each) => writePiece(each, 0, comment)).join("") + end;
    return windows ? text.replaceAll("\n", "\r\n") : text;
  });
