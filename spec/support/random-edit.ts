/** Arbitrary changes of a text, such as hands and accidents make. */
import fc from "fast-check";

export interface Change {
  /** Where, as a share of the text's length. */
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

const bits = fc.constantFrom(
  ...["{", "}", "(", "[", "]", '"', "#", "#' ", "```", "````", "```r\n", "\n", "\r\n", "\n\n", " "],
  ...[
    "run x {\n",
    "\nparam y = 1\n",
    "\nstep s {",
    "metric",
    "parm ",
    "mlpipe 2\n",
    "=",
    ",",
    ";",
    "'",
  ],
  ...["\0", "\ud800", "\udc00", "\u00a0", "é", "1e999", "${", "\\", "0..", "true", "\u2028"],
);

export const change: fc.Arbitrary<Change> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constant(0), fc.nat(12), fc.nat(120)),
  insert: fc.oneof(fc.constant(""), bits, fc.string({ unit: "grapheme", maxLength: 8 })),
});

export function applyChange(text: string, { at, remove, insert }: Change): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + insert + text.slice(start + remove);
}
