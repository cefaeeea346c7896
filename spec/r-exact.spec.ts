/** Every bit and every character survives the way into R and out of it. One process of R tries many values. */
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readHexFloat } from "../src/run/hex-float.ts";
import type { StepParam } from "../src/run/protocol.ts";
import { artifact, eventsOf, float, noR, runR, testFolder, wentWell } from "./support/r-step.ts";
import { anyDouble, anyText, bits } from "./support/r-values.ts";

type Row = Readonly<Record<string, string | number | boolean | null>>;
const inNode = async <Module>(name: string): Promise<Module> =>
  (await import(new URL(`../stdlib/node/${name}.mjs`, import.meta.url).href)) as Module;
const { parseCsv, printCsv } = await inNode<{
  readonly parseCsv: (text: string) => readonly Row[];
  readonly printCsv: (rows: readonly Row[], what: string) => string;
}>("csv");
const few = { numRuns: 4 } as const;
const seconds = 120_000;

const floats = (name: string, values: readonly number[]): StepParam => ({
  name,
  type: "float",
  value: values.map((value) => float("", value).value),
});
const texts = (name: string, value: readonly string[]): StepParam => ({
  name,
  type: "string",
  value,
});

describe.skipIf(noR)("values through R", () => {
  test(
    "floats keep every bit as params, as points and as single metrics",
    { timeout: seconds },
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyDouble, { minLength: 1, maxLength: 400 }), async (values) => {
          const ran = wentWell(
            await runR({
              params: [floats("xs", values), float("one", values[0] ?? 0)],
              code: "log_metric('all', xs, step = seq_along(xs))\nfor (x in xs) log_metric('each', x)\nlog_metric('one', one)\n",
            }),
          );
          const sent = values.map(bits);
          const all = eventsOf(ran, "metrics").flatMap((event) => event.values);
          const points = values.length === 1 ? [] : sent;
          expect(all.map((text) => bits(readHexFloat(text)))).toEqual(points);
          const single = eventsOf(ran, "metric").filter(({ key }) => key === "each");
          expect(single.map(({ value }) => bits(readHexFloat(value)))).toEqual(sent);
          expect(bits(readHexFloat(eventsOf(ran, "metric").at(-1)?.value ?? ""))).toBe(sent[0]);
        }),
        few,
      ),
  );

  test("params of every type reach R as they are", { timeout: seconds }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(anyText, { minLength: 1, maxLength: 200 }),
        fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 200 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        async (words, ints, flags) => {
          const ran = wentWell(
            await runR({
              params: [
                texts("words", words),
                { name: "ints", type: "int", value: ints },
                { name: "flags", type: "bool", value: flags },
              ],
              code: "stopifnot(is.character(words), is.numeric(ints), is.logical(flags))\nall <- list(words = I(words), ints = I(ints), flags = I(flags))\n",
              artifacts: [artifact("all", "json")],
            }),
          );
          expect(JSON.parse(ran.output("all.json"))).toEqual({ words, ints, flags });
        },
      ),
      few,
    ),
  );

  test(
    "csv keeps every bit and character, from R to R and from R to Node",
    { timeout: seconds },
    () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(anyDouble, anyText), { minLength: 2, maxLength: 200 }),
          async (rows) => {
            const numbers = rows.map(([number]) => number);
            const words = rows.map(([, word]) => word);
            const first = wentWell(
              await runR({
                params: [floats("xs", numbers), texts("words", words)],
                code: "t <- data.frame(x = xs, `a name` = words, n = seq_along(xs), check.names = FALSE)\nt$`a name`[2] <- NA\n",
                artifacts: [artifact("t", "csv")],
              }),
            );
            const known = [...words.slice(0, 1), null, ...words.slice(2)];
            const seen = parseCsv(first.output("t.csv"));
            expect(seen.map((row) => bits(row["x"] as number))).toEqual(numbers.map(bits));
            expect(seen.map((row) => row["a name"])).toEqual(known);
            const second = wentWell(
              await runR({
                inputs: [
                  {
                    variable: "t",
                    kind: "artifact",
                    format: "csv",
                    path: join(first.folder, "out/t.csv"),
                  },
                ],
                params: [texts("words", words)],
                code: "log_metric('x', t$x, step = t$n)\nstopifnot(identical(t$`a name`, replace(words, 2, NA)), is.integer(t$n))\n",
                artifacts: [artifact("t", "csv")],
              }),
            );
            const back = eventsOf(second, "metrics").flatMap((event) => event.values);
            expect(back.map((text) => bits(readHexFloat(text)))).toEqual(numbers.map(bits));
            expect(second.output("t.csv")).toBe(first.output("t.csv"));
          },
        ),
        // Whole, and beyond what a double counts one by one.
        { ...few, examples: [[[[0, ""] as const, [-9007267102393792, ""] as const]]] },
      ),
  );

  test("csv and json that Node writes are read in R as they are", { timeout: seconds }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyDouble, anyText), { minLength: 2, maxLength: 200 }),
        async (pairs) => {
          const rows = pairs.map(([x, word], i) => ({ x, word, i }));
          const finite = rows.filter(({ x }) => Number.isFinite(x) && !Object.is(x, -0));
          const folder = testFolder();
          const files = { "t.csv": printCsv(rows, "t"), "j.json": JSON.stringify(finite) };
          const second = wentWell(
            await runR({
              folder,
              files,
              inputs: [
                { variable: "t", kind: "artifact", format: "csv", path: join(folder, "t.csv") },
                { variable: "j", kind: "artifact", format: "json", path: join(folder, "j.json") },
              ],
              params: [
                texts(
                  "words",
                  rows.map(({ word }) => word),
                ),
              ],
              code: "log_metric('x', t$x, step = seq_along(t$x))\nstopifnot(identical(t$word, words))\n",
              artifacts: [artifact("j", "json")],
            }),
          );
          const back = eventsOf(second, "metrics").flatMap((event) => event.values);
          expect(back.map((text) => bits(readHexFloat(text)))).toEqual(
            rows.map(({ x }) => bits(x)),
          );
          expect(JSON.parse(second.output("j.json"))).toEqual(finite);
        },
      ),
      few,
    ),
  );

  test("json from R reads back in R the same, whatever is nested", { timeout: seconds }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), {
          minLength: 1,
          maxLength: 60,
        }),
        async (values) => {
          const text = JSON.stringify({ values }).replaceAll("\\u0000", "x");
          const clean = unboxed(named(JSON.parse(text)));
          const folder = testFolder();
          const files = { "j.json": JSON.stringify(clean) };
          const inputs = [
            { variable: "j", kind: "artifact", format: "json", path: join(folder, "j.json") },
          ] as const;
          const ran = wentWell(
            await runR({ folder, files, inputs, code: "1\n", artifacts: [artifact("j", "json")] }),
          );
          const again = wentWell(
            await runR({
              inputs: [
                { ...inputs[0], variable: "k", path: join(ran.folder, "out/j.json") },
                inputs[0],
              ],
              code: "stopifnot(identical(j, k))\n",
            }),
          );
          expect(again.exitCode).toBe(0);
          const written: unknown = JSON.parse(readFileSync(join(ran.folder, "out/j.json"), "utf8"));
          expect(unboxed(written)).toEqual(clean);
        },
      ),
      few,
    ),
  );
});

/** R has no empty names: they are written as the element's number. */
function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key === "" ? "k" : key, named(it)]),
  );
}

/** R has no scalars, so an array of one is its element; a minus zero is a zero to `toEqual`'s eyes only when said so. */
function unboxed(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(unboxed);
    const [only] = items;
    return items.length === 1 && (typeof only !== "object" || only === null) ? only : items;
  }
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, unboxed(it)]));
  return value === 0 ? 0 : value;
}
