/** Files of objects of R: `.rds`, `.RData`, and the `crate.bin` of MLflow's models. */
import { gunzipSync } from "node:zlib";
import { readObject } from "./read.ts";
import { NotReadable } from "../kind.ts";
import type { RValue } from "./value.ts";

/** Throws NotReadable. */
export function readRFile(file: Buffer): RValue {
  const data = decompress(file);
  const isWorkspace = /^RD[XA][23]\n/.test(data.toString("latin1", 0, 5));
  return unpack(readObject(isWorkspace ? data.subarray(5) : data));
}

function decompress(file: Buffer): Buffer {
  if (file[0] === 0x1f && file[1] === 0x8b)
    try {
      return gunzipSync(file);
    } catch {
      throw new NotReadable("is damaged: it does not decompress");
    }
  return file;
}

/** A crate is kept as the bytes of its own serialization. */
function unpack(value: RValue): RValue {
  if (value.kind !== "numbers" || value.type !== "raw") return value;
  return /^[XBA]\n/.test(value.bytes.toString("latin1", 0, 2)) ? readObject(value.bytes) : value;
}
