/** A double as `as.character` of R writes it: at most 15 significant digits, plain where that is not longer. */

/** `bytes`: the double, highest byte first. null: NA. `scipen`: how much longer plain digits may be. */
export function textOfDouble(bytes: Buffer, scipen: number): string | null {
  const value = bytes.readDoubleBE();
  if (Number.isNaN(value)) return bytes.readUInt32BE(4) === 1954 ? null : "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Inf" : "-Inf";
  if (value === 0) return "0";
  const [mantissa = "", exponent = "0"] = value.toExponential(14).split("e");
  const digits = mantissa.replace(/\.?0+$/, "");
  const power = Number(exponent);
  const size = Math.abs(power).toString().padStart(2, "0");
  const scientific = `${digits}e${power < 0 ? "-" : "+"}${size}`;
  const places = Math.max(0, digits.replace(/^-|\./g, "").length - 1 - power);
  const plainWidth = (value < 0 ? 1 : 0) + Math.max(power, 0) + 1 + (places > 0 ? places + 1 : 0);
  return plainWidth <= scientific.length + scipen
    ? plain(`${digits}e${power}`, places)
    : scientific;
}

function plain(text: string, places: number): string {
  return places > 100 ? text : Number(text).toFixed(places);
}
