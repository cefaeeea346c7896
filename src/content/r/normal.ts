/** What is left out or put in order, so that the same content is the same value. */
import { type Attributes, type Entry, type RValue, widths } from "./value.ts";

/** They say in which file code was written. */
const written = new Set(["srcref", "srcfile", "wholeSrcref"]);

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

export function normalAttributes(list: RValue): Attributes {
  if (list.kind !== "pairs") return [];
  return list.items
    .filter(({ name }) => !written.has(name))
    .map((entry) =>
      entry.name === "row.names" ? { ...entry, value: rowNames(entry.value) } : entry,
    )
    .toSorted(byName);
}

/** Row names 1 to n are kept as `c(NA, -n)`, or as `c(NA, n)`. */
function rowNames(value: RValue): RValue {
  if (value.kind !== "numbers" || value.type !== "integer" || value.bytes.length !== 8)
    return value;
  if (value.bytes.readInt32BE() !== -0x80000000) return value;
  const bytes = Buffer.from(value.bytes);
  bytes.writeInt32BE(-Math.abs(bytes.readInt32BE(4)), 4);
  return { ...value, bytes };
}

/** The order of a hash table depends on its history. */
export function normalVariables(frame: RValue, table: RValue): readonly Entry[] {
  const chains = table.kind === "list" ? [frame, ...table.items] : [frame];
  return chains.flatMap((chain) => (chain.kind === "pairs" ? chain.items : [])).toSorted(byName);
}

/** Sign and payload of a NaN depend on the machine, but for the payload that says NA. Changes `bytes`, and gives them back. */
export function normalDoubles(bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; at += widths.double) {
    if ((bytes.readUInt16BE(at) & 0x7ff0) !== 0x7ff0) continue;
    if (!Number.isNaN(bytes.readDoubleBE(at))) continue;
    const isMissing = bytes.readUInt32BE(at + 4) === 1954;
    bytes.writeBigUInt64BE(isMissing ? 0x7ff00000000007a2n : 0x7ff8000000000000n, at);
  }
  return bytes;
}
