/** Vectors that R stores as what they were made from: a range, numbers that are to be texts, a vector with notes. */
import { NotReadable, TooLarge, mostUnpacked } from "../kind.ts";
import { textOfDouble } from "./number-text.ts";
import { type Attributes, type RNumbers, type RValue, attributesOf, widths } from "./value.ts";

/** `name`: R's class of such vectors. */
export function compactVector(name: string, state: RValue, attributes: Attributes): RValue {
  if (name === "compact_intseq" || name === "compact_realseq")
    return range(name === "compact_intseq" ? "integer" : "double", state, attributes);
  if (name === "deferred_string") return texts(state, attributes);
  const wrapped = name.startsWith("wrap_") && state.kind === "pairs" ? state.items[0] : undefined;
  if (wrapped) return withAttributes(wrapped.value, attributes);
  throw new NotReadable(`holds a vector of the class \`${name}\`, which only R can read`);
}

function withAttributes(value: RValue, attributes: Attributes): RValue {
  return "attributes" in value && attributes.length > 0
    ? { ...value, attributes: attributesOf(value).length > 0 ? attributesOf(value) : attributes }
    : value;
}

/** The state: how many, the first, and the step. */
function range(type: "integer" | "double", state: RValue, attributes: Attributes): RNumbers {
  if (state.kind !== "numbers" || state.bytes.length < 24)
    throw new NotReadable("holds a range without ends");
  const [count, first, step] = [0, 8, 16].map((at) => state.bytes.readDoubleBE(at));
  // A range is a few bytes in the file, however long it is.
  if ((count ?? 0) * widths[type] > mostUnpacked) throw new TooLarge();
  const bytes = Buffer.alloc((count ?? 0) * widths[type]);
  for (let i = 0; i < (count ?? 0); i++) {
    const value = (first ?? 0) + i * (step ?? 1);
    if (type === "integer") bytes.writeInt32BE(value, i * 4);
    else bytes.writeDoubleBE(value, i * 8);
  }
  return { kind: "numbers", type, bytes, attributes };
}

/** The state: the numbers, and the `scipen` of the session. */
function texts(state: RValue, attributes: Attributes): RValue {
  const [numbers, settings] = state.kind === "pairs" ? state.items : [];
  const from = numbers?.value;
  if (from?.kind !== "numbers" || (from.type !== "integer" && from.type !== "double"))
    throw new NotReadable("holds texts of numbers without the numbers");
  const scipen = settings?.value.kind === "numbers" ? settings.value.bytes.readInt32BE() : 0;
  const { bytes } = from;
  const values: (string | null)[] = [];
  for (let at = 0; at < bytes.length; at += widths[from.type])
    values.push(
      from.type === "integer"
        ? textOfInteger(bytes.readInt32BE(at))
        : textOfDouble(bytes.subarray(at, at + 8), scipen),
    );
  return { kind: "texts", values, attributes };
}

function textOfInteger(value: number): string | null {
  return value === -0x80000000 ? null : String(value);
}
