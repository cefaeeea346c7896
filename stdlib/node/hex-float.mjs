/** Doubles as C99 hexadecimal text and back, every bit kept (`0x1.999999999999ap-4`, `-0x0p+0`, `nan`, `inf`, `-inf`). */

const bytes = new DataView(new ArrayBuffer(8));
const pattern = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?[0-9]+)$/i;
const named = new Map([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);

/** @param {number} value @returns {string} */
export function printHexFloat(value) {
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

/** @param {string} text @returns {number} @throws {RangeError} when the text is no such number */
export function parseHexFloat(text) {
  const known = named.get(text);
  if (known !== undefined) return known;
  const parts = pattern.exec(text);
  if (!parts) throw new RangeError(`not a hexadecimal float: ${text}`);
  const [, sign, whole, fraction = "", exponent] = parts;
  const power = Number(exponent) - 4 * fraction.length;
  // In two steps, because 2 ** power alone may underflow where the product does not.
  const half = Math.trunc(power / 2);
  const size = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** half * 2 ** (power - half);
  return sign === "-" ? -size : size;
}
