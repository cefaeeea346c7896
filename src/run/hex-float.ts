/** Doubles as C99 hexadecimal text and back, every bit kept: how floats travel between the runner and a step. */

const bytes = new DataView(new ArrayBuffer(8));
const pattern = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?[0-9]+)$/i;
const named: ReadonlyMap<string, number> = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);

/** `0x1.999999999999ap-4`, `-0x0p+0`, `nan`, `inf`, `-inf`. */
export function printHexFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  bytes.setFloat64(0, value);
  const bits = bytes.getBigUint64(0);
  const sign = bits >> 63n ? "-" : "";
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & 0xfffffffffffffn).toString(16).padStart(13, "0").replace(/0+$/, "");
  if (exponent === 0 && fraction === "") return `${sign}0x0p+0`;
  const power = exponent === 0 ? -1022 : exponent - 1023;
  const point = fraction === "" ? "" : `.${fraction}`;
  return `${sign}0x${exponent === 0 ? 0 : 1}${point}p${power < 0 ? "" : "+"}${power}`;
}

/** Whether `readHexFloat` takes the text: every spelling that C99 prints, not only ours. */
export function isHexFloat(text: string): boolean {
  return named.has(text) || pattern.test(text);
}

/** The number; throws RangeError when `text` is none. */
export function readHexFloat(text: string): number {
  const known = named.get(text);
  if (known !== undefined) return known;
  const [, sign, whole, fraction = "", exponent] = pattern.exec(text) ?? [];
  if (whole === undefined) throw new RangeError(`not a hexadecimal float: ${text}`);
  const power = Number(exponent) - 4 * fraction.length;
  // In two steps, because 2 ** power alone may underflow where the product does not.
  const half = Math.trunc(power / 2);
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** half * 2 ** (power - half);
  return sign === "-" ? -size : size;
}
