/** Values as Python has them after `yaml.safe_load`, and as its `str` and `repr` print them. */

export type PythonValue =
  | { readonly kind: "none" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  /** A date or a time, as `str` prints it. */
  | { readonly kind: "time"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly PythonValue[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [PythonValue, PythonValue])[] };

/** `str(value)`. */
export function pythonText(value: PythonValue): string {
  return value.kind === "text" ? value.value : pythonRepr(value);
}

/** `repr(value)`; a time is printed as by `str`. */
export function pythonRepr(value: PythonValue): string {
  switch (value.kind) {
    case "none":
      return "None";
    case "bool":
      return value.value ? "True" : "False";
    case "int":
      return String(value.value);
    case "float":
      return floatText(value.value);
    case "text":
      return textRepr(value.value);
    case "time":
      return value.text;
    case "list":
      return `[${value.items.map(pythonRepr).join(", ")}]`;
    case "map":
      return `{${value.entries.map(([key, item]) => `${pythonRepr(key)}: ${pythonRepr(item)}`).join(", ")}}`;
    default:
      return value satisfies never;
  }
}

/** The shortest digits that name the number, with an exponent below 1e-4 and from 1e16 on. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [mantissa = "0", power = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) return `${sign}${mantissa}e${exponentText(exponent)}`;
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

function exponentText(exponent: number): string {
  return `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const shown = Array.from(text, (character) => {
    if (character === quote) return `\\${character}`;
    return shortEscapes[character] ?? (isPrintable(character) ? character : escapeOf(character));
  });
  return `${quote}${shown.join("")}${quote}`;
}

function isPrintable(character: string): boolean {
  return character === " " || !/[\p{C}\p{Z}]/u.test(character);
}

function escapeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
