/** Objects of R, read without R. */
import type { Kind } from "./kind.ts";
import { digestObject } from "./r/digest.ts";
import { readRFile } from "./r/file.ts";
import type { RValue } from "./r/value.ts";

export const rObject: Kind<RValue> = { read: readRFile, canonical: digestObject };
