/** Files of objects of R: `.rds`, `.RData`, and the `crate.bin` of MLflow's models. */
import { gunzipSync } from "node:zlib";
import { readObject } from "./read.ts";
import { NotReadable, type Room, unpack } from "../kind.ts";
import type { RValue } from "./value.ts";

/** Throws NotReadable, and TooLarge. */
export function readRFile(file: Buffer, room: Room): RValue {
  const data = decompress(file, room);
  const isWorkspace = /^RD[XA][23]\n/.test(data.toString("latin1", 0, 5));
  return uncrate(readObject(isWorkspace ? data.subarray(5) : data));
}

function decompress(file: Buffer, room: Room): Buffer {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file;
  const data = unpack(gunzipSync, file, room);
  if (!data) throw new NotReadable("is damaged: it does not decompress");
  return data;
}

/** A crate is kept as the bytes of its own serialization. */
function uncrate(value: RValue): RValue {
  if (value.kind !== "numbers" || value.type !== "raw") return value;
  return /^[XBA]\n/.test(value.bytes.toString("latin1", 0, 2)) ? readObject(value.bytes) : value;
}
