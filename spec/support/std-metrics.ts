/** Cases of the standard metrics: computed in Node, and many at once in one process of R. */
import fc from "fast-check";
import { join } from "node:path";
import { printHexFloat, readHexFloat } from "../../src/run/hex-float.ts";
import { runR, testFolder, wentWell } from "./r-step.ts";

type Cell = string | number | boolean;

/** Arguments of one call; `guess` is its second argument, whatever its name. */
export interface Case {
  readonly metric: string;
  readonly truth: readonly Cell[];
  readonly guess: readonly Cell[] | readonly Readonly<Record<string, number>>[];
  readonly options?: Readonly<Record<string, string | number>>;
}

/** `problem` is worded as in R, where elements and rows count from 1. */
export interface Outcome {
  readonly value?: number;
  readonly problem?: string;
}

type Metric = (truth: unknown, guess: unknown, options?: object) => number;
const metrics = (await import(
  new URL("../../stdlib/node/metrics.mjs", import.meta.url).href
)) as Readonly<Record<string, Metric>>;

export function inNode({ metric, truth, guess, options = {} }: Case): Outcome {
  try {
    return { value: metrics[metric]?.(truth, guess, options) ?? NaN };
  } catch (error) {
    return { problem: fromOne((error as Error).message, typeof guess[0] === "object") };
  }
}

function fromOne(message: string, isTable: boolean): string {
  return message
    .replace(/`(\w+)\[(\d+)\]`/, (_, name: string, at: string) =>
      isTable && name !== "truth"
        ? `row ${Number(at) + 1} of \`${name}\``
        : `\`${name}[${Number(at) + 1}]\``,
    )
    .replace(/ is (-?)Infinity$/, " is $1Inf")
    .replace(" is no array", " is no vector");
}

/** The outcomes in order, from one process. */
export async function inR(cases: readonly Case[]): Promise<readonly Outcome[]> {
  const folder = testFolder();
  const ran = wentWell(
    await runR({
      folder,
      files: { "cases.json": JSON.stringify(cases.map(forR)) },
      inputs: [
        { variable: "cases", kind: "artifact", format: "json", path: join(folder, "cases.json") },
      ],
      code: `exact <- function(x) if (is.character(x)) as.numeric(x) else x
vector_of <- function(x) if (x$kind == "numbers") as.numeric(unlist(x$values)) else as.character(unlist(x$values))
outcomes <- vapply(cases, function(one) {
  guess <- if (one$guess$kind == "table") {
    as.matrix(as.data.frame(lapply(one$guess$values, function(x) as.numeric(unlist(x))), check.names = FALSE))
  } else vector_of(one$guess)
  tryCatch(
    sprintf("%a", do.call(metrics[[one$metric]], c(list(vector_of(one$truth), guess), one$options))),
    error = conditionMessage
  )
}, "")
`,
      artifacts: [
        { key: "outcomes", variable: "outcomes", format: "json", path: "out.json", required: true },
      ],
    }),
  );
  const texts = JSON.parse(ran.output("out.json")) as readonly string[];
  return texts.map((text) =>
    /^(?:-?0x|nan|-?inf)/i.test(text)
      ? { value: readHexFloat(text.toLowerCase()) }
      : { problem: text },
  );
}

function forR({ metric, truth, guess, options = {} }: Case) {
  return { metric, truth: wire(truth), guess: wire(guess), options };
}

/** Numbers as hexadecimal texts, which R reads exactly; a table by its columns. */
function wire(values: Case["guess"]) {
  const [first] = values;
  if (typeof first === "number")
    return { kind: "numbers", values: (values as readonly number[]).map(printHexFloat) };
  if (typeof first !== "object") return { kind: "texts", values };
  const rows = values as readonly Readonly<Record<string, number>>[];
  const table = Object.keys(first).map((name) => [
    name,
    rows.map((row) => printHexFloat(row[name] ?? NaN)),
  ]);
  return { kind: "table", values: Object.fromEntries(table) as object };
}

type Arguments<Element> = fc.Arbitrary<{
  readonly truth: readonly Element[];
  readonly guess: readonly Element[];
}>;

const number = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 3 }) },
);

function unzip<A, B>(pairs: readonly (readonly [A, B])[]) {
  return { truth: pairs.map(([a]) => a), guess: pairs.map(([, b]) => b) };
}

export const numbers: Arguments<number> = fc
  .array(fc.tuple(number, number), { minLength: 2, maxLength: 40 })
  .map(unzip);

const label = fc.constantFrom("a", "b", "B", "é", "10", "9", "\u{1F600}", "\uFFFD");
export const labels: Arguments<string> = fc
  .array(fc.tuple(label, label), { minLength: 2, maxLength: 40 })
  .map(unzip);

const probability = fc.oneof(
  // The least doubles have too few bits to add up to one again.
  fc.double({ min: 0, max: 1, noNaN: true }).map((it) => (it < 1e-300 ? 0 : it)),
  fc.constantFrom(0, 0.25, 0.5, 1),
);
export const scores: Arguments<number> = fc
  .array(fc.tuple(fc.constantFrom(0, 1), probability), { minLength: 2, maxLength: 40 })
  .map(unzip);

const classes = ["a", "B", "é"] as const;
/** A share for each class; now and then not adding up to one. */
const distribution = fc
  .tuple(probability, probability, probability, fc.boolean())
  .map(([a, b, c, isWhole]) => {
    const sum = a + b + c;
    const divisor = isWhole || sum > 0 ? sum : 1;
    return divisor === 0
      ? { a: 1, B: 0, é: 0 }
      : { a: a / divisor, B: b / divisor, é: c / divisor };
  });
export const columns: fc.Arbitrary<Pick<Case, "truth" | "guess">> = fc
  .array(fc.tuple(fc.constantFrom(...classes), distribution), { minLength: 2, maxLength: 30 })
  .map(unzip);
