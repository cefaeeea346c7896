/** Values that are hard to carry: doubles of every bit pattern, and texts that quote, break lines and leave the first plane. */
import fc from "fast-check";

const view = new DataView(new ArrayBuffer(8));

/** The bits of a double; all NaNs are one. */
export function bits(value: number): string {
  if (Number.isNaN(value)) return "nan";
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, "0");
}

function fromBits(pattern: bigint): number {
  view.setBigUint64(0, pattern);
  return view.getFloat64(0);
}

export const anyDouble: fc.Arbitrary<number> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(fromBits),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, -5e-324, 1e5, 1e15, 2 ** 53, 0.1 + 0.2),
  fc.constantFrom(2.225073858507201e-308, 1.7976931348623157e308, 1e21, 1e22, 123456789012345680),
);

/** R's texts hold no zero byte. */
export const anyText: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom('"', "\\", ",", "\n", "\r", "\t", "'", " ", "é", "😀", "\u2028"),
    }),
    fc.constantFrom("NA", "", "TRUE", "1", "-0", "NaN", "#x", "\uFEFF", "\\u0041", "null"),
  )
  .map((text) => text.replaceAll("\0", "x"));
