/** JSON as Python writes it: bare NaN and Infinity are let in, ids of more than 53 bits keep every digit, and every double can be said. */

/** Bare non-finite numbers become the texts "NaN", "Infinity", "-Infinity". Throws SyntaxError. */
export function parseJson(text: string): unknown {
  return parseWith(parseKeepingIds, text);
}

/** As `parseJson`, several times faster, for requests: an id that is a number instead of a text is for their reader to refuse. */
export function parseRequest(text: string): unknown {
  return parseWith(JSON.parse, text);
}

function parseWith(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const quoted = quoteBareNumbers(text);
    if (quoted === text) throw cause;
    return parse(quoted);
  }
}

/** TypeScript's library does not know the third argument yet; Node has it since 21. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** Looking at every value costs ten times the parsing itself, and few texts hold an id as a number. */
const numberAsId = /_id"\s*:\s*-?\d/;

function parseKeepingIds(text: string): unknown {
  if (!numberAsId.test(text)) return JSON.parse(text) as unknown;
  const keepId: Reviver = (key, value, context) =>
    typeof value === "number" && key.endsWith("_id") ? (context?.source ?? String(value)) : value;
  return JSON.parse(text, keepId) as unknown;
}

/** Strings are matched whole, one that never ends too, so that nothing inside them is touched or looked at twice. */
const stringOrBareNumber = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?$)|-?\bInfinity\b|\bNaN\b/gs;

function quoteBareNumbers(text: string): string {
  return text.replace(stringOrBareNumber, (match) =>
    match.startsWith('"') ? match : `"${match}"`,
  );
}

/** JSON of a message: doubles that JSON lacks become the texts that MLflow reads, and zero keeps its sign. */
export function printJson(value: unknown): string {
  return JSON.stringify(value, textForDouble);
}

function textForDouble(key: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  if (key === "value" && Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? value : String(value);
}
