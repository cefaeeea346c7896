/** Arbitrary changes of a text, such as hands and accidents make. */
import fc from "fast-check";

export interface Change {
  /** Where, as a share of the text's length. */
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const marks = "{ } ( [ ] \" # #' ``` ```` = , ; ' ${ \\ 0.. 1e999 true metric é".split(" ");
const lines = [
  "\n",
  "\r\n",
  "\n\n",
  "```r\n",
  "run x {\n",
  "\nparam y = 1\n",
  "\nstep s {",
  "mlpipe 2\n",
];
const oddities = ["parm ", " ", "\0", "\ud800", "\udc00", "\u00a0", "\u2028"];
const bits = fc.constantFrom(...marks, ...lines, ...oddities);

export const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(120)),
  insert: fc.oneof(fc.constant(""), bits, fc.string({ unit: "grapheme", maxLength: 8 })),
});

export function applyChange(text: string, { at, remove, insert }: Change): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + insert + text.slice(start + remove);
}
